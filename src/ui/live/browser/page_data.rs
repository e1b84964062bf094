//! What the server drew the page from, as it stands in the page.

use std::sync::Arc;

use leptos::prelude::document;

use crate::protocol::json;
use crate::ui::page_data::{PAGE_DATA_ID, PageData};

/// For `hydrate()` to put into the context. A page without it is a guest's.
#[must_use]
pub fn page_data() -> Arc<PageData> {
    let text = document().get_element_by_id(PAGE_DATA_ID).and_then(|element| element.text_content());
    Arc::new(text.and_then(|text| json::read(&text).ok()).unwrap_or_default())
}
