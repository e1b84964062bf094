//! The watch: looks for what the bus lost, and for what other processes did to the same store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Command;
use super::sessions::Doubts;
use crate::server::bus::Bus;
use crate::server::shutdown::Shutdown;
use crate::server::store::Store;

/// How often another process's commits are looked for.
pub(super) const LOOK: Duration = Duration::from_millis(500);
/// Shortest time between two checks of everything, however busily another process writes.
const APART: Duration = Duration::from_secs(1);
/// How often all followed logs are compared, whatever is known: the bus may have lost a last event.
const COMPARE: Duration = Duration::from_secs(10);
/// The same while the bus is away, and other nodes are heard of through the store alone: at every second look, so once a
/// second.
pub(super) const AWAY: Duration = Duration::from_millis(750);

pub(super) async fn run(
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    commands: mpsc::Sender<Command>,
    doubts: Arc<Doubts>,
    shutdown: Shutdown,
) {
    let began = shutdown.began();
    tokio::pin!(began);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut compared = Instant::now();
    // What another process did is kept in mind until the next check of everything may be.
    let mut changed = false;
    loop {
        tokio::select! {
            () = &mut began => return,
            _ = look.tick() => {}
        }
        changed |= store.changed_elsewhere().await.unwrap_or_else(|error| {
            tracing::debug!(%error, "the store does not say whether it was changed elsewhere");
            false
        });
        let check = changed && compared.elapsed() >= APART;
        changed &= !check;
        if check || compared.elapsed() >= if bus.is_away() { AWAY } else { COMPARE } {
            compared = Instant::now();
            if commands.send(Command::Check).await.is_err() {
                return;
            }
        }
        if check {
            // A command beside the server may have changed a password.
            doubts.everybodys();
        }
    }
}
