//! Bringing a row into view.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::Place;

impl Place {
    /// Brings a row to the middle of what is in view.
    pub(in crate::ui::parts) fn center(self, row: &Element) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Center);
        row.scroll_into_view_with_scroll_into_view_options(&options);
        self.note();
    }

    /// Shows `row` at the top if it is above what is in view.
    pub(in crate::ui::parts) fn reveal(self, row: &Element) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        if row.get_bounding_client_rect().top() < list.get_bounding_client_rect().top() {
            row.scroll_into_view();
        }
        self.note();
    }

    pub(in crate::ui::parts) fn focus(self, row: &Element) {
        if let Some(row) = row.dyn_ref::<HtmlElement>() {
            let _focused = row.focus();
        }
    }
}
