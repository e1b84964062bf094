//! What is offered while one types: people behind an `@`, emoji behind a `:` and two letters.
//!
//! The list stands above the textarea, which keeps the focus; it is gone through with the arrow keys, and taken with
//! Enter, Tab or a press.

mod list;
mod people;
mod taking;
mod wanted;

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

pub(super) use self::list::OfferList;
pub(super) use self::people::people;
pub(super) use self::taking::put;
use self::wanted::{Wanted, wanted};
use crate::ui::emoji::with_set;

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

/// Names that begin as it was typed.
pub(super) type Suggest = Arc<dyn Fn(&str) -> Vec<String> + Send + Sync>;

#[derive(Clone, Copy)]
pub(super) struct Offers {
    area: NodeRef<html::Textarea>,
    shown: RwSignal<Option<Shown>>,
    /// Closed by Escape, until another word is typed.
    waived: StoredValue<Option<u32>>,
    suggest: StoredValue<Suggest>,
}

impl Offers {
    pub(super) fn new(area: NodeRef<html::Textarea>, suggest: Suggest) -> Self {
        let (shown, waived) = (RwSignal::new(None), StoredValue::new(None));
        Self { area, shown, waived, suggest: StoredValue::new(suggest) }
    }

    /// Something was typed, or the caret moved.
    pub(super) fn look(self) {
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
            let names = self.suggest.with_value(|suggest| suggest(&wanted.typed));
            let offer = |name: String| Offer { text: format!("@{name}"), label: name, is_emoji: false };
            self.show(wanted, names.into_iter().take(MOST).map(offer).collect());
        }
    }

    fn wanted(self) -> Option<Wanted> {
        let area = self.area.try_get_untracked()??;
        let caret = area.selection_start().ok().flatten()?;
        wanted(&area.value(), caret)
    }

    fn show(self, wanted: Wanted, offers: Vec<Offer>) {
        let shown = (!offers.is_empty()).then_some(Shown { wanted, offers, at: 0 });
        if self.shown.with_untracked(|now| *now != shown) {
            self.shown.set(shown);
        }
    }

    /// Also for a textarea that goes, focus and all: it is told last of its blur, when nothing of this is left.
    pub(super) fn close(self) {
        if self.shown.try_with_untracked(Option::is_some).unwrap_or(false) {
            self.shown.set(None);
        }
    }

    /// The marked offer's element.
    pub(super) fn marked(self) -> Option<String> {
        self.shown.with(|shown| shown.as_ref().map(|shown| offer_id(shown.at)))
    }
}

fn offer_id(at: usize) -> String {
    format!("offer-{at}")
}
