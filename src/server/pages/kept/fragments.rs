//! Rows of conversations and lines of lists as they were drawn, and which of them one page used.

use std::sync::{Arc, OnceLock};

use crate::server::kept::Kept;
use crate::ui::fragments::{FragmentKey, Fragments};
use crate::ui::live::timeline::Row;

/// Bytes of their HTML and of what they are found by, of the younger half.
const BYTES: usize = 8 * 1024 * 1024;

/// Rows of one page, one row, or one line of a list each.
pub(super) struct KeptFragments(Kept<FragmentKey, Arc<str>>);

impl Default for KeptFragments {
    fn default() -> Self {
        Self(Kept::new(BYTES))
    }
}

/// The rows for one page, and under what it found or kept all of its own.
pub(in crate::server::pages) struct NotedFragments {
    kept: Arc<KeptFragments>,
    used: OnceLock<FragmentKey>,
}

impl NotedFragments {
    pub(super) fn of(kept: Arc<KeptFragments>) -> Self {
        Self { kept, used: OnceLock::new() }
    }

    /// Under what the page's rows are kept.
    pub(super) fn used(&self) -> Option<&FragmentKey> {
        self.used.get()
    }
}

impl Fragments for NotedFragments {
    fn find(&self, key: &FragmentKey) -> Option<Arc<str>> {
        if matches!(key, FragmentKey::Rows(_)) {
            let _first = self.used.set(key.clone());
        }
        self.kept.find(key)
    }

    fn keep(&self, key: FragmentKey, html: Arc<str>) {
        self.kept.keep(key, html);
    }
}

impl Fragments for KeptFragments {
    fn find(&self, key: &FragmentKey) -> Option<Arc<str>> {
        self.0.find(key)
    }

    fn keep(&self, key: FragmentKey, html: Arc<str>) {
        let beside = match &key {
            FragmentKey::Row { row: Row::Message(row), .. } => {
                let reactors = row.reactions.iter().map(|reaction| 80 + 8 * reaction.users.len()).sum::<usize>();
                let quoted = row.reply.iter().flat_map(|reply| &reply.message).map(|quoted| quoted.content.len() + 80);
                row.content.len()
                    + row.key.len()
                    + row.nonce.len()
                    + row.author.name.len()
                    + reactors
                    + quoted.sum::<usize>()
            }
            FragmentKey::Rows(_) | FragmentKey::Row { .. } => 0,
            FragmentKey::Item(item) => item.weight(),
        };
        let bytes = html.len() + beside + size_of::<FragmentKey>();
        self.0.keep(key, html, bytes);
    }
}
