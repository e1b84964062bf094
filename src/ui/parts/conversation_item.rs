//! A conversation in the sidebar: who, what was said last, when, and how much of it is unread. Long because
//! what is kept of a row is told by all that it shows.

use leptos::prelude::*;

use super::clock::BriefTime;
use super::moment::{Brief, brief};
use super::pane_header::{face, other};
use super::presence::{presence_dot, presence_of};
use super::sidebar::is_shared;
use super::{Avatar, Clock, Icon, IconName};
use crate::protocol::rich_text::plain_line;
use crate::protocol::{ConversationId, ConversationSummary, Level, Mine, UserId};
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
    // Of all, and of those that call the reader.
    let unread =
        Memo::new(move |_| item.with(|item| item.as_ref().map_or((0, 0), |item| (item.unread, item.mentions))));
    let mine = Memo::new(move |_| item.with(|item| item.as_ref().map_or_else(Mine::default, |item| item.mine)));
    let archived = Memo::new(move |_| item.with(|item| item.as_ref().is_some_and(|item| item.archived)));
    let active_ms = Signal::derive(move || item.with(|item| item.as_ref().map_or(0, |item| item.active_ms)));
    let presence = presence_of(Signal::derive(move || item.with(|item| item.as_ref().and_then(|item| item.other))));
    let live = expect_context::<Live>();
    let typing = Memo::new(move |_| live.typing.with(|typing| text::typing(&typing.names(id))));
    let preview = Memo::new(move |_| typing.get().unwrap_or_else(|| read(|item| item.preview.clone())));
    let face = item.with_untracked(|item| item.as_ref().map_or(0, |item| item.face));
    view! {
        <li>
            <a
                class="conversation"
                class:unread=move || unread.get() != (0, 0) || mine.get().marked
                href=format!("/c/{id}")
                aria-current=move || (open.get() == Some(id)).then_some("page")
            >
                {move || view! { <Avatar id=face name=read(|item| item.name.clone())/> }}
                {move || presence.get().map(|status| presence_dot(status, true))}
                <span class="conversation-title">
                    <bdi class="conversation-name">{move || read(|item| item.name.clone())}</bdi>
                    {move || archived.get().then(|| view! { <Kept icon=IconName::Archive label=text::IS_ARCHIVED/> })}
                    {move || mine.get().pinned.then(|| view! { <Kept icon=IconName::Pin label=text::IS_PINNED/> })}
                    {move || (mine.get().level == Level::Nothing).then(|| view! {
                        <Kept icon=IconName::Muted label=text::IS_MUTED/>
                    })}
                </span>
                <BriefTime at_ms=active_ms/>
                {move || Some(preview.get()).filter(|preview| !preview.is_empty()).map(|preview| view! {
                    <span class="conversation-preview" dir="auto">{preview}</span>
                })}
                {move || mine.get().marked.then(|| view! {
                    <span class="badge dot"><span class="sr-only">{text::IS_MARKED}</span></span>
                })}
                {move || (unread.get() != (0, 0) && !mine.get().marked).then(|| view! {
                    <span class="badges">
                        {badge("badge called", unread.get().1, text::at_count, text::mentions)}
                        {badge("badge", unread.get().0, text::count, text::unread)}
                    </span>
                })}
            </a>
        </li>
    }
    .into_any()
}

/// How many, where there are any: as it is seen, and as it is read out.
fn badge(class: &'static str, count: u32, seen: fn(u32) -> String, said: fn(&str) -> String) -> Option<impl IntoView> {
    (count != 0).then(|| {
        let said = said(&text::count(count));
        view! { <span class=class><span aria-hidden="true">{seen(count)}</span><span class="sr-only">{said}</span></span> }
    })
}

/// How the reader keeps it, beside its name.
#[component]
fn Kept(icon: IconName, label: &'static str) -> impl IntoView {
    view! { <span class="kept"><Icon name=icon/><span class="sr-only">{label}</span></span> }
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

/// How much of what is unread the reader wants to hear of.
pub(in crate::ui) fn told(summary: &ConversationSummary) -> u32 {
    match summary.mine.level {
        Level::All => summary.unread,
        Level::Mentions => summary.mentions,
        Level::Nothing => 0,
    }
}

/// What the row shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Item {
    name: String,
    face: i64,
    /// The other one of a direct conversation.
    other: Option<UserId>,
    preview: String,
    active_ms: i64,
    /// As far as the reader wants to hear of it; so it is with those that call them.
    unread: u32,
    mentions: u32,
    mine: Mine,
    archived: bool,
}

impl Item {
    fn of(summary: &ConversationSummary, me: UserId) -> Self {
        let preview = summary.preview.as_ref().map(|preview| {
            let said = plain_line(&preview.text);
            if preview.author.id == me {
                text::preview_own(&said)
            } else if is_shared(summary.conversation.kind) {
                text::preview_by(preview.author.shown(), &said)
            } else {
                said
            }
        });
        Self {
            name: summary.conversation.name_for(me),
            face: face(&summary.conversation, me),
            other: other(&summary.conversation, me).map(|other| other.id),
            preview: preview.unwrap_or_default(),
            active_ms: summary.active_ms,
            unread: if summary.mine.level == Level::All { summary.unread } else { 0 },
            mentions: if summary.mine.level == Level::Nothing { 0 } else { summary.mentions },
            mine: summary.mine,
            archived: summary.conversation.archived,
        }
    }
}
