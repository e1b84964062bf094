//! Which messages of a conversation are changed, and how they stand as far as the load knows.
//!
//! Two changes that exclude each other are never under way at once: of a message, one edit or deletion; of a person's
//! emoji on it, one coming or going. So what an acknowledged change must leave behind is known. A change that was left
//! without an answer may be made at any later time: what it is about is not touched any more.

use std::collections::HashMap;

use crate::history::Kind;
use crate::stamp::{EMOJI, OpId};

/// Messages of a conversation that may be changed at a time.
const AT_ONCE: usize = 32;
/// Messages of a conversation that are changed at all, at most: every reader keeps each of them.
const AT_ALL: usize = 2_000;
/// Of the posts, one in so many may be changed: so that the run's later ones are, too.
const ONE_IN: u32 = 4;
/// Nothing is deleted where fewer are left.
const FEW: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Targets {
    messages: Vec<Target>,
    so_far: usize,
}

#[derive(Debug)]
struct Target {
    op: OpId,
    seq: u32,
    /// Of its text.
    author: Slot,
    /// By person and emoji, whether it is there.
    reactions: HashMap<(usize, u8), (Slot, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Free,
    /// A change is under way.
    Taken,
    /// One was left without an answer, or refused.
    Spoilt,
}

/// What is to be changed, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) op: OpId,
    pub(super) seq: u32,
    pub(super) kind: Kind,
}

impl Targets {
    /// A post was acknowledged.
    pub(super) fn posted(&mut self, op: OpId, seq: u32) {
        if self.so_far >= AT_ALL || !fastrand::u32(..).is_multiple_of(ONE_IN) && self.messages.len() >= FEW {
            return;
        }
        let target = Target { op, seq, author: Slot::Free, reactions: HashMap::new() };
        if self.messages.len() < AT_ONCE {
            self.messages.push(target);
        } else {
            // The other is left as it is; a change that is under way finds it gone.
            self.messages[fastrand::usize(..AT_ONCE)] = target;
        }
        self.so_far += 1;
    }

    /// Something for `person` to change; of their own posts from `own_from` on alone, where that is given.
    pub(super) fn take(&mut self, person: usize, own_from: Option<u32>) -> Option<Job> {
        if self.messages.is_empty() {
            return None;
        }
        let (count, may_delete) = (self.messages.len(), self.messages.len() >= FEW);
        let target = &mut self.messages[fastrand::usize(..count)];
        let is_own = target.op.writer as usize == person;
        if own_from.is_some_and(|from| !is_own || target.op.n < from) {
            return None;
        }
        let (op, seq) = (target.op, target.seq);
        let dice = fastrand::u8(0..20);
        if is_own && dice < 12 && target.author == Slot::Free {
            target.author = Slot::Taken;
            let kind = if dice < 3 && may_delete { Kind::Delete } else { Kind::Edit };
            return Some(Job { op, seq, kind });
        }
        let emoji = fastrand::u8(0..EMOJI.len() as u8);
        let (slot, is_there) = target.reactions.entry((person, emoji)).or_insert((Slot::Free, false));
        if *slot != Slot::Free {
            return None;
        }
        *slot = Slot::Taken;
        Some(Job { op, seq, kind: Kind::React { emoji, on: !*is_there } })
    }

    /// The change ended: `sure` where it was answered at its first try.
    pub(super) fn settle(&mut self, person: usize, job: &Job, sure: bool) {
        let Some(at) = self.messages.iter().position(|target| target.op == job.op) else { return };
        let slot = if sure { Slot::Free } else { Slot::Spoilt };
        match job.kind {
            Kind::Delete => drop(self.messages.swap_remove(at)),
            Kind::Edit => self.messages[at].author = slot,
            Kind::React { emoji, on } => {
                self.messages[at].reactions.insert((person, emoji), (slot, on));
            }
        }
    }
}
