//! What of the chat comes after it: dialogs, and panes that one seldom goes to. They are named here alone, so that
//! nothing else carries them (see `pieces`).
//! Long because each of them has its line in every list here.

use leptos::prelude::*;

use super::composer::{ComposerDesk, ModeLine, Offers, OffersFound};
use super::details::Details;
use super::emoji_picker::EmojiPicker;
use super::message_item::FailedHere;
use super::message_list::{Acting, Actions, Archive, Dialogs, NewAbove, Reading};
use super::new_conversation::NewConversation;
use super::pins::Pins;
use super::rooms::Rooms;
use super::start_chat::StartChat;
use super::stranded::Stranded;
use super::switcher::Switcher;
use super::unsent::Unsent;
use crate::api::{ApiError, FormFailure, PageContext};
use crate::protocol::{Conversation, ConversationId, MemberList, MessageList, RoomList, UserId};

/// One of them, and what it is drawn with.
pub struct Part(Kind);

enum Kind {
    Switcher,
    EmojiPicker(RwSignal<bool>, Callback<String>),
    Unsent,
    /// Why, and which message.
    Failed(String, String),
    Offers(Offers, Callback<usize>),
    NewAbove(Reading),
    ModeLine(ConversationId),
    Stranded(ConversationId),
    Actions(Acting),
    Dialogs(Acting),
    Pins(ConversationId, RwSignal<bool>),
    Archive(ConversationId, MessageList),
    StartChat(Box<ComposerDesk>, String),
    NewConversation(UserId, Option<FormFailure>, String),
    Rooms(Box<RoomsProps>),
    Details(Box<DetailsProps>),
}

/// What the directory is drawn with.
pub struct RoomsProps {
    pub me: UserId,
    pub query: String,
    pub from: Option<ConversationId>,
    pub first: Option<Result<RoomList, ApiError>>,
    pub failure: Option<FormFailure>,
}

/// What a conversation's details are drawn with.
pub struct DetailsProps {
    pub conversation: Memo<Conversation>,
    pub me: UserId,
    pub page: PageContext,
    pub members: Option<Result<MemberList, ApiError>>,
    pub arrived: bool,
}

impl Part {
    pub(super) fn switcher() -> Self {
        Self(Kind::Switcher)
    }

    pub(super) fn emoji_picker(open: RwSignal<bool>, on_pick: Callback<String>) -> Self {
        Self(Kind::EmojiPicker(open, on_pick))
    }

    pub(super) fn unsent() -> Self {
        Self(Kind::Unsent)
    }

    pub(super) fn failed(reason: String, nonce: String) -> Self {
        Self(Kind::Failed(reason, nonce))
    }

    pub(super) fn offers(offers: Offers, take: Callback<usize>) -> Self {
        Self(Kind::Offers(offers, take))
    }

    pub(super) fn new_above(reading: Reading) -> Self {
        Self(Kind::NewAbove(reading))
    }

    pub(super) fn mode_line(id: ConversationId) -> Self {
        Self(Kind::ModeLine(id))
    }

    pub(super) fn stranded(id: ConversationId) -> Self {
        Self(Kind::Stranded(id))
    }

    pub(super) fn actions(acting: Acting) -> Self {
        Self(Kind::Actions(acting))
    }

    pub(super) fn dialogs(acting: Acting) -> Self {
        Self(Kind::Dialogs(acting))
    }

    pub fn pins(id: ConversationId, open: RwSignal<bool>) -> Self {
        Self(Kind::Pins(id, open))
    }

    pub fn new_conversation(me: UserId, failure: Option<FormFailure>, nonce: String) -> Self {
        Self(Kind::NewConversation(me, failure, nonce))
    }

    pub fn archive(id: ConversationId, page: MessageList) -> Self {
        Self(Kind::Archive(id, page))
    }

    pub fn start_chat(desk: ComposerDesk, to: String) -> Self {
        Self(Kind::StartChat(Box::new(desk), to))
    }

    pub fn rooms(props: RoomsProps) -> Self {
        Self(Kind::Rooms(Box::new(props)))
    }

    pub fn details(props: DetailsProps) -> Self {
        Self(Kind::Details(Box::new(props)))
    }

    /// Where the piece is there.
    #[must_use]
    pub fn draw(self) -> AnyView {
        match self.0 {
            Kind::Switcher => view! { <Switcher/> }.into_any(),
            Kind::EmojiPicker(open, on_pick) => view! { <EmojiPicker open on_pick/> }.into_any(),
            Kind::Unsent => view! { <Unsent/> }.into_any(),
            Kind::Failed(reason, nonce) => view! { <FailedHere reason nonce/> }.into_any(),
            Kind::Offers(offers, take) => view! { <OffersFound offers take/> }.into_any(),
            Kind::NewAbove(reading) => view! { <NewAbove reading/> }.into_any(),
            Kind::ModeLine(id) => view! { <ModeLine id/> }.into_any(),
            Kind::Stranded(id) => view! { <Stranded id/> }.into_any(),
            Kind::Actions(acting) => view! { <Actions acting/> }.into_any(),
            Kind::Archive(id, page) => view! { <Archive id page/> }.into_any(),
            Kind::StartChat(desk, to) => view! { <StartChat desk=*desk to/> }.into_any(),
            Kind::Dialogs(acting) => view! { <Dialogs acting/> }.into_any(),
            Kind::Pins(id, open) => view! { <Pins id open/> }.into_any(),
            Kind::NewConversation(me, failure, nonce) => view! { <NewConversation me failure nonce/> }.into_any(),
            Kind::Rooms(props) => {
                let RoomsProps { me, query, from, first, failure } = *props;
                view! { <Rooms me query from first failure/> }.into_any()
            }
            Kind::Details(props) => {
                let DetailsProps { conversation, me, page, members, arrived } = *props;
                view! { <Details conversation me page members arrived/> }.into_any()
            }
        }
    }
}
