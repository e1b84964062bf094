//! A connection's place in the map, held by its task.

use std::sync::Arc;

use super::{Chatters, Line};
use crate::protocol::{SessionId, UserId};

/// A connection as the map knows it.
pub(super) struct Member {
    pub(super) session: SessionId,
    pub(super) line: Arc<Line>,
}

/// A connection's place in the map; leaves on drop.
pub struct Registration {
    pub(super) chatters: Chatters,
    pub(super) user: UserId,
    pub(super) line: Arc<Line>,
}

impl Registration {
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut map = self.chatters.lock();
        let Some(connections) = map.get_mut(&self.user) else { return };
        connections.retain(|member| !Arc::ptr_eq(&member.line, &self.line));
        if connections.is_empty() {
            map.remove(&self.user);
            drop(map);
            if let Some(left) = &self.chatters.left {
                let _ = left.send(self.user);
            }
        }
    }
}
