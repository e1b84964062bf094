//! What is offered while one types: people behind an `@`, emoji behind a `:` and two letters.
//!
//! The list stands above the textarea, which keeps the focus; it is gone through with the arrow keys, and taken with
//! Enter, Tab or a press. What finds offers and draws them is a part of its own: it comes with the first word that wants
//! some.

mod found;
mod list;
mod people;
mod taking;
mod wanted;

use leptos::html;
use leptos::prelude::*;

pub use self::found::OffersFound;
pub(super) use self::people::People;
pub(super) use self::taking::put;
use self::wanted::Wanted;
use crate::ui::parts::lookup::Lookup;

/// The list's element.
pub(super) const LIST: &str = "composer-offers";

#[derive(Debug, Clone, PartialEq, Eq)]
struct Offer {
    /// What is put in the place of what was typed.
    text: String,
    label: String,
    is_emoji: bool,
}

/// What is offered now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    wanted: Wanted,
    offers: Vec<Offer>,
    /// Which one Enter takes.
    at: usize,
}

#[derive(Clone, Copy)]
pub struct Offers {
    area: NodeRef<html::Textarea>,
    shown: RwSignal<Option<Shown>>,
    /// Closed by Escape, until another word is typed.
    waived: StoredValue<Option<u32>>,
    people: People,
    lookup: Lookup,
    /// Counts what may have changed them.
    moves: RwSignal<u32>,
    /// Whether there was ever a word for which there may be some.
    wakes: RwSignal<bool>,
}

impl Offers {
    pub(super) fn new(area: NodeRef<html::Textarea>, people: People) -> Self {
        let (shown, waived) = (RwSignal::new(None), StoredValue::new(None));
        let (moves, wakes) = (RwSignal::new(0), RwSignal::new(false));
        Self { area, shown, waived, people, lookup: Lookup::new(), moves, wakes }
    }

    /// Something was typed, or the caret moved.
    pub(super) fn moved(self) {
        let asks = || self.area.get_untracked().is_some_and(|area| area.value().contains(['@', ':']));
        if !self.wakes.get_untracked() && asks() {
            self.wakes.set(true);
        }
        self.moves.update(|moves| *moves = moves.wrapping_add(1));
    }

    pub(super) fn are_wanted(self) -> bool {
        self.wakes.get()
    }

    /// Also for a textarea that goes, focus and all: it is told last of its blur, when nothing of this is left.
    pub(super) fn close(self) {
        self.lookup.forget();
        if self.shown.try_with_untracked(Option::is_some).unwrap_or(false) {
            self.shown.set(None);
        }
    }
}
