//! The pane beside the list: a conversation, a new chat, or why there is none.

use leptos::prelude::*;

use super::failed::Failed;
use super::target::{Opened, Target};
use crate::api::{ApiError, PageContext};
use crate::protocol::ConversationSummary;
use crate::ui::app::failure_of;
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::parts::{
    Archive, Composer, ComposerDesk, Connection, MarkAsRead, MessageList, Notice, PaneHeader, PaneHeadless,
    RowsSkeleton, StartChat,
};
use crate::ui::text;

/// What the pane shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PaneState {
    /// On its way; the head is shown where the conversation is known from the list.
    Loading(Option<ConversationSummary>),
    Nothing,
    Start(String),
    Conversation(Box<Opened>),
    /// A page of older messages, for readers without scripts.
    Archive(Box<Opened>),
    Failed(ApiError),
}

impl PaneState {
    pub(super) fn of(target: Target, opened: Result<Option<Opened>, ApiError>) -> Self {
        match (opened, target) {
            (Err(error), _) => Self::Failed(error),
            (Ok(Some(opened)), Target::Conversation { before: Some(_), .. }) => Self::Archive(Box::new(opened)),
            (Ok(Some(opened)), _) => Self::Conversation(Box::new(opened)),
            (Ok(None), Target::Start(to)) => Self::Start(to),
            (Ok(None), _) => Self::Nothing,
        }
    }
}

#[component]
pub(super) fn Pane(pane: RwSignal<PaneState>, page: PageContext, retry: Callback<()>) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let failure = StoredValue::new(failure_of(&page, "message-post"));
    let desk = move |conversation| {
        let nonce = page.nonce.clone();
        ComposerDesk::of(nonce, me, conversation, &mut failure.write_value())
    };
    move || match pane.get() {
        PaneState::Loading(known) => {
            let head = match known {
                Some(known) => view! { <PaneHeader conversation=known.conversation me/> }.into_any(),
                None => view! { <PaneHeadless/> }.into_any(),
            };
            view! { {head} <RowsSkeleton/> }.into_any()
        }
        PaneState::Nothing => view! {
            <Connection/>
            // Without any, the sidebar says what to do.
            <Show when=move || live.conversations.with(|all| !all.is_empty())>
                <Notice sentence=text::PICK_CONVERSATION hint=text::PICK_CONVERSATION_HINT>
                    <a class="button" href="/c?to=">{text::NEW_CHAT}</a>
                </Notice>
            </Show>
        }
        .into_any(),
        PaneState::Start(to) => {
            let desk = desk(None);
            let to = desk.failure.as_ref().and_then(|failure| failure.typed("target_id")).unwrap_or(to);
            view! { <Connection/> <StartChat desk to/> }.into_any()
        }
        PaneState::Conversation(opened) => {
            let desk = desk(Some(opened.summary.conversation.id));
            view! { <Conversation opened=*opened desk/> }.into_any()
        }
        PaneState::Archive(opened) => {
            let Opened { summary, page } = *opened;
            let id = summary.conversation.id;
            view! { <PaneHeader conversation=summary.conversation me/> <Archive id page=page.into_inner()/> }.into_any()
        }
        PaneState::Failed(error) => view! { <Failed error failure=failure.write_value().take() retry/> }.into_any(),
    }
}

#[component]
fn Conversation(opened: Opened, desk: ComposerDesk) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let new_after = opened.new_after();
    let Opened { summary, page } = opened;
    let id = summary.conversation.id;
    let placeholder = text::message_to(&summary.conversation.name_for(me));
    let as_of = page.as_of;
    // What is rendered now, on both sides; the live client goes on from there once it runs.
    live.timeline.set(Timeline::from_page(id, page.clone().into_inner()));
    Effect::new(move |opened: Option<()>| {
        if opened.is_none() {
            live.drive(|driver| driver.open(Some(id), Some(page.clone().into_inner())));
        }
    });
    view! {
        <PaneHeader conversation=summary.conversation me mine=Some(summary.mine) opened=true/>
        <Connection/>
        <MessageList id new_after/>
        {new_after.map(|_| view! { <MarkAsRead id seq=as_of me/> })}
        <Composer desk placeholder/>
    }
    .into_any()
}
