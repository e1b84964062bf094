//! A message of the list: who, when, what, and how an own one stands. What a row is made of does not depend on whether
//! scripts run; it follows its message while they do.

mod quote;
mod reactions;
mod standing;

use leptos::prelude::*;

use self::quote::QuoteLink;
use self::reactions::Reactions;
use self::standing::Standing;
pub(super) use self::standing::{Failed, FailedHere, read_by};
use super::clock::ClockTime;
use super::rich_text::said;
use super::{Avatar, Icon, IconName};
use crate::ui::live::Live;
use crate::ui::live::timeline::{MessageRow, SendState};
use crate::ui::text;

/// The element's id: survives from pending to sent, so that the reader's place can be found again.
pub(super) fn row_id(key: &str) -> String {
    format!("m-{key}")
}

#[component]
pub(super) fn MessageItem(
    /// Follows its message.
    row: Signal<MessageRow>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let MessageRow { key, author, own, leads, .. } = row.get_untracked();
    let state = Memo::new(move |_| row.with(|row| row.state.clone()));
    // Who is shown by another name meanwhile keeps their place.
    let name = Memo::new(move |_| row.with(|row| row.author.shown().to_owned()));
    let head = if leads && !own {
        view! {
            {move || view! { <Avatar id=author.id.0 name=name.get()/> }}
            <p class="message-head"><bdi class="author">{move || name.get()}</bdi> <Permalink row/></p>
        }
        .into_any()
    } else {
        view! { <p class="message-side"><bdi class="sr-only">{move || name.get()}</bdi> <Permalink row/></p> }
            .into_any()
    };
    let is_target = move || row.with(|row| row.seq.is_some() && row.seq == live.target.get());
    view! {
        <li
            class="message"
            class:own=own
            class:leads=leads
            class:failed=move || matches!(state.get(), SendState::Failed(_))
            class:target=is_target
            id=row_id(&key)
            tabindex="-1"
            data-seq=move || row.with(|row| row.seq.map(|seq| seq.to_string()))
        >
            {head}
            <Bubble row/>
            <Reactions row/>
            {own.then(|| view! { <Standing row state/> })}
        </li>
    }
    .into_any()
}

/// What it says, with what it answers; or that it is gone.
#[component]
fn Bubble(row: Signal<MessageRow>) -> impl IntoView {
    let live = expect_context::<Live>();
    let content = Memo::new(move |_| row.with(|row| (!row.deleted).then(|| row.content.clone())));
    let said = move || match content.get() {
        Some(content) => live.me.with_value(|me| said(&content, &me.name)),
        None => view! { <p class="said">{text::DELETED}</p> }.into_any(),
    };
    let marks = move || {
        row.with(|row| {
            (row.edited_ms.is_some() || row.pinned).then(|| {
                view! {
                    <p class="marks">
                        {row.pinned.then(|| view! { <Icon name=IconName::Pin/> <span class="sr-only">{text::PINNED}</span> })}
                        {row.edited_ms.map(|_| view! { <span class="edited">{text::EDITED}</span> })}
                    </p>
                }
            })
        })
    };
    view! {
        <div class="bubble" class:gone=move || row.with(|row| row.deleted)>
            {move || row.with(|row| row.reply.clone()).map(|reply| view! { <QuoteLink reply conversation=row.with_untracked(|row| row.conversation)/> }.into_any())}
            {said}
            {marks}
        </div>
    }
    .into_any()
}

/// When it was written, as the way to the message itself. Out of the way of the Tab key where the list has keys of its
/// own.
#[component]
fn Permalink(row: Signal<MessageRow>) -> impl IntoView {
    let live = expect_context::<Live>();
    let created_ms = Signal::derive(move || row.with(|row| row.created_ms));
    view! {
        <a
            class="permalink"
            href=move || row.with(MessageRow::permalink)
            tabindex=move || live.alive.get().then_some("-1")
        >
            <ClockTime at_ms=created_ms/>
        </a>
    }
    .into_any()
}
