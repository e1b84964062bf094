//! One conversation as a reader holds it.

use std::collections::BTreeSet;

use crate::history::{Conversation, Spell, SpellEnd, View};
use crate::load::replica::{Replica, moved};
use crate::load::shared::{Shared, locked};
use crate::load::shown::Shown;

/// A conversation and how far it is held.
pub(super) struct Held {
    /// Into the run's conversations.
    pub(super) conversation: u32,
    pub(super) id: i64,
    baseline: u32,
    /// The last number that was seen; where the reader comes and goes, 0 until they are shown something.
    pub(super) cursor: u32,
    pub(super) epoch: u32,
    view: View,
    /// What the last READY named: until there the reader is catching up.
    pub(super) target: u32,
    /// Live events that came while the conversation is fetched anew.
    pub(super) fetching: Option<Vec<(u32, Shown)>>,
    /// On this socket, what comes live up to here was fetched already, and is left: the page may overtake it.
    pub(super) fetched_to: u32,
    /// The reader comes and goes.
    pub(super) is_group: bool,
    /// As far as the reader was told.
    pub(super) is_in: bool,
    /// What was missed was not told in whole. That may be of what is not the reader's any more, and of nothing else.
    is_cut_short: bool,
    replica: Replica,
    members: Option<BTreeSet<u32>>,
}

impl Held {
    pub(super) fn new(of: &Conversation, conversation: u32, mut view: View, is_group: bool) -> Self {
        if is_group {
            view.spells.push(Spell { epoch: 0, end: SpellEnd::Open });
        }
        Self {
            conversation,
            id: of.id,
            baseline: of.baseline,
            cursor: of.baseline,
            epoch: 0,
            replica: Replica::new(view.person, conversation, is_group),
            view,
            target: 0,
            fetching: None,
            fetched_to: 0,
            is_group,
            is_in: true,
            is_cut_short: false,
            members: None,
        }
    }

    /// What a client names when it connects.
    pub(super) fn is_named(&self) -> bool {
        self.is_in
    }

    /// A new socket begins.
    pub(super) fn begin_socket(&mut self) {
        self.fetching = None;
        self.fetched_to = 0;
        self.target = 0;
        self.replica.forget_replay();
    }

    /// The log ends before what was seen of it: begin anew. The judge keeps what was seen.
    pub(super) fn begin_anew(&mut self) {
        self.epoch += 1;
        self.cursor = self.baseline;
    }

    /// The reader is in it from now on, or holds nothing of it any more.
    pub(super) fn come(&mut self) {
        self.go(SpellEnd::Away);
        self.begin_anew();
        self.replica = Replica::new(self.view.person, self.conversation, true);
        self.view.spells.push(Spell { epoch: self.epoch, end: SpellEnd::Open });
        (self.is_in, self.is_cut_short) = (true, false);
    }

    /// The reader is not in it any more.
    pub(super) fn go(&mut self, end: SpellEnd) {
        if !self.is_in {
            return;
        }
        let end = if self.fetching.is_some() || self.is_cut_short { SpellEnd::Away } else { end };
        if let Some(spell) = self.view.spells.last_mut() {
            spell.end = end;
        }
        self.is_in = false;
        self.fetching = None;
        self.members = None;
    }

    pub(super) fn set_members(&mut self, members: BTreeSet<u32>) {
        self.members = Some(members);
    }

    /// Enters what stands at `at`.
    pub(super) fn note(&mut self, shared: &Shared, at: u32, shown: &Shown) {
        let other = locked(&shared.conversations[self.conversation as usize]).claim(at, shown.entry);
        self.view.saw(at, self.epoch, other);
        self.replica.take(shared, at, shown, self.target);
        moved(&mut self.members, shown.entry);
        self.is_cut_short |= self.cursor < self.target && at > self.target;
        self.cursor = self.cursor.max(at);
        if self.cursor >= self.target {
            self.replica.forget_replay();
        }
    }

    /// What others may know of it: a conversation that is not held counts as one that stands at nothing.
    pub(super) fn progress(&self) -> u32 {
        if self.is_in { self.cursor } else { 0 }
    }

    pub(super) fn into_view(self) -> (u32, View) {
        let members = self.members.filter(|_| self.is_in).map(|members| members.into_iter().collect());
        (self.conversation, View { states: self.replica.into_states(), members, ..self.view })
    }
}
