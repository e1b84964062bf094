//! How an own message stands: one small icon, and for a failed one the reason and what can be done.

use leptos::prelude::*;

use crate::ui::live::Live;
use crate::ui::live::timeline::{MessageRow, SendState};
use crate::ui::parts::{Icon, IconName, Writing};
use crate::ui::text;

#[component]
pub(super) fn Standing(row: Signal<MessageRow>, state: Memo<SendState>) -> impl IntoView {
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
pub(in crate::ui::parts) fn Failed(
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
