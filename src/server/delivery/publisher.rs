//! The one publisher: what this node's store committed goes to the bus, in commit order.
//!
//! It belongs to no request: a cancelled request cannot commit unseen, and racing requests cannot reorder. Each
//! event is encoded once. An event that the bus does not take is dropped after a few tries: it is committed, and
//! the nodes' watch finds it. What must not happen is that commits wait for a bus that is away.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::server::bus::{Bus, BusMessage};
use crate::server::shutdown::Shutdown;
use crate::server::store::Committed;

/// Time for one try.
const TRY: Duration = Duration::from_secs(1);
/// Waits between the tries of the first message that the bus does not take.
const WAITS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200)];

/// Publishes until the store has closed.
pub(super) async fn run(bus: Arc<dyn Bus>, mut committed: Committed, shutdown: Shutdown) {
    let mut away = false;
    while let Some(events) = committed.recv().await {
        for event in &events {
            let message = BusMessage::of_event(event);
            let taken = if away || shutdown.has_begun() {
                // Not again for every message of an outage: one try each, in order, until it is back.
                publish(bus.as_ref(), message).await
            } else {
                publish_patiently(bus.as_ref(), message).await
            };
            if taken == away && !shutdown.has_begun() {
                away = !taken;
                if away {
                    tracing::warn!("the bus takes nothing: what is committed reaches its readers late");
                } else {
                    tracing::info!("the bus is back");
                }
            }
        }
    }
}

async fn publish_patiently(bus: &dyn Bus, message: BusMessage) -> bool {
    for wait in WAITS {
        if publish(bus, message.clone()).await {
            return true;
        }
        sleep(wait).await;
    }
    publish(bus, message).await
}

async fn publish(bus: &dyn Bus, message: BusMessage) -> bool {
    match timeout(TRY, bus.publish(message)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::debug!(%error, "an event was not published");
            false
        }
        Err(_) => false,
    }
}
