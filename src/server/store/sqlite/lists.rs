//! Lists of conversations as they were last read, so that a page asks no other thread what stands in its list.
//!
//! A list is one user's, and found by that user alone. It is used while nothing that it shows was touched (see
//! `touched`): none of its user's conversations, those beyond its end included, as each may come to its top; and nothing
//! of the user's own, so neither what they read nor which conversations they are in. Whoever leaves one is touched by
//! that, and has no list that shows it from then on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::chat_page::Listed;
use super::messages::LatestPages;
use super::touched::{Moment, Touched};
use crate::protocol::{ConversationId, Seq, SharedList, Stream, UserId};
use crate::server::kept::Kept;
use crate::server::store::{ChatPage, ListVersion};

/// Bytes of lists, of the younger half.
const YOUNG: usize = 4 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Lists {
    kept: Kept<(UserId, u32), Arc<List>>,
    versions: AtomicU64,
}

#[derive(Debug)]
struct List {
    version: ListVersion,
    list: SharedList,
    /// The first number that the user may see, of each conversation of the list.
    floors: Vec<Seq>,
    /// Its user's inbox and their conversations.
    of: Vec<Stream>,
    /// When it was last known to stand.
    stood: AtomicU64,
}

impl Default for Lists {
    fn default() -> Self {
        Self { kept: Kept::new(YOUNG), versions: AtomicU64::new(0) }
    }
}

impl Lists {
    /// The page as it stands, if nothing of it must be read: the list up to so many conversations, and the latest
    /// messages of one of them.
    pub(super) fn page(
        &self,
        touched: &Touched,
        latest: &LatestPages,
        viewer: UserId,
        listed: u32,
        open: Option<ConversationId>,
        limit: u32,
    ) -> Option<ChatPage> {
        let list = self.kept.find(&(viewer, listed))?;
        list.stands(touched).then_some(())?;
        let opened = match open {
            None => None,
            Some(id) => {
                let at = list.list.conversations.iter().position(|summary| summary.conversation.id == id)?;
                let summary = &list.list.conversations[at];
                let page = latest.find(&(id, list.floors[at], limit))?;
                // The list knows where the log stands.
                Some((summary.clone(), Some(page).filter(|page| page.as_of == summary.last_seq)?))
            }
        };
        Some(ChatPage { conversations: list.list.clone(), opened, version: Some(list.version) })
    }

    /// Keeps a list of which `before` is the moment before it was read. None where that is not worth its memory.
    pub(super) fn keep(
        &self,
        touched: &Touched,
        viewer: UserId,
        listed: u32,
        read: &Listed,
        before: Moment,
    ) -> Option<ListVersion> {
        let others = read.all.as_ref()?.iter().copied().map(Stream::Conversation);
        let of: Vec<_> = std::iter::once(Stream::Inbox(viewer)).chain(others).collect();
        let bytes = read.list.weight() + of.len() * size_of::<Stream>() + read.floors.len() * size_of::<Seq>();
        let kept =
            self.kept.find(&(viewer, listed)).filter(|kept| kept.list == read.list && kept.is_since(touched.all()));
        let (version, list) = match kept {
            // Touched, but the same.
            Some(kept) => (kept.version, kept.list.clone()),
            None => (ListVersion(self.versions.fetch_add(1, Ordering::Relaxed)), read.list.clone()),
        };
        let floors = read.floors.clone();
        let stood = AtomicU64::new(before.0);
        self.kept.keep((viewer, listed), Arc::new(List { version, list, floors, of, stood }), bytes);
        Some(version)
    }
}

impl List {
    /// Whether it was read after that moment. Only then what its version was drawn with is what would be drawn now.
    fn is_since(&self, moment: Moment) -> bool {
        self.stood.load(Ordering::Relaxed) >= moment.0
    }

    fn stands(&self, touched: &Touched) -> bool {
        let now = touched.untouched(Moment(self.stood.load(Ordering::Relaxed)), &self.of);
        if let Some(now) = now {
            self.stood.fetch_max(now.0, Ordering::Relaxed);
        }
        now.is_some()
    }
}
