//! The conversations of a run, and who is in them.

use crate::history::Conversation;

/// A group that the run made. Its manager stays; the others come and go.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) conversation: u32,
    pub(super) manager: usize,
    pub(super) comers: Vec<usize>,
}

/// Where somebody who comes and goes is, as far as the answers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    In,
    Out,
    /// The last move was never answered.
    Unsure,
}

/// The conversations of a run, and who is in them.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) conversations: Vec<Conversation>,
    /// Of each person, the conversations that they are in from beginning to end.
    pub(super) memberships: Vec<Vec<u32>>,
    /// Of each person, the groups that they come to and go from.
    pub(super) comings: Vec<Vec<u32>>,
    pub(super) groups: Vec<Group>,
    /// The installation's ids of people, as far as they are known; 0 of others.
    pub(super) ids: Vec<i64>,
}
