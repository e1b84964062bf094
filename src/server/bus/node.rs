//! What nodes say to each other about themselves: who is connected to which of them.
//!
//! Each node tells what changes at it, and now and then that it lives and what all of it comes to, so that whoever missed
//! a change knows that, and asks. Nothing of it is stored; a node that falls silent is forgotten with all that it said.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::protocol::{Status, UserId};

/// A node, from its start to its end: a program that starts again is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u64);

impl NodeId {
    /// One that no other node has.
    #[must_use]
    pub fn random() -> Self {
        // The hasher's keys are random, and all that is wanted here.
        Self(RandomState::new().build_hasher().finish())
    }
}

/// What one node says to all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeWord {
    pub from: NodeId,
    pub said: NodeSaid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeSaid {
    /// It lives. What it said up to now comes to this digest.
    Alive { digest: u64 },
    /// This node, or every node where none is named, is asked for all of its users.
    Asks(Option<NodeId>),
    /// These are now so; one who is offline is no longer at this node.
    Changes(Vec<(UserId, Status)>),
    /// All of its users, in parts that follow each other: the first is 1.
    All { part: u32, parts: u32, users: Vec<(UserId, Status)> },
}
