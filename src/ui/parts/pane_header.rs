//! The head of a conversation: its name, and how many are in it where that says something.

use leptos::prelude::*;

use super::{Avatar, Icon, IconName};
use crate::protocol::{Conversation, ConversationKind, UserId};
use crate::ui::text;

#[component]
pub fn PaneHeader(conversation: Conversation, me: UserId) -> impl IntoView {
    let name = conversation.name_for(me);
    let members = (conversation.kind != ConversationKind::Direct).then(|| text::members(conversation.member_count));
    view! {
        <header class="pane-head">
            <BackLink/>
            <Avatar id=face(&conversation, me) name=name.clone() small=true/>
            <h1 class="pane-name"><bdi>{name}</bdi></h1>
            {members.map(|members| view! { <p class="pane-members">{members}</p> })}
        </header>
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

/// Whose colour a conversation has: the other's in a direct one, its own otherwise.
pub(super) fn face(conversation: &Conversation, me: UserId) -> i64 {
    match conversation.kind {
        ConversationKind::Direct => conversation.members.iter().find(|m| m.id != me).map_or(me.0, |other| other.id.0),
        ConversationKind::Group | ConversationKind::Room => conversation.id.0,
    }
}
