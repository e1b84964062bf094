//! The watch: looks for what the bus lost, and for what other processes did to the same store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Command;
use crate::server::chatters::Chatters;
use crate::server::clock::now_ms;
use crate::server::shutdown::Shutdown;
use crate::server::store::{Store, StoreError};

/// How often another process's commits are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// Shortest time between two checks of everything, however busily another process writes.
const APART: Duration = Duration::from_secs(1);
/// How often all followed logs are compared, whatever is known: the bus may have lost a last event.
const COMPARE: Duration = Duration::from_secs(10);
/// How often the sessions of all connected chatters are looked for: they expire, and the bus may lose an end.
const SESSIONS: Duration = Duration::from_secs(5 * 60);

pub(super) async fn run(
    store: Arc<dyn Store>,
    chatters: Chatters,
    commands: mpsc::Sender<Command>,
    shutdown: Shutdown,
) {
    let began = shutdown.began();
    tokio::pin!(began);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut compared, mut sessions) = (Instant::now(), Instant::now());
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
        if check || compared.elapsed() >= COMPARE {
            compared = Instant::now();
            if commands.send(Command::Check).await.is_err() {
                return;
            }
        }
        if check || sessions.elapsed() >= SESSIONS {
            sessions = Instant::now();
            if let Err(error) = end_dead_sessions(store.as_ref(), &chatters).await {
                tracing::warn!(%error, "the sessions of connected chatters could not be checked");
            }
        }
    }
}

/// A command beside the server may have changed a password: sessions also end without a message on the bus.
async fn end_dead_sessions(store: &dyn Store, chatters: &Chatters) -> Result<(), StoreError> {
    for (user, session) in chatters.sessions() {
        if store.session_by_id(session, now_ms()).await?.is_none() {
            chatters.end_sessions(user, &[session]);
        }
    }
    Ok(())
}
