//! Parts of a conversation's page that are drawn apart from any page: what one that is put together from pieces lacks.
//!
//! Only the server does so. Each part is drawn by the component that a whole page has it from, and is found and kept
//! by the same key.

use std::sync::Arc;

use leptos::prelude::*;

use super::conversation_item::{ConversationItem, ItemKey};
use super::message_list::rows::{StillRow, row_key, rows_key};
use super::moment::days;
use super::{Clock, Writing, escaped};
use crate::protocol::{ConversationId, ConversationList, ConversationSummary, MessageList, UserRef};
use crate::ui::fragments::{FragmentKey, Fragments};
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::pages::{ChatTarget, Opened, title_of};

/// Draws for one reader, at one moment.
pub struct Apart<'p> {
    pub me: &'p UserRef,
    pub now_ms: i64,
    pub fragments: &'p dyn Fragments,
}

impl Apart<'_> {
    /// What stands in the document's title.
    #[must_use]
    pub fn title(&self, list: &ConversationList, target: &ChatTarget) -> String {
        escaped(&title_of(&list.conversations, self.me.id, target))
    }

    /// The lines of the list, without what is around them.
    #[must_use]
    pub fn items(&self, list: &ConversationList, open: ConversationId) -> String {
        let mut items = String::new();
        for summary in &list.conversations {
            let id = summary.conversation.id;
            let key = FragmentKey::Item(ItemKey::of(summary, self.me.id, open, self.now_ms));
            items.push_str(&self.part(key, Some(summary), || {
                view! { <ConversationItem id open=Signal::stored(Some(open))/> }.into_any()
            }));
        }
        items
    }

    /// The open conversation's rows between the element's tags, and what they are kept by.
    #[must_use]
    pub fn rows(&self, opened: &Opened, (begin, end): (&str, &str)) -> (FragmentKey, Arc<str>) {
        let (id, today) = (opened.summary.conversation.id, days(self.now_ms));
        let timeline = Timeline::from_page(id, MessageList::clone(&opened.page));
        let new_after = opened.new_after().filter(|mark| timeline.reaches(*mark));
        let rows = rows_key(id, &timeline, self.me, new_after, today);
        let html = self.fragments.find(&rows).unwrap_or_else(|| {
            let mut html = begin.to_owned();
            for row in timeline.rows(self.me.id, |_| 0, new_after) {
                let key = row_key(row.clone(), &self.me.name, today);
                html.push_str(&self.part(key, None, || view! { <StillRow row/> }.into_any()));
            }
            html.push_str(end);
            let html: Arc<str> = html.into();
            self.fragments.keep(rows.clone(), html.clone());
            html
        });
        (rows, html)
    }

    /// One part, from where it is kept or drawn, with what of the page it may look at.
    fn part(&self, key: FragmentKey, listed: Option<&ConversationSummary>, draw: impl FnOnce() -> AnyView) -> Arc<str> {
        self.fragments.find(&key).unwrap_or_else(|| {
            let html: Arc<str> = Owner::new_root(None).with(|| {
                Clock::provide(self.now_ms);
                let _writing = Writing::provide();
                let list = ConversationList { conversations: listed.cloned().into_iter().collect(), more: false };
                provide_context(Live::new(self.me.clone(), list, Timeline::default()));
                draw().to_html().into()
            });
            self.fragments.keep(key, html.clone());
            html
        })
    }
}
