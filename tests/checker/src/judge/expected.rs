//! What acknowledged changes must leave of a message.

use std::collections::BTreeMap;

use crate::History;
use crate::history::{Change, Kind, Outcome, State, Text};
use crate::stamp::{ChangeId, EMOJI, reaction};

/// Reactions whose fate is not known, of one message, that are tried in all combinations.
const UNSURE: usize = 10;

/// What a message may be in the end.
#[derive(Debug)]
pub(super) struct Expected {
    texts: Vec<Text>,
    /// The sum of the reactions that are there for certain, and those that may be.
    reactions: u64,
    unsure: Vec<u64>,
}

/// What a state is, compared with that.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Right,
    /// It is there and should be gone.
    Revived,
    Otherwise(&'static str),
}

impl Expected {
    /// Changes that exclude each other were made one after the other.
    pub(super) fn of(history: &History, changes: &[(ChangeId, &Change)]) -> Self {
        let mut in_order = changes.to_vec();
        in_order.sort_unstable_by_key(|(_, change)| change.invoked_us);
        let mut texts = vec![Text::Posted];
        // By person and emoji: whether it is there, where that is known.
        let mut reactions: BTreeMap<(u32, u8), Option<bool>> = BTreeMap::new();
        for (number, change) in in_order {
            let is_known = match change.outcome {
                Outcome::Acknowledged { .. } => true,
                Outcome::Unknown | Outcome::Abandoned => false,
                Outcome::Failed { .. } => continue,
            };
            match change.kind {
                Kind::React { emoji, on } => {
                    reactions.insert((number.writer, emoji), is_known.then_some(on));
                }
                Kind::Edit | Kind::Delete => {
                    if is_known {
                        texts.clear();
                    }
                    texts.push(if change.kind == Kind::Edit { Text::Edited(number) } else { Text::Gone });
                }
            }
        }
        let sum = |(writer, emoji): (u32, u8)| {
            let id = usize::try_from(writer).ok().and_then(|writer| history.ids.get(writer)).copied();
            reaction(EMOJI[usize::from(emoji)], id.unwrap_or_default())
        };
        let there = reactions.iter().filter(|(_, there)| **there == Some(true));
        Self {
            texts,
            reactions: there.fold(0, |total, (who, _)| total.wrapping_add(sum(*who))),
            unsure: reactions.iter().filter(|(_, there)| there.is_none()).map(|(who, _)| sum(*who)).collect(),
        }
    }

    pub(super) fn compare(&self, state: &State) -> Found {
        if !self.texts.contains(&state.text) {
            let is_gone = self.texts == [Text::Gone];
            return if is_gone { Found::Revived } else { Found::Otherwise("it does not say what was last written") };
        }
        if state.text == Text::Gone {
            let is_bare = state.reactions == 0 && !state.is_pinned;
            return if is_bare { Found::Right } else { Found::Otherwise("deleted, and something of it is left") };
        }
        if self.unsure.len() > UNSURE {
            return Found::Right;
        }
        let may_be = (0_u32..1 << self.unsure.len()).any(|chosen| {
            let there = (0..self.unsure.len()).filter(|bit| chosen & (1 << bit) != 0);
            there.fold(self.reactions, |total, bit| total.wrapping_add(self.unsure[bit])) == state.reactions
        });
        if may_be { Found::Right } else { Found::Otherwise("not the reactions that were made") }
    }
}
