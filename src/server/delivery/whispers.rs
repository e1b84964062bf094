//! What is passing goes to the bus beside what was committed: who types, who is there. Nobody waits for it, and what does
//! not get through is not offered again.
//!
//! Apart from the delivery task, as the bus hands a node what it publishes: the task would wait for itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::server::bus::{Bus, BusMessage};

/// Messages that may wait: all users of a large node at once, and who types meanwhile.
pub(super) const WAITING: usize = 256;
/// Time for one message.
const TRY: Duration = Duration::from_secs(1);

/// Publishes until the delivery task has ended.
pub(super) async fn run(bus: Arc<dyn Bus>, mut whispers: mpsc::Receiver<BusMessage>) {
    while let Some(message) = whispers.recv().await {
        if !matches!(timeout(TRY, bus.publish(message)).await, Ok(Ok(()))) {
            tracing::debug!("the bus did not take what is passing");
        }
    }
}
