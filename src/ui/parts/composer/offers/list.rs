//! What the list shows of the offers.

use leptos::prelude::*;

use super::{LIST, Offers, Shown};
use crate::ui::parts::offer_list::offer_id;

impl Offers {
    pub(in crate::ui::parts::composer) fn labels(self) -> Signal<Vec<String>> {
        let labels = |shown: &Shown| shown.offers.iter().map(|offer| offer.label.clone()).collect();
        Memo::new(move |_| self.shown.with(|shown| shown.as_ref().map(labels).unwrap_or_default())).into()
    }

    /// Which one is marked.
    pub(in crate::ui::parts::composer) fn at(self) -> Signal<usize> {
        Signal::derive(move || self.shown.with(|shown| shown.as_ref().map_or(0, |shown| shown.at)))
    }

    /// The marked offer's element.
    pub(in crate::ui::parts::composer) fn marked(self) -> Option<String> {
        self.shown.with(|shown| shown.as_ref().map(|shown| offer_id(LIST, shown.at)))
    }
}
