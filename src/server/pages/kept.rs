//! What was drawn of conversations' pages, as fragments: in memory, bounded in bytes. Whole pages are not kept.
//!
//! A page is drawn for those alone who may see what it shows: each one begins with a fresh answer of the store to its
//! reader, and only what that answer names is looked for. Rows are found by where their page begins and ends, a single
//! row by all that it shows, and those that show who looks at them are kept for that person alone. What surrounds the
//! rows is found by its reader and by the version of their list, which no other list ever has: who signed out has no
//! answer of the store and no page, and who left a conversation has a list of another version, without it. The frame
//! around it all says nothing of anybody: a page is put together in it only where the same reader's own page was drawn in
//! the same frame before.
//!
//! Where the list is another than it was, as after each message, the surroundings are made of their outline, which is the
//! reader's and the conversation's, and of the list's lines, each by all that it shows. What of lines and rows is new is
//! drawn apart.

mod fragments;

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::response::{Parts, Response};
use leptos::nonce::Nonce;

use fragments::KeptFragments;
pub(super) use fragments::NotedFragments;

use super::outline::{Outline, OutlineKey, Varying};
use super::pieces::{Frame, Fresh, Surroundings, cut, script_nonce};
use crate::protocol::{ConversationId, Density, Preferences, SharedList, Theme, UserId, UserRef};
use crate::server::kept::Kept;
use crate::server::store::ListVersion;
use crate::ui::fragments::{FragmentKey, Fragments, list_stays};
use crate::ui::{Apart, ChatData, ChatTarget, Opened, PageData};

/// Bytes of what surrounds rows, of the younger half; and of the outlines.
const SURROUNDINGS: usize = 4 * 1024 * 1024;
const OUTLINES: usize = 4 * 1024 * 1024;

pub(super) struct KeptPieces {
    fragments: Arc<KeptFragments>,
    /// One for each way in which pages may look.
    frames: Frames,
    around: Kept<AroundKey, Arc<Around>>,
    outlines: Kept<OutlineKey, Arc<Outline>>,
}

/// What is around a page and says nothing of anybody, but how they want it to look.
#[derive(Default)]
struct Frames([[OnceLock<Frame>; 2]; 3]);

impl Frames {
    fn of(&self, preferences: Preferences) -> &OnceLock<Frame> {
        let theme = match preferences.theme {
            Theme::System => 0,
            Theme::Light => 1,
            Theme::Dark => 2,
        };
        &self.0[theme][usize::from(preferences.density == Density::Compact)]
    }
}

impl Default for KeptPieces {
    fn default() -> Self {
        let (around, outlines) = (Kept::new(SURROUNDINGS), Kept::new(OUTLINES));
        Self { fragments: Arc::default(), frames: Frames::default(), around, outlines }
    }
}

/// All that surroundings depend on, but for the hour.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AroundKey {
    viewer: UserId,
    version: ListVersion,
    open: ConversationId,
    preferences: Preferences,
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
    let Shown { viewer, chat, list, .. } = Shown::of(data)?;
    let ChatTarget::Conversation { id, before: None, at: None } = chat.first else { return None };
    // The version stands for the list alone, and so for what is open where that is in the list.
    let listed = list.conversations.iter().any(|summary| summary.conversation.id == id);
    let is_shown = listed && data.context.form.is_none() && chat.aside.is_none();
    let preferences = data.context.preferences;
    is_shown.then_some(AroundKey { viewer: viewer.id, version: version?, open: id, preferences })
}

impl KeptPieces {
    /// What a page that is drawn finds its rows and lines in.
    pub(super) fn fragments(&self) -> Arc<NotedFragments> {
        Arc::new(NotedFragments::of(self.fragments.clone()))
    }

    /// The page from its pieces, where what it lacks can be drawn apart. `script`: the page's data.
    pub(super) fn page(&self, key: &AroundKey, data: &PageData, script: &str) -> Option<Response<Body>> {
        let frame = self.frames.of(data.context.preferences).get()?;
        let (around, rows) = self.find(key, data).or_else(|| self.compose(key, data))?;
        let (nonce, form_nonce) = (Nonce::new(), &data.context.nonce);
        let (headers, page) =
            frame.page(&around.pieces, &Fresh { script_nonce: &nonce, form_nonce, data: script, rows: &rows })?;
        let mut response = Response::new(Body::from(page));
        *response.headers_mut() = headers;
        Some(response)
    }

    /// What surrounds the rows, and they, as they were on this reader's last page.
    fn find(&self, key: &AroundKey, data: &PageData) -> Option<(Arc<Around>, Arc<str>)> {
        let around = self.around.find(key)?;
        let is_now = (around.drawn_ms..around.until_ms).contains(&data.context.now_ms);
        if !is_now || data.context.viewer.as_ref() != Some(&around.viewer) {
            return None;
        }
        let rows = self.fragments.find(&around.rows)?;
        Some((around, rows))
    }

    /// The same of an outline, and of lines and rows one by one.
    fn compose(&self, key: &AroundKey, data: &PageData) -> Option<(Arc<Around>, Arc<str>)> {
        let Shown { viewer, chat, list, opened } = Shown::of(data)?;
        let outline = self.outlines.find(&OutlineKey::of(viewer, list, opened)?)?;
        let now_ms = data.context.now_ms;
        let apart = Apart { me: viewer, now_ms, fragments: &*self.fragments };
        let (rows, html) = apart.rows(opened, outline.rows());
        let (title, items) = (apart.title(list, &chat.first), apart.items(list, key.open));
        let pieces = outline.fill(title, &items, &Varying::of(opened));
        let until_ms = list_stays(list, now_ms);
        let around = Arc::new(Around { viewer: viewer.clone(), drawn_ms: now_ms, until_ms, pieces, rows });
        self.keep_around(key.clone(), around.clone());
        Some((around, html))
    }

    fn keep_around(&self, key: AroundKey, around: Arc<Around>) {
        let bytes = around.pieces.len() + size_of::<Around>();
        self.around.keep(key, around, bytes);
    }

    /// Keeps what a page that was drawn is made of.
    pub(super) fn keep(&self, key: AroundKey, drawn: &Drawn<'_>) {
        if drawn.head.status != StatusCode::OK {
            return;
        }
        if self.cut(key, drawn).is_none() {
            tracing::debug!("a page could not be cut into pieces");
        }
    }

    fn cut(&self, key: AroundKey, drawn: &Drawn<'_>) -> Option<()> {
        let Drawn { data, script, head, page, rows } = drawn;
        let rows = rows.used()?;
        let html = self.fragments.find(rows)?;
        let (script_nonce, form_nonce) = (script_nonce(&head.headers)?, &data.context.nonce);
        let fresh = Fresh { script_nonce, form_nonce, data: script, rows: &html };
        let (frame, pieces) = cut(&head.headers, std::str::from_utf8(page).ok()?, &fresh)?;
        // The first frame stays; a page that was drawn in another is put together in none.
        if *self.frames.of(data.context.preferences).get_or_init(|| frame.clone()) != frame {
            return None;
        }
        let Shown { viewer, list, opened, .. } = Shown::of(data)?;
        let (viewer, drawn_ms, until_ms) = (viewer.clone(), data.context.now_ms, list_stays(list, data.context.now_ms));
        let outline = Outline::cut(&pieces, &html, &Varying::of(opened));
        if let Some((key, outline)) = OutlineKey::of(&viewer, list, opened).zip(outline) {
            let bytes = outline.len() + key.weight() + size_of::<(OutlineKey, Outline)>();
            self.outlines.keep(key, Arc::new(outline), bytes);
        }
        self.keep_around(key, Arc::new(Around { viewer, drawn_ms, until_ms, pieces, rows: rows.clone() }));
        Some(())
    }
}

/// What a page is about that shows a conversation of the list.
struct Shown<'d> {
    viewer: &'d UserRef,
    chat: &'d ChatData,
    list: &'d SharedList,
    opened: &'d Opened,
}

impl<'d> Shown<'d> {
    fn of(data: &'d PageData) -> Option<Self> {
        let (viewer, chat) = (data.context.viewer.as_ref()?, data.chat.as_ref()?);
        let (list, opened) = (chat.list.as_ref().ok()?, chat.opened.as_ref().ok()?.as_ref()?);
        Some(Self { viewer, chat, list, opened })
    }
}

/// A page that was drawn by the views, and what it was drawn from.
pub(super) struct Drawn<'p> {
    pub(super) data: &'p PageData,
    /// The data, as it stands in the page.
    pub(super) script: &'p str,
    pub(super) head: &'p Parts,
    pub(super) page: &'p [u8],
    pub(super) rows: &'p NotedFragments,
}
