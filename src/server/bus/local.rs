//! The bus of a single node: a bounded channel inside the process.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Bus, BusError, BusMessage, Inbound, Received, Topic};

/// Messages that may wait for the node's delivery task; a publisher waits beyond that, so that memory stays
/// bounded. The delivery task never waits for a reader, so the wait is short.
pub(super) const WAITING: usize = 4_096;

/// Carries everything to the one node there is, whether it subscribed or not.
pub struct LocalBus {
    sender: mpsc::Sender<Received>,
}

impl LocalBus {
    /// The bus, and what this node receives from it.
    #[must_use]
    pub fn open() -> (Self, Inbound) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self { sender }, receiver)
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
        let gone = || BusError::Unavailable("the node's delivery task is gone".into());
        self.sender.send(Received::Message(message)).await.map_err(|_| gone())
    }

    async fn subscribe(&self, _topic: Topic) -> Result<(), BusError> {
        Ok(())
    }

    async fn unsubscribe(&self, _topic: Topic) -> Result<(), BusError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), BusError> {
        if self.sender.is_closed() {
            return Err(BusError::Unavailable("the node's delivery task is gone".into()));
        }
        Ok(())
    }
}
