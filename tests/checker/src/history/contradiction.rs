//! What contradicts itself as soon as it is noted: answers that are not what was asked, and frames that deny each other.

use super::Blocking;
use crate::stamp::OpId;

/// An answer, or something that was shown, that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// Two acknowledgements of one post name different numbers.
    OtherSeq { op: OpId, first: u32, then: u32 },
    /// An acknowledgement names another conversation or another nonce.
    OtherMessage { op: OpId },
    /// A live reader was told of a conversation of the load that it is not in.
    Leaked { conversation: u32, person: u32 },
    /// It is valid, and was refused when it was sent again as it was, after an acknowledgement or a try without an
    /// answer.
    Refused { op: OpId, status: u16 },
    /// One version of the message `of` is another thing to `then` than to `first`.
    Diverged { conversation: u32, of: u32, version: u32, first: u32, then: u32 },
    /// The event `seq` shows a message in a version of before it.
    Outdated { conversation: u32, seq: u32, person: u32 },
    /// A message that is deleted was shown as if it were not.
    Revived { conversation: u32, of: u32, person: u32 },
    /// Somebody was shown by `how` what is not theirs to see.
    Shown { conversation: u32, person: u32, how: &'static str },
    /// READY told a read mark that is behind one that was acknowledged before.
    MarkedBack { conversation: u32, person: u32, read_seq: i64, marked: u32 },
    /// Somebody was told by `how` that `of` has read up to another number than they are told themselves.
    OtherMark { conversation: u32, person: u32, of: u32, how: &'static str, told: i64, stands: i64 },
    /// While `blocker` had blocked `other`, or once they had unblocked them.
    Blocking { blocker: u32, other: u32, fault: Blocking },
}
