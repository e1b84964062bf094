//! What is offered while one types: people behind an `@`, emoji behind a `:` and two letters.
//!
//! The list stands above the textarea, which keeps the focus; it is gone through with the arrow keys, and taken with
//! Enter, Tab or a press. What finds offers and draws them is a part of its own: it comes with the first word that wants
//! some.

mod list;
mod people;
mod taking;
mod wanted;

use leptos::html;
use leptos::prelude::*;

pub(super) use self::people::People;
pub(super) use self::taking::put;
use self::wanted::{Wanted, wanted};
use crate::protocol::{Profile, UserRef};
use crate::ui::emoji::with_set;
use crate::ui::parts::lookup::Lookup;
use crate::ui::parts::offer_list::OfferList;
use crate::ui::text;

/// Of them at most.
const MOST: usize = 8;

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

/// Finds what is offered, and shows it.
#[component]
pub fn OffersFound(offers: Offers, take: Callback<usize>) -> impl IntoView {
    Effect::new(move |_| {
        offers.moves.track();
        offers.look();
    });
    view! { <OfferList id=LIST labels=offers.labels() at=offers.at() take/> }
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

    fn look(self) {
        self.lookup.forget();
        let wanted = self.wanted();
        if wanted.as_ref().map(|wanted| wanted.begin) != self.waived.get_value() {
            self.waived.set_value(None);
        }
        let Some(wanted) = wanted.filter(|_| self.waived.get_value().is_none()) else { return self.close() };
        if wanted.is_emoji {
            with_set(move |set| {
                // The answer may come late.
                if let Some(set) = set.filter(|_| self.wanted().as_ref() == Some(&wanted)) {
                    let offer = |emoji: crate::ui::emoji::Emoji| Offer {
                        label: format!("{} :{}:", emoji.text, emoji.name()),
                        text: emoji.text,
                        is_emoji: true,
                    };
                    let offers = set.find(&wanted.typed, MOST).into_iter().map(offer).collect();
                    self.show(wanted, offers);
                }
            });
        } else {
            let known = self.people.known(&wanted.typed);
            if known.len() < MOST && !wanted.typed.is_empty() && self.people.may_be_more() {
                let (typed, wanted) = (wanted.typed.clone(), wanted.clone());
                self.lookup.people(typed, Box::new(move |found| self.join(wanted, found.unwrap_or_default())));
            }
            self.show_people(wanted, known);
        }
    }

    /// Who was found beyond those that the page knows. Whoever went on meanwhile is not bothered.
    fn join(self, wanted: Wanted, found: Vec<Profile>) {
        if self.wanted().as_ref() == Some(&wanted) {
            let mut people = self.people.known(&wanted.typed);
            self.people.add(&mut people, found.iter().map(Profile::user));
            self.show_people(wanted, people);
        }
    }

    fn show_people(self, wanted: Wanted, people: Vec<UserRef>) {
        let offer =
            |user: UserRef| Offer { text: text::at_name(&user.name), label: text::named(&user), is_emoji: false };
        self.show(wanted, people.into_iter().take(MOST).map(offer).collect());
    }

    fn wanted(self) -> Option<Wanted> {
        let area = self.area.try_get_untracked()??;
        let caret = area.selection_start().ok().flatten()?;
        wanted(&area.value(), caret)
    }

    fn show(self, wanted: Wanted, offers: Vec<Offer>) {
        // What is marked stays so where only more is offered.
        let at =
            self.shown.with_untracked(|now| now.as_ref().filter(|now| now.wanted == wanted).map_or(0, |now| now.at));
        let shown = (!offers.is_empty()).then_some(Shown { wanted, offers, at });
        if self.shown.with_untracked(|now| *now != shown) {
            self.shown.set(shown);
        }
    }

    /// Also for a textarea that goes, focus and all: it is told last of its blur, when nothing of this is left.
    pub(super) fn close(self) {
        self.lookup.forget();
        if self.shown.try_with_untracked(Option::is_some).unwrap_or(false) {
            self.shown.set(None);
        }
    }
}
