//! What is offered while one types: people behind an `@`, emoji behind a `:` and two letters.
//!
//! The list stands above the textarea, which keeps the focus; it is gone through with the arrow keys, and taken with
//! Enter, Tab or a press.

mod list;
mod people;
mod wanted;

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlTextAreaElement;

pub(super) use self::list::OfferList;
pub(super) use self::people::people;
use self::wanted::{Wanted, wanted};
use crate::ui::emoji::{used, with_set};

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

    pub(super) fn close(self) {
        if self.shown.with_untracked(Option::is_some) {
            self.shown.set(None);
        }
    }

    /// Whether the key was for the list.
    pub(super) fn key(self, event: &KeyboardEvent, changed: impl Fn()) -> bool {
        if self.shown.with_untracked(Option::is_none) || event.shift_key() {
            return false;
        }
        let go = |by: usize| {
            self.shown.update(|shown| {
                if let Some(shown) = shown {
                    shown.at = (shown.at + by) % shown.offers.len().max(1);
                }
            });
        };
        match event.key().as_str() {
            "ArrowDown" => go(1),
            "ArrowUp" => {
                go(self.shown.with_untracked(|shown| shown.as_ref().map_or(0, |shown| shown.offers.len() - 1)))
            }
            "Enter" | "Tab" => self.take(None, changed),
            "Escape" => {
                let begin = self.shown.with_untracked(|shown| shown.as_ref().map(|shown| shown.wanted.begin));
                self.waived.set_value(begin);
                self.close();
            }
            _ => return false,
        }
        event.prevent_default();
        true
    }

    /// Puts an offer into the text: this one, or the one that is marked.
    fn take(self, at: Option<usize>, changed: impl Fn()) {
        let shown = self.shown.get_untracked();
        let (Some(shown), Some(area)) = (shown, self.area.get_untracked()) else { return };
        let Some(offer) = shown.offers.get(at.unwrap_or(shown.at)) else { return };
        if offer.is_emoji {
            used(&offer.text);
        }
        put(&area, shown.wanted.begin, shown.wanted.end, &format!("{} ", offer.text));
        self.close();
        changed();
    }

    /// The marked offer's element.
    pub(super) fn marked(self) -> Option<String> {
        self.shown.with(|shown| shown.as_ref().map(|shown| offer_id(shown.at)))
    }
}

/// Puts `text` in the place of what is between, in UTF-16, and the caret behind it.
pub(super) fn put(area: &HtmlTextAreaElement, begin: u32, end: u32, text: &str) {
    if area.set_range_text_with_start_and_end(text, begin, end).is_ok() {
        let behind = begin + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
        let _placed = area.set_selection_range(behind, behind);
    }
}

fn offer_id(at: usize) -> String {
    format!("offer-{at}")
}
