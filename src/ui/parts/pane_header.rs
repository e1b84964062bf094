//! The head of a conversation: its name, and how many are in it where that says something.

use leptos::html;
use leptos::prelude::*;

use super::presence::{presence_dot, presence_of};
use super::{Avatar, Focus, Icon, IconName, Keeping, Writing};
use crate::protocol::{Conversation, ConversationKind, Mine, UserId, UserRef};
use crate::ui::address::use_address;
use crate::ui::live::Live;
use crate::ui::routes;
use crate::ui::text;

#[component]
pub fn PaneHeader(
    /// As it was fetched: the list knows of changes, but not of every conversation.
    conversation: Conversation,
    me: UserId,
    /// How the reader keeps it, as it was fetched; none where nothing of it is known.
    #[prop(optional_no_strip)]
    mine: Option<Mine>,
    /// Opens the list of its pinned messages.
    #[prop(optional)]
    pins: Option<RwSignal<bool>>,
    /// Whether it is here to stay, and may take the focus.
    #[prop(optional)]
    opened: bool,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let (here, id) = (use_address(), conversation.id);
    let writing = expect_context::<Writing>();
    let name = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(name) = name.get().filter(|_| opened && writing.takes_focus(Focus::Name)) {
            let _focused = name.focus();
        }
    });
    let head = Memo::new(move |_| {
        live.conversations.with(|all| {
            let listed = all.iter().find(|c| c.conversation.id == conversation.id);
            Head::of(listed.map_or(&conversation, |listed| &listed.conversation), me)
        })
    });
    let presence = presence_of(Signal::derive(move || head.with(|head| head.other)));
    let topic = move || head.with(|head| head.topic.clone());
    let members = move || head.with(|head| head.members.clone());
    view! {
        <header class="pane-head">
            <BackLink/>
            {move || head.with(|head| view! { <Avatar id=head.face name=head.name.clone() small=true/> })}
            <div class="pane-title">
                <h1 class="pane-name" tabindex="-1" node_ref=name><bdi>{move || head.with(|head| head.name.clone())}</bdi></h1>
                {move || topic().map(|topic| view! { <p class="pane-topic" dir="auto">{topic}</p> }.into_any())}
            </div>
            {move || presence.get().map(|status| view! {
                <p class="pane-presence">{presence_dot(status, false)} {text::presence(status)}</p>
            }.into_any())}
            {move || members().map(|members| view! {
                <a
                    class="button quiet details-link"
                    href=move || match here.with(|here| routes::details(here.path())) {
                        true => format!("/c/{id}"),
                        false => format!("/c/{id}/details"),
                    }
                    title=text::DETAILS
                >
                    <span class="pane-members">{members}</span>
                    <span class="sr-only">{text::DETAILS}</span>
                    <Icon name=IconName::Details/>
                </a>
            }.into_any())}
            {move || head.with(|head| head.profile.clone()).map(|href| view! {
                <a class="button quiet details-link" href=href rel="external" title=text::PROFILE>
                    <span class="sr-only">{text::PROFILE}</span>
                    <Icon name=IconName::Details/>
                </a>
            }.into_any())}
            {mine.map(|mine| view! { <Keeping id me mine pins/> })}
        </header>
    }
    .into_any()
}

/// What the head shows.
#[derive(Clone, PartialEq)]
struct Head {
    name: String,
    face: i64,
    /// The other one of a direct conversation.
    other: Option<UserId>,
    /// The address of what they say of themselves.
    profile: Option<String>,
    members: Option<String>,
    topic: Option<String>,
}

impl Head {
    fn of(conversation: &Conversation, me: UserId) -> Self {
        let shared = conversation.kind != ConversationKind::Direct;
        Self {
            name: conversation.name_for(me),
            face: face(conversation, me),
            other: other(conversation, me).map(|other| other.id),
            profile: other(conversation, me).map(|other| text::profile_of(&other.name)),
            topic: conversation.topic.clone(),
            members: shared.then(|| text::members(conversation.member_count)),
        }
    }
}

/// The way back to the list, where that is not beside the pane.
#[component]
pub(super) fn BackLink() -> impl IntoView {
    view! { <a class="icon-button back" href="/c" aria-label=text::BACK><Icon name=IconName::Back/></a> }
}

/// The head of a pane of which no more is known: the way back alone, and nothing where that is not needed.
#[component]
pub fn PaneHeadless() -> impl IntoView {
    view! { <header class="pane-head bare"><BackLink/></header> }
}

/// With whom a direct conversation is; nobody where one writes to oneself.
pub(super) fn other(conversation: &Conversation, me: UserId) -> Option<&UserRef> {
    let is_direct = conversation.kind == ConversationKind::Direct;
    conversation.members.iter().find(|member| is_direct && member.id != me)
}

/// Whose colour a conversation has: the other's in a direct one, its own otherwise.
pub(super) fn face(conversation: &Conversation, me: UserId) -> i64 {
    match conversation.kind {
        ConversationKind::Direct => conversation.members.iter().find(|m| m.id != me).map_or(me.0, |other| other.id.0),
        ConversationKind::Group | ConversationKind::Room => conversation.id.0,
    }
}
