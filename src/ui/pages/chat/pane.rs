//! The pane beside the list: a conversation, a new chat, or why there is none.

use std::convert::identity;

use leptos::prelude::*;

use super::conversation::Conversation;
use super::failed::Failed;
use super::target::{Opened, Target};
use crate::api::{ApiError, PageContext};
use crate::protocol::{ConversationId, ConversationSummary, RoomList, Seq};
use crate::ui::app::failure_of;
use crate::ui::live::Live;
use crate::ui::parts::{ComposerDesk, Connection, Notice, PaneHeader, PaneHeadless, Part, RoomsProps, RowsSkeleton};
use crate::ui::pieces::late_pane;
use crate::ui::text;

/// What the pane shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PaneState {
    /// On its way; the head is shown where the conversation is known from the list.
    Loading(Option<ConversationSummary>),
    Nothing,
    Start(String),
    New,
    Rooms(String, Option<ConversationId>),
    /// And the message that one came for.
    Conversation(Box<Opened>, Option<Seq>),
    /// A page of older messages, for readers without scripts.
    Archive(Box<Opened>),
    Failed(ApiError),
}

impl PaneState {
    pub(super) fn of(target: Target, opened: Result<Option<Opened>, ApiError>) -> Self {
        match (opened, target) {
            (Err(error), _) => Self::Failed(error),
            (Ok(Some(opened)), Target::Conversation { before: Some(_), .. }) => Self::Archive(Box::new(opened)),
            (Ok(Some(opened)), target) => Self::Conversation(Box::new(opened), target.message()),
            (Ok(None), Target::Start(to)) => Self::Start(to),
            (Ok(None), Target::New) => Self::New,
            (Ok(None), Target::Rooms { query, from }) => Self::Rooms(query, from),
            (Ok(None), _) => Self::Nothing,
        }
    }
}

#[component]
pub(super) fn Pane(
    pane: RwSignal<PaneState>,
    page: PageContext,
    /// Those that the page was drawn with.
    rooms: Option<Result<RoomList, ApiError>>,
    retry: Callback<()>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let failure = StoredValue::new(failure_of(&page, "message-post"));
    let making = StoredValue::new(failure_of(&page, "conversation-create"));
    let joining = StoredValue::new(failure_of(&page, "room-join"));
    let rooms = StoredValue::new(rooms);
    let nonce = page.nonce.clone();
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
            view! { <Connection/> {late_pane(headed, Part::start_chat(desk, to))} }.into_any()
        }
        PaneState::New => {
            let failure = making.write_value().take();
            view! { <Connection/> {late_pane(headed, Part::new_conversation(me, failure, nonce.clone()))} }.into_any()
        }
        PaneState::Rooms(query, from) => {
            let (first, failure) = (rooms.write_value().take(), joining.write_value().take());
            let props = RoomsProps { me, query, from, first, failure };
            view! { <Connection/> {late_pane(headed, Part::rooms(props))} }.into_any()
        }
        PaneState::Conversation(opened, at) => {
            let desk = desk(Some(opened.summary.conversation.id));
            view! { <Conversation opened=*opened at desk/> }.into_any()
        }
        PaneState::Archive(opened) => {
            let Opened { summary, page } = *opened;
            let id = summary.conversation.id;
            view! { <PaneHeader conversation=summary.conversation me/> {late_pane(identity, Part::archive(id, page.into_inner()))} }.into_any()
        }
        PaneState::Failed(error) => view! { <Failed error failure=failure.write_value().take() retry/> }.into_any(),
    }
}

/// What stands for a pane until it is there: on a phone with the way back.
fn headed(inner: AnyView) -> AnyView {
    view! { <PaneHeadless/> {inner} }.into_any()
}
