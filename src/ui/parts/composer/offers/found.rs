//! Finding what is offered for a word, and showing it.

use std::cell::Cell;

use leptos::prelude::*;

use super::wanted::{Wanted, wanted};
use super::{LIST, Offer, Offers, Shown};
use crate::protocol::{Profile, UserRef};
use crate::ui::emoji::{with_set, written_by};
use crate::ui::parts::offer_list::OfferList;
use crate::ui::text;

/// Offers at most.
const MOST: usize = 8;

/// Finds what is offered, and shows it.
#[component]
pub fn OffersFound(offers: Offers, take: Callback<usize>) -> impl IntoView {
    Effect::new(move |_| {
        offers.moves.track();
        offers.look();
    });
    view! { <OfferList id=LIST labels=offers.labels() at=offers.at() take/> }
}

/// Whether an emoji may stand there by its name; the time of day is none.
fn names_emoji(text: &str) -> bool {
    let found = Cell::new(false);
    let _same = written_by(text, |name| {
        let is_time = name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_digit());
        found.set(found.get() || !is_time);
        None
    });
    found.get()
}

impl Offers {
    fn look(self) {
        self.lookup.forget();
        let wanted = self.wanted();
        if wanted.as_ref().map(|wanted| wanted.begin) != self.waived.get_value() {
            self.waived.set_value(None);
        }
        let Some(wanted) = wanted.filter(|_| self.waived.get_value().is_none()) else {
            if self.area.get_untracked().is_some_and(|area| names_emoji(&area.value())) {
                // Pasted, it may be: by the time that it is sent, the names are to be known.
                with_set(drop);
            }
            return self.close();
        };
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
}
