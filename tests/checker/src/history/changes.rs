//! What is changed: messages that are edited, deleted and reacted to, and people who come and go.

use super::Outcome;
use crate::stamp::{ChangeId, OpId};

/// A change to a message. Times are microseconds on the run's one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub conversation: u32,
    pub target: OpId,
    /// The target's number in the log.
    pub of: u32,
    pub kind: Kind,
    pub invoked_us: u64,
    /// An acknowledged one names the version that the message had then.
    pub outcome: Outcome,
    /// When the last answer came; 0 without one.
    pub answered_us: u64,
    /// A try before the last one had no answer: it may have been what changed the message.
    pub is_retried: bool,
    /// The 4xx of a later try; whether an earlier one changed the message is not known then.
    pub refused: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Edit,
    Delete,
    /// With one of [`crate::stamp::EMOJI`]; added, or taken back.
    React {
        emoji: u8,
        on: bool,
    },
}

/// A message at one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub version: u32,
    pub text: Text,
    pub is_edited: bool,
    pub is_pinned: bool,
    /// The sum of [`crate::stamp::reaction`] over all that there are.
    pub reactions: u64,
}

impl State {
    /// As it was posted.
    #[must_use]
    pub fn posted(of: u32) -> Self {
        Self { version: of, text: Text::Posted, is_edited: false, is_pinned: false, reactions: 0 }
    }
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// What was posted.
    Posted,
    /// What this change wrote.
    Edited(ChangeId),
    /// Nothing: it is deleted.
    Gone,
    /// What nobody wrote.
    Altered { digest: u32 },
}

/// Somebody came into a group or went out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub conversation: u32,
    pub person: u32,
    /// Came, rather than went.
    pub is_in: bool,
    /// Whether it was acknowledged; it may have happened all the same.
    pub is_acknowledged: bool,
    /// With this 4xx, and no try before had been left without an answer.
    pub refused: Option<u16>,
    /// Of who came: where their read mark was then, as far as that was learned.
    pub read_seq: Option<i64>,
}

/// An epoch of a live view of somebody who comes and goes: from coming, or from a fresh fetch, to going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    pub epoch: u32,
    pub end: SpellEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpellEnd {
    /// It lasts.
    Open,
    /// The inbox said so while the reader was connected and held all of it.
    Told,
    /// It ended, or was fetched anew, while the reader was away: what it had not got by then it need not have.
    Away,
}

/// One reader's inbox, as far as it is about the groups that people come to and go from.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    pub person: u32,
    /// In the order of seeing.
    pub entries: Vec<InboxEntry>,
    /// Where it stood at the first READY; what is up to there was not told.
    pub begin: u32,
    /// Never reset: everything since the beginning must be there.
    pub is_whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxEntry {
    pub seq: u32,
    /// Into the run's conversations.
    pub conversation: u32,
    /// CONVERSATION_CREATE rather than CONVERSATION_DELETE.
    pub is_create: bool,
    /// Replayed: it tells how things stood then.
    pub is_replayed: bool,
}
