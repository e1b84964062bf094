//! What the server drew the page from, as it stands in the page.

use std::sync::Arc;

use leptos::prelude::document;

use crate::protocol::json;
use crate::ui::page_data::{Beside, PAGE_DATA_ID, PageData};

/// For `hydrate()` to put into the context. A page without it shows nothing.
#[must_use]
pub fn page_data() -> Arc<PageData> {
    Arc::new(text().and_then(|text| json::read(&text).ok()).unwrap_or_default())
}

/// What a page beside the chat is drawn from, besides.
pub(super) fn beside() -> Beside {
    text().and_then(|text| json::read(&text).ok()).unwrap_or_default()
}

/// Clears it, once it was read: the page follows what happens, and this does not. What is deleted is in no page then.
pub(super) fn forget() {
    if let Some(element) = document().get_element_by_id(PAGE_DATA_ID) {
        element.set_text_content(None);
    }
}

fn text() -> Option<String> {
    document().get_element_by_id(PAGE_DATA_ID).and_then(|element| element.text_content())
}
