//! A connection's place in the map, held by its task.

use std::sync::Arc;

use super::{Chatters, Line};
use crate::protocol::{SessionId, Status, UserId};

/// A connection as the map knows it.
pub(super) struct Member {
    pub(super) session: SessionId,
    pub(super) line: Arc<Line>,
    /// Nobody sits at its device just now.
    pub(super) idle: bool,
}

/// How far somebody with these connections is there.
pub(super) fn status(connections: &[Member]) -> Status {
    match connections {
        [] => Status::Offline,
        _ if connections.iter().all(|member| member.idle) => Status::Away,
        _ => Status::Online,
    }
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

    /// Somebody sits at the device, or nobody.
    pub fn set_idle(&self, idle: bool) {
        let mut map = self.chatters.lock();
        let Some(connections) = map.get_mut(&self.user) else { return };
        let before = status(connections);
        let theirs = connections.iter_mut().filter(|member| Arc::ptr_eq(&member.line, &self.line));
        theirs.for_each(|member| member.idle = idle);
        let changed = status(connections) != before;
        drop(map);
        if changed {
            self.tell();
        }
    }

    fn tell(&self) {
        if let Some(changed) = &self.chatters.changed {
            let _ = changed.send(self.user);
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut map = self.chatters.lock();
        let Some(connections) = map.get_mut(&self.user) else { return };
        let before = status(connections);
        connections.retain(|member| !Arc::ptr_eq(&member.line, &self.line));
        let changed = status(connections) != before;
        if connections.is_empty() {
            map.remove(&self.user);
        }
        drop(map);
        if changed {
            self.tell();
        }
    }
}
