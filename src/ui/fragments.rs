//! Parts of pages that are drawn once and then kept: HTML that our own views drew, by all that it depends on.
//!
//! Only the server keeps any. In the browser, and where nothing is kept, the view stands for itself; the HTML is the
//! same, so the browser takes it over all the same.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::tachys::html::InertElement;

use super::live::timeline::Row;
use super::parts::{ItemKey, brief_stays};
use crate::protocol::{ConversationId, ConversationList, Seq, UserId};

/// All that the rows of a conversation's page depend on. What a log says up to a number never changes, so the number
/// stands for the content; where the page begins, and how many it has, stand for the part that a member may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowsKey {
    pub conversation: ConversationId,
    pub as_of: Seq,
    pub first: Option<Seq>,
    pub count: usize,
    /// Who looks at it, where one of the messages is theirs, has a reaction of theirs, or calls
    /// them by name.
    pub own: Option<UserId>,
    /// Before which message the "New" line stands.
    pub new_after: Option<Seq>,
    /// Days since 1970-01-01 UTC: the rows say "Today".
    pub today: i64,
    /// Of the names that its people chose to be shown by: no log tells of those.
    pub names: u64,
}

/// Until when a list that is drawn now says the same of when something last happened.
#[must_use]
pub fn list_stays(list: &ConversationList, now_ms: i64) -> i64 {
    list.conversations.iter().map(|summary| brief_stays(summary.active_ms, now_ms)).min().unwrap_or(now_ms)
}

/// What a fragment is kept by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FragmentKey {
    /// The rows of a page.
    Rows(RowsKey),
    /// One row, by all that it shows: most of a page's rows were on the page before a new message came. A day shows
    /// how far `today` is, and a text that calls its reader by name is marked.
    Row { row: Row, calls: bool, today: Option<i64> },
    /// One line of a list, by all that it shows.
    Item(ItemKey),
}

/// Where they are kept.
pub trait Fragments: Send + Sync {
    fn find(&self, key: &FragmentKey) -> Option<Arc<str>>;
    fn keep(&self, key: FragmentKey, html: Arc<str>);
}

/// The server puts it into the context of each page.
#[derive(Clone)]
pub struct FragmentsHandle(pub Arc<dyn Fragments>);

/// One element that nothing but `key` makes different, from where it is kept or drawn.
pub fn kept(key: impl FnOnce() -> FragmentKey, draw: impl FnOnce() -> AnyView) -> AnyView {
    let Some(FragmentsHandle(fragments)) = use_context() else { return draw() };
    let key = key();
    let html = fragments.find(&key).unwrap_or_else(|| {
        let html: Arc<str> = draw().to_html().into();
        fragments.keep(key, html.clone());
        html
    });
    InertElement::new(html.to_string()).into_any()
}
