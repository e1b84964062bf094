//! The menu of a message.

use leptos::prelude::*;

use super::super::acting::Acting;
use super::super::dialogs::Asking;
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

/// What most reactions are: a row of them, with the way to all others, fits the narrowest phone.
const QUICK: [&str; 7] = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏"];

#[component]
pub(super) fn EmojiRow(acting: Acting) -> impl IntoView {
    let one = move |emoji: &'static str| {
        view! {
            <button type="button" class="emoji-item" role="menuitem" tabindex="-1" aria-label=emoji on:click=move |_| acting.react(emoji)>
                <span class="emoji">{emoji}</span>
            </button>
        }
    };
    view! {
        <div class="emoji-row" role="none">
            {QUICK.map(one)}
            <button
                type="button"
                class="emoji-item any-emoji"
                role="menuitem"
                tabindex="-1"
                aria-label=text::ANY_EMOJI
                title=text::ANY_EMOJI
                aria-haspopup="dialog"
                on:click=move |_| acting.ask(Asking::Emoji)
            >
                <Icon name=IconName::Add/>
            </button>
        </div>
    }
}

#[component]
pub(super) fn Menu(acting: Acting) -> impl IntoView {
    let row = acting.row();
    let (own, pinned, edited, reacted) = row.map_or((false, false, false, false), |row| {
        (row.own, row.pinned, row.edited_ms.is_some(), !row.reactions.is_empty())
    });
    let open = !acting.archived.get_untracked();
    let may_pin = acting.may_pin.get_untracked();
    // Of a room nobody is told who has read it.
    let counts = acting.live.conversations.with_untracked(|all| {
        all.iter().any(|one| one.conversation.id == acting.id && one.conversation.members.len() > 1)
    });
    view! {
        <div class="actions-menu" role="menu" aria-label=text::ACTIONS>
            {open.then(|| view! {
                <EmojiRow acting/>
                <Item label=text::REPLY act=move || acting.reply()/>
            })}
            {(own && open).then(|| view! { <Item label=text::EDIT act=move || acting.edit()/> })}
            {may_pin.then(|| view! { <Item label=if pinned { text::UNPIN } else { text::PIN } act=move || acting.pin()/> })}
            <Item label=text::COPY_TEXT act=move || acting.copy(false)/>
            <Item label=text::COPY_LINK act=move || acting.copy(true)/>
            {reacted.then(|| view! { <Item label=text::WHO_REACTED act=move || acting.ask(Asking::Reactors)/> })}
            {(own && counts).then(|| view! { <Item label=text::WHO_READ act=move || acting.ask(Asking::Readers)/> })}
            {edited.then(|| view! { <Item label=text::EDIT_HISTORY act=move || acting.ask(Asking::History)/> })}
            {(own && open).then(|| view! { <Item label=text::DELETE danger=true act=move || acting.ask(Asking::Delete)/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Item(label: &'static str, act: impl Fn() + 'static, #[prop(optional)] danger: bool) -> impl IntoView {
    view! {
        <button type="button" class="menu-item" class:danger=danger role="menuitem" tabindex="-1" on:click=move |_| act()>
            {label}
        </button>
    }
    .into_any()
}
