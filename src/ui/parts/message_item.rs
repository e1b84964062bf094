//! A message of the list: who, when, what, and how an own one stands.

use leptos::prelude::*;

use super::clock::ClockTime;
use super::{Avatar, Icon, IconName, Writing};
use crate::ui::live::Live;
use crate::ui::live::timeline::{MessageRow, SendState};
use crate::ui::text;

/// The element's id: survives from pending to sent, so that the reader's place can be found again.
pub(super) fn row_id(key: &str) -> String {
    format!("m-{key}")
}

#[component]
pub(super) fn MessageItem(
    /// Changes for a message that is not sent yet only.
    row: Signal<MessageRow>,
) -> impl IntoView {
    let MessageRow { key, author, own, leads, .. } = row.get_untracked();
    let created_ms = Signal::derive(move || row.with(|row| row.created_ms));
    let state = Memo::new(move |_| row.with(|row| row.state.clone()));
    let head = if leads && !own {
        view! {
            <Avatar id=author.id.0 name=author.shown().to_owned()/>
            <p class="message-head"><bdi class="author">{author.shown().to_owned()}</bdi> <ClockTime at_ms=created_ms/></p>
        }
        .into_any()
    } else {
        view! { <p class="message-side"><bdi class="sr-only">{author.shown().to_owned()}</bdi> <ClockTime at_ms=created_ms/></p> }
            .into_any()
    };
    view! {
        <li
            class="message"
            class:own=own
            class:leads=leads
            class:failed=move || matches!(state.get(), SendState::Failed(_))
            id=row_id(&key)
            data-seq=move || row.with(|row| row.seq.map(|seq| seq.to_string()))
        >
            {head}
            <p class="bubble">{move || row.with(|row| row.content.clone())}</p>
            {own.then(|| view! { <Standing row state/> })}
        </li>
    }
    .into_any()
}

/// How an own message stands: one small icon, and for a failed one the reason and what can be done.
#[component]
fn Standing(row: Signal<MessageRow>, state: Memo<SendState>) -> impl IntoView {
    let writing = expect_context::<Writing>();
    let icon = move || match state.get() {
        SendState::Pending => (IconName::Clock, text::PENDING),
        SendState::Sent => (IconName::Tick, text::SENT),
        SendState::Failed(_) => (IconName::Warning, text::FAILED),
    };
    let reason = move || match state.get() {
        SendState::Failed(reason) => {
            let nonce = row.with_untracked(|row| row.nonce.clone());
            let edited = nonce.clone();
            let edit = move || writing.take_back(&edited, |_| {});
            Some(view! { <Failed reason nonce edit/> })
        }
        SendState::Pending | SendState::Sent => None,
    };
    view! {
        <p class="standing">
            {move || view! { <Icon name=icon().0/> }}
            <span class="sr-only">{move || icon().1}</span>
        </p>
        {reason}
    }
}

/// Why it was not sent, and what can be done.
#[component]
pub(super) fn Failed(
    reason: String,
    nonce: String,
    edit: impl Fn() + 'static,
    /// Not where no try can help.
    #[prop(default = true)]
    retries: bool,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let tried = nonce.clone();
    let retry = move |_| live.drive(|driver| driver.retry(tried.clone()));
    let discard = move |_| live.drive(|driver| driver.discard(nonce.clone()));
    view! {
        <div class="failure">
            <span class="failure-reason">{reason}</span>
            {retries.then(|| view! {
                <button type="button" class="link-button" on:click=retry>{text::RETRY}</button>
            })}
            <button type="button" class="link-button" on:click=move |_| edit()>{text::EDIT}</button>
            <button type="button" class="link-button" on:click=discard>{text::DISCARD}</button>
        </div>
    }
    .into_any()
}
