//! What was drawn of conversations' pages, as fragments: in memory, bounded in bytes. Whole pages are not kept.
//!
//! A page is drawn for those alone who may see what it shows: each one begins with a fresh answer of the store to its
//! reader, and only what that answer names is looked for. Rows are found by where their page begins and ends, a single
//! row by all that it shows, and those that show who looks at them are kept for that person alone. What surrounds the
//! rows is found by its reader and by the version of their list, which no other list ever has: who signed out has no
//! answer of the store and no page, and who left a conversation has a list of another version, without it. The frame
//! around it all says nothing of anybody: a page is put together in it only where the same reader's own page was drawn in
//! the same frame before.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::response::{Parts, Response};
use leptos::nonce::Nonce;

use super::pieces::{Frame, Fresh, Surroundings, cut, script_nonce};
use crate::protocol::{ConversationId, UserId, UserRef};
use crate::server::kept::Kept;
use crate::server::store::ListVersion;
use crate::ui::fragments::{FragmentKey, Fragments, list_stays};
use crate::ui::{ChatTarget, PageData};

/// Bytes of rows' HTML, of the younger half.
const ROWS: usize = 8 * 1024 * 1024;
/// The same of what surrounds them.
const SURROUNDINGS: usize = 4 * 1024 * 1024;

pub(super) struct KeptPieces {
    rows: Arc<KeptRows>,
    frame: OnceLock<Frame>,
    around: Kept<AroundKey, Arc<Around>>,
}

impl Default for KeptPieces {
    fn default() -> Self {
        Self { rows: Arc::default(), frame: OnceLock::new(), around: Kept::new(SURROUNDINGS) }
    }
}

/// All that surroundings depend on, but for the hour.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AroundKey {
    viewer: UserId,
    version: ListVersion,
    open: ConversationId,
}

struct Around {
    viewer: UserRef,
    /// Between these moments the list says the same of when something happened.
    drawn_ms: i64,
    until_ms: i64,
    pieces: Surroundings,
    /// Under what its rows are kept, which others may see as well.
    rows: FragmentKey,
}

/// None for a page that is not put together from pieces: one that shows no conversation of the list, or what came of
/// a form.
pub(super) fn key(data: &PageData, version: Option<ListVersion>) -> Option<AroundKey> {
    let (viewer, chat) = (data.context.viewer.as_ref()?, data.chat.as_ref()?);
    let ChatTarget::Conversation { id, before: None } = chat.first else { return None };
    // The version stands for the list alone, and so for what is open where that is in the list.
    let listed = chat.list.as_ref().ok()?.conversations.iter().any(|summary| summary.conversation.id == id);
    let is_shown = listed && chat.opened.as_ref().is_ok_and(Option::is_some) && data.context.form.is_none();
    is_shown.then_some(AroundKey { viewer: viewer.id, version: version?, open: id })
}

impl KeptPieces {
    /// What a page that is drawn finds its rows in.
    pub(super) fn fragments(&self) -> Arc<NotedRows> {
        Arc::new(NotedRows { kept: self.rows.clone(), used: OnceLock::new() })
    }

    /// The page from its pieces, where all of them are kept. `script`: the page's data.
    pub(super) fn page(&self, key: &AroundKey, data: &PageData, script: &str) -> Option<Response<Body>> {
        let (frame, around) = (self.frame.get()?, self.around.find(key)?);
        let is_now = (around.drawn_ms..around.until_ms).contains(&data.context.now_ms);
        if !is_now || data.context.viewer.as_ref() != Some(&around.viewer) {
            return None;
        }
        let rows = self.rows.0.find(&around.rows)?;
        let (nonce, form_nonce) = (Nonce::new(), &data.context.nonce);
        let (headers, page) =
            frame.page(&around.pieces, &Fresh { script_nonce: &nonce, form_nonce, data: script, rows: &rows })?;
        let mut response = Response::new(Body::from(page));
        *response.headers_mut() = headers;
        Some(response)
    }

    /// Keeps what a page that was drawn is made of.
    pub(super) fn keep(&self, key: AroundKey, drawn: &Drawn<'_>) {
        if drawn.head.status != StatusCode::OK {
            return;
        }
        match self.around(drawn) {
            Some(around) => {
                let bytes = around.pieces.len() + size_of::<Around>();
                self.around.keep(key, Arc::new(around), bytes);
            }
            None => tracing::debug!("a page could not be cut into pieces"),
        }
    }

    fn around(&self, drawn: &Drawn<'_>) -> Option<Around> {
        let Drawn { data, script, head, page, rows } = drawn;
        let rows = rows.used.get()?;
        let html = self.rows.0.find(rows)?;
        let (script_nonce, form_nonce) = (script_nonce(&head.headers)?, &data.context.nonce);
        let fresh = Fresh { script_nonce, form_nonce, data: script, rows: &html };
        let (frame, pieces) = cut(&head.headers, std::str::from_utf8(page).ok()?, &fresh)?;
        let (viewer, now_ms) = (data.context.viewer.clone()?, data.context.now_ms);
        let until_ms = list_stays(data.chat.as_ref()?.list.as_ref().ok()?, now_ms);
        let around = Around { viewer, drawn_ms: now_ms, until_ms, pieces, rows: rows.clone() };
        // The first frame stays; a page that was drawn in another is put together in none.
        match self.frame.get() {
            Some(kept) => (*kept == frame).then_some(around),
            None => self.frame.set(frame).is_ok().then_some(around),
        }
    }
}

/// A page that was drawn by the views, and what it was drawn from.
pub(super) struct Drawn<'p> {
    pub(super) data: &'p PageData,
    /// The data, as it stands in the page.
    pub(super) script: &'p str,
    pub(super) head: &'p Parts,
    pub(super) page: &'p [u8],
    pub(super) rows: &'p NotedRows,
}

/// Rows of one page or one row each.
struct KeptRows(Kept<FragmentKey, Arc<str>>);

impl Default for KeptRows {
    fn default() -> Self {
        Self(Kept::new(ROWS))
    }
}

/// The rows for one page, and under what it found or kept all of its own.
pub(super) struct NotedRows {
    kept: Arc<KeptRows>,
    used: OnceLock<FragmentKey>,
}

impl Fragments for NotedRows {
    fn find(&self, key: &FragmentKey) -> Option<Arc<str>> {
        if matches!(key, FragmentKey::Rows(_)) {
            let _first = self.used.set(key.clone());
        }
        self.kept.0.find(key)
    }

    fn keep(&self, key: FragmentKey, html: Arc<str>) {
        let beside = match &key {
            FragmentKey::Rows(_) => 0,
            FragmentKey::Row(row) => row.content.len() + row.key.len() + row.nonce.len() + row.author.name.len(),
        };
        let bytes = html.len() + beside + size_of::<FragmentKey>();
        self.kept.0.keep(key, html, bytes);
    }
}
