//! What the other nodes say of themselves. Pure.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::roll::Roll;
use crate::protocol::{Status, UserId};
use crate::server::bus::NodeId;

/// A node that is not heard for so long is forgotten with all its users: three times what it takes to say that it lives.
pub(super) const FORGET: Duration = Duration::from_secs(15);

#[derive(Debug)]
struct Other {
    heard: Instant,
    roll: Roll,
    /// Parts of all its users that have come, while not all have.
    coming: Option<Coming>,
}

#[derive(Debug)]
struct Coming {
    part: u32,
    parts: u32,
    users: Vec<(UserId, Status)>,
}

#[derive(Debug, Default)]
pub(super) struct Nodes(HashMap<NodeId, Other>);

impl Nodes {
    /// The most that any of them says.
    pub(super) fn get(&self, user: UserId) -> Status {
        self.0.values().map(|other| other.roll.get(user)).max().unwrap_or(Status::Offline)
    }

    /// A sign of life.
    pub(super) fn hear(&mut self, node: NodeId, now: Instant) {
        self.other(node, now).heard = now;
    }

    fn other(&mut self, node: NodeId, now: Instant) -> &mut Other {
        self.0.entry(node).or_insert_with(|| Other { heard: now, roll: Roll::default(), coming: None })
    }

    /// Whether what is known of the node comes to this.
    pub(super) fn agrees(&self, node: NodeId, digest: u64) -> bool {
        self.0.get(&node).is_some_and(|other| other.roll.digest() == digest)
    }

    pub(super) fn set(&mut self, node: NodeId, user: UserId, status: Status) {
        if let Some(other) = self.0.get_mut(&node) {
            other.roll.set(user, status);
        }
    }

    /// A part of all the node's users came. With the last one: what is other than what was known.
    pub(super) fn part(
        &mut self,
        node: NodeId,
        part: u32,
        parts: u32,
        users: Vec<(UserId, Status)>,
    ) -> Vec<(UserId, Status)> {
        let Some(other) = self.0.get_mut(&node) else { return Vec::new() };
        let coming = match other.coming.take() {
            _ if part == 1 => Coming { part, parts, users },
            Some(mut coming) if coming.part + 1 == part && coming.parts == parts => {
                coming.part = part;
                coming.users.extend(users);
                coming
            }
            // One before it was lost. What is known stays, and is seen not to agree when the node says that it lives.
            _ => return Vec::new(),
        };
        if coming.part < coming.parts {
            other.coming = Some(coming);
            return Vec::new();
        }
        let mut all = Roll::default();
        coming.users.into_iter().for_each(|(user, status)| all.set(user, status));
        let gone = other.roll.users().filter(|(user, _)| all.get(*user) == Status::Offline);
        let gone = gone.map(|(user, _)| (user, Status::Offline));
        gone.chain(all.users().filter(|(user, status)| other.roll.get(*user) != *status)).collect()
    }

    /// When the next one is to be forgotten, if nothing is heard of it.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.values().map(|other| other.heard + FORGET).min()
    }

    /// Those of which nothing was heard for too long.
    pub(super) fn silent(&self, now: Instant) -> Vec<NodeId> {
        self.0.iter().filter(|(_, other)| other.heard + FORGET <= now).map(|(node, _)| *node).collect()
    }

    pub(super) fn users(&self, node: NodeId) -> Vec<UserId> {
        self.0.get(&node).map_or_else(Vec::new, |other| other.roll.users().map(|(user, _)| user).collect())
    }

    pub(super) fn forget(&mut self, node: NodeId) {
        self.0.remove(&node);
    }
}
