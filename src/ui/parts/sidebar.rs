//! The list of conversations, the way to a new one, and oneself.

use leptos::prelude::*;

use super::conversation_rows::ConversationRows;
use super::{Avatar, Connection, Icon, IconName, Part, Switching};
use crate::protocol::{ConversationId, ConversationKind};
use crate::ui::live::Live;
use crate::ui::pieces::late;
use crate::ui::text;

#[component]
pub fn Sidebar(#[prop(into)] open: Signal<Option<ConversationId>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.get_value();
    // Apart from the rest, so that a new preview does not make the rows anew.
    let ids =
        Memo::new(move |_| live.conversations.with(|all| all.iter().map(|c| c.conversation.id).collect::<Vec<_>>()));
    let switching = expect_context::<Switching>().opened();
    view! {
        <div class="sidebar">
            <header class="sidebar-head">
                <h1 class="brand">{text::BRAND}</h1>
                <button
                    class="icon-button switch"
                    type="button"
                    aria-label=text::GO_TO
                    aria-haspopup="dialog"
                    aria-keyshortcuts="Control+K Meta+K"
                    title=text::GO_TO_TITLE
                    on:click=move |_| switching.set(true)
                >
                    <Icon name=IconName::Find/>
                </button>
                <a class="icon-button" href="/c/rooms" aria-label=text::ROOMS title=text::ROOMS>
                    <Icon name=IconName::Rooms/>
                </a>
                <a class="icon-button" href="/c?to=" aria-label=text::NEW_CHAT title=text::NEW_CHAT>
                    <Icon name=IconName::NewChat/>
                </a>
            </header>
            // Where the list is all that is in view; beside a pane, that one says it.
            <Connection/>
            {late(move || live.outbox.with(|items| !items.is_empty()), Part::unsent)}
            <ConversationRows ids open/>
            <footer class="sidebar-foot">
                <Avatar id=me.id.0 name=me.shown().to_owned() small=true/>
                <bdi class="sidebar-me">{me.shown().to_owned()}</bdi>
                <a class="icon-button" href="/people" rel="external" aria-label=text::PEOPLE title=text::PEOPLE>
                    <Icon name=IconName::People/>
                </a>
                // Out of the chat and into it is always a new document: the live client starts once in each.
                <a
                    class="icon-button"
                    href="/settings"
                    rel="external"
                    aria-label=text::SETTINGS
                    title=text::SETTINGS
                >
                    <Icon name=IconName::Settings/>
                </a>
            </footer>
        </div>
    }
    .into_any()
}

/// Whether several people write there, so that a preview names its author.
pub(super) fn is_shared(kind: ConversationKind) -> bool {
    kind != ConversationKind::Direct
}
