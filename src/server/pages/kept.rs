//! The rows of conversations' pages, as they were last drawn: in memory, bounded in bytes.
//!
//! A page is drawn for those alone who may see what it shows: their rows are found by where their page begins and ends,
//! which the store has just said. Rows that show who looks at them are kept for that person alone.

use std::sync::Arc;

use crate::server::kept::Kept;
use crate::ui::fragments::{Fragments, RowsKey};

/// Bytes of HTML, of the younger half.
const YOUNG: usize = 8 * 1024 * 1024;

pub(super) struct KeptRows(Kept<RowsKey, Arc<str>>);

impl Default for KeptRows {
    fn default() -> Self {
        Self(Kept::new(YOUNG))
    }
}

impl Fragments for KeptRows {
    fn find(&self, key: &RowsKey) -> Option<Arc<str>> {
        self.0.find(key)
    }

    fn keep(&self, key: RowsKey, html: Arc<str>) {
        let bytes = html.len();
        self.0.keep(key, html, bytes);
    }
}
