//! A connection's place in the map, held by its task.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;

use super::Chatters;
use super::connection::{Connection, End, Outgoing};
use crate::protocol::{SessionId, UserId};

/// A connection's place in the map and the receiving half of its queue; leaves on drop.
pub struct Registration {
    pub(super) chatters: Chatters,
    pub(super) user: UserId,
    pub(super) connection: Arc<Connection>,
    pub(super) receiver: mpsc::Receiver<Outgoing>,
}

impl Registration {
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    #[must_use]
    pub fn session(&self) -> SessionId {
        self.connection.session
    }

    /// The next frame. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Outgoing> {
        let outgoing = self.receiver.recv().await?;
        self.took(&outgoing);
        Some(outgoing)
    }

    /// The next frame, if one waits.
    pub fn try_recv(&mut self) -> Option<Outgoing> {
        let outgoing = self.receiver.try_recv().ok()?;
        self.took(&outgoing);
        Some(outgoing)
    }

    fn took(&self, outgoing: &Outgoing) {
        self.connection.queued_bytes.fetch_sub(outgoing.frame.len(), Ordering::Relaxed);
    }

    /// A future that resolves when the server ends this connection from outside. It borrows nothing,
    /// so that it can be awaited beside [`Registration::recv`]. Cancel-safe.
    pub fn ended(&self) -> impl Future<Output = End> + Send + use<> {
        let connection = self.connection.clone();
        async move { *connection.end.wait().await }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut map = self.chatters.lock();
        let Some(connections) = map.get_mut(&self.user) else { return };
        connections.retain(|c| c.id != self.connection.id);
        if connections.is_empty() {
            map.remove(&self.user);
            drop(map);
            if let Some(left) = &self.chatters.left {
                let _ = left.send(self.user);
            }
        }
    }
}
