//! Going through what is offered by keys, and taking it into the text.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use web_sys::HtmlTextAreaElement;

use super::Offers;
use crate::ui::emoji::used;
use crate::ui::parts::keys::step;

impl Offers {
    /// Whether the key was for the list.
    pub(in crate::ui::parts::composer) fn key(self, event: &KeyboardEvent, changed: impl Fn()) -> bool {
        if self.shown.with_untracked(Option::is_none) || event.shift_key() {
            return false;
        }
        match event.key().as_str() {
            "Enter" | "Tab" => self.take(None, changed),
            "Escape" => {
                let begin = self.shown.with_untracked(|shown| shown.as_ref().map(|shown| shown.wanted.begin));
                self.waived.set_value(begin);
                self.close();
            }
            _ => {
                let (at, count) =
                    self.shown.with_untracked(|shown| shown.as_ref().map_or((0, 0), |s| (s.at, s.offers.len())));
                let Some(to) = step(event, at, count) else { return false };
                self.shown.update(|shown| shown.iter_mut().for_each(|shown| shown.at = to));
            }
        }
        event.prevent_default();
        true
    }

    /// Puts an offer into the text: this one, or the one that is marked.
    pub(in crate::ui::parts::composer) fn take(self, at: Option<usize>, changed: impl Fn()) {
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
}

/// Puts `text` in the place of what is between, in UTF-16, and the caret behind it.
pub(in crate::ui::parts::composer) fn put(area: &HtmlTextAreaElement, begin: u32, end: u32, text: &str) {
    if area.set_range_text_with_start_and_end(text, begin, end).is_ok() {
        let behind = begin + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
        let _placed = area.set_selection_range(behind, behind);
    }
}
