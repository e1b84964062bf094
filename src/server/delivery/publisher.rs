//! The one publisher: what this node's store committed goes to the bus, in commit order.
//!
//! It belongs to no request: a cancelled request cannot commit unseen, and racing requests cannot reorder. Each
//! event is encoded once. An event that the bus does not take for other nodes is not offered again: it is committed, and
//! their watch finds it; this node has been told, and must not wait for the others.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::server::bus::{Bus, BusError, BusMessage};
use crate::server::shutdown::Shutdown;
use crate::server::store::Committed;

/// Time for one message: commits must not wait for a bus.
const TRY: Duration = Duration::from_secs(1);
/// Time at the end, for what was published last to leave this node. It goes down in less than ten seconds.
const LAST: Duration = Duration::from_millis(300);

/// Publishes until the store has closed.
pub(super) async fn run(bus: Arc<dyn Bus>, mut committed: Committed, shutdown: Shutdown) {
    let mut away = false;
    while let Some(commit) = committed.recv().await {
        for event in &commit.events {
            let gone = commit.gone.get(&(event.stream, event.seq));
            let taken = publish(bus.as_ref(), BusMessage::of_event(event).without(gone.copied())).await;
            if taken == away && !shutdown.has_begun() {
                away = !taken;
                if away {
                    tracing::warn!("the bus takes nothing: what is committed here reaches other nodes late");
                } else {
                    tracing::info!("the bus is back");
                }
            }
        }
    }
    if !away {
        let _ = timeout(LAST, bus.ping()).await;
    }
}

async fn publish(bus: &dyn Bus, message: BusMessage) -> bool {
    let error = match timeout(TRY, bus.publish(message)).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error,
        Err(_) => BusError::Unavailable("it does not answer".into()),
    };
    tracing::debug!(%error, "an event was not published");
    false
}
