//! The changed messages of one conversation as a client holds them that does what the protocol says: of each message the
//! highest version counts, and what is deleted never comes back.
//!
//! Every version that it comes to, by a frame that tells it or by adding a reaction, is compared with what all others
//! made of that version: state + events = a fresh fetch, at each step and not at the end alone. Messages that were not
//! changed take no memory.

use std::collections::{HashMap, HashSet};

use super::shared::{Shared, locked};
use super::shown::{Effect, Shown};
use crate::history::{Contradiction, Entry, State, Text};

#[derive(Debug)]
pub(super) struct Replica {
    person: u32,
    conversation: u32,
    states: HashMap<u32, State>,
    /// In a group, the first number that is theirs to see: what they were shown first. 0 elsewhere.
    floor: Option<u32>,
    /// Of what was replayed since READY, messages that were shown with their text.
    replayed: HashSet<u32>,
}

impl Replica {
    pub(super) fn new(person: u32, conversation: u32, is_from_joining: bool) -> Self {
        let floor = (!is_from_joining).then_some(0);
        Self { person, conversation, states: HashMap::new(), floor, replayed: HashSet::new() }
    }

    pub(super) fn into_states(self) -> HashMap<u32, State> {
        self.states
    }

    /// A connection began, or ended.
    pub(super) fn forget_replay(&mut self) {
        self.replayed = HashSet::new();
    }

    /// Takes what stands at `at`. `snapshot`: where the log stood before this was read, as far as that is known.
    pub(super) fn take(&mut self, shared: &Shared, at: u32, shown: &Shown, snapshot: u32) {
        let floor = *self.floor.get_or_insert(at);
        let (person, conversation) = (self.person, self.conversation);
        let found = |contradiction| locked(&shared.contradictions).push(contradiction);
        match shown.effect {
            Effect::Nothing => {}
            Effect::Stands { of, state } => {
                if of < floor {
                    if state.text != Text::Gone {
                        found(Contradiction::Shown { conversation, person, how: "a message of before they joined" });
                    }
                    return;
                }
                if state.version < at {
                    found(Contradiction::Outdated { conversation, seq: at, person });
                }
                if state.text == Text::Gone && state.version <= snapshot && self.replayed.contains(&of) {
                    found(Contradiction::Revived { conversation, of, person });
                }
                if at <= snapshot && state.text != Text::Gone {
                    self.replayed.insert(of);
                }
                let before = self.states.get(&of).copied().unwrap_or(State::posted(of));
                if before.text == Text::Gone && state.text != Text::Gone {
                    found(Contradiction::Revived { conversation, of, person });
                }
                self.come_to(shared, of, before, state);
            }
            Effect::Reacted { of, version, reaction, on } => {
                let before = self.states.get(&of).copied().unwrap_or(State::posted(of));
                if of < floor || before.text == Text::Gone || version <= before.version {
                    return;
                }
                let change = if on { u64::wrapping_add } else { u64::wrapping_sub };
                let after = State { version, reactions: change(before.reactions, reaction), ..before };
                self.come_to(shared, of, before, after);
            }
        }
    }

    fn come_to(&mut self, shared: &Shared, of: u32, before: State, after: State) {
        // As it was posted: nothing to keep, and nothing that another view could see otherwise.
        if after == State::posted(of) {
            return;
        }
        agree(shared, self.conversation, of, after, self.person);
        if after.version > before.version {
            self.states.insert(of, after);
        }
    }
}

/// Compares a version of a message with what others saw of it.
pub(super) fn agree(shared: &Shared, conversation: u32, of: u32, state: State, then: u32) {
    let first = locked(&shared.conversations[conversation as usize]).agree(of, state, then);
    if let Some(first) = first {
        let version = state.version;
        locked(&shared.contradictions).push(Contradiction::Diverged { conversation, of, version, first, then });
    }
}

/// Who is in a group, as far as an entry changes it.
pub(super) fn moved(members: &mut Option<std::collections::BTreeSet<u32>>, entry: Entry) {
    if let (Some(members), Entry::Member { person, is_in }) = (members, entry) {
        if is_in {
            members.insert(person)
        } else {
            members.remove(&person)
        };
    }
}
