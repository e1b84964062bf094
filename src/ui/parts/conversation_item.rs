//! A conversation in the sidebar: who, what was said last, when, and how much of it is unread.

use leptos::prelude::*;

use super::clock::BriefTime;
use super::moment::{Brief, brief};
use super::pane_header::face;
use super::sidebar::is_shared;
use super::{Avatar, Clock};
use crate::protocol::rich_text::plain_line;
use crate::protocol::{ConversationId, ConversationSummary, UserId};
use crate::ui::fragments::{self, FragmentKey};
use crate::ui::live::Live;
use crate::ui::text;

#[component]
pub(super) fn ConversationItem(id: ConversationId, open: Signal<Option<ConversationId>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let item = Memo::new(move |_| {
        live.conversations.with(|all| all.iter().find(|c| c.conversation.id == id).map(|c| Item::of(c, me)))
    });
    fragments::kept(
        || {
            let (now_ms, open) = (expect_context::<Clock>().now_ms.get_untracked(), open.get_untracked());
            let item = item.get_untracked().unwrap_or_default();
            FragmentKey::Item(ItemKey::new(id, item, open == Some(id), now_ms))
        },
        || draw(id, item, open),
    )
}

fn draw(id: ConversationId, item: Memo<Option<Item>>, open: Signal<Option<ConversationId>>) -> AnyView {
    // An item that just left the list renders nothing for the moment until its row goes.
    let read = move |part: fn(&Item) -> String| item.with(|item| item.as_ref().map(part).unwrap_or_default());
    let unread = Memo::new(move |_| item.with(|item| item.as_ref().map_or(0, |item| item.unread)));
    let active_ms = Signal::derive(move || item.with(|item| item.as_ref().map_or(0, |item| item.active_ms)));
    let face = item.with_untracked(|item| item.as_ref().map_or(0, |item| item.face));
    view! {
        <li>
            <a
                class="conversation"
                class:unread=move || unread.get() != 0
                href=format!("/c/{id}")
                aria-current=move || (open.get() == Some(id)).then_some("page")
            >
                {move || view! { <Avatar id=face name=read(|item| item.name.clone())/> }}
                <bdi class="conversation-name">{move || read(|item| item.name.clone())}</bdi>
                <BriefTime at_ms=active_ms/>
                <span class="conversation-preview" dir="auto">{move || read(|item| item.preview.clone())}</span>
                {move || (unread.get() != 0).then(|| {
                    let count = text::count(unread.get());
                    view! {
                        <span class="badge">
                            <span aria-hidden="true">{count.clone()}</span>
                            <span class="sr-only">{text::unread(&count)}</span>
                        </span>
                    }
                })}
            </a>
        </li>
    }
    .into_any()
}

/// All that the row shows on a freshly drawn page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemKey {
    id: ConversationId,
    item: Item,
    /// When it was active, as the list says it.
    when: Brief,
    is_open: bool,
}

impl ItemKey {
    fn new(id: ConversationId, item: Item, is_open: bool, now_ms: i64) -> Self {
        let when = brief(item.active_ms, now_ms, |_| 0);
        Self { id, item, when, is_open }
    }

    pub(super) fn of(summary: &ConversationSummary, me: UserId, open: ConversationId, now_ms: i64) -> Self {
        let id = summary.conversation.id;
        Self::new(id, Item::of(summary, me), id == open, now_ms)
    }

    /// What it takes in memory beside itself, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.item.name.len() + self.item.preview.len()
    }
}

/// What the row shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Item {
    name: String,
    face: i64,
    preview: String,
    active_ms: i64,
    unread: u32,
}

impl Item {
    fn of(summary: &ConversationSummary, me: UserId) -> Self {
        let preview = summary.preview.as_ref().map(|preview| {
            let said = plain_line(&preview.text);
            if preview.author.id == me {
                text::preview_own(&said)
            } else if is_shared(summary.conversation.kind) {
                text::preview_by(&preview.author.name, &said)
            } else {
                said
            }
        });
        Self {
            name: summary.conversation.name_for(me),
            face: face(&summary.conversation, me),
            preview: preview.unwrap_or_default(),
            active_ms: summary.active_ms,
            unread: summary.unread,
        }
    }
}
