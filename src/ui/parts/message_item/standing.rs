//! How an own message stands: one small icon, and for a failed one the reason and what can be done.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::protocol::{ConversationId, Seq};
use crate::ui::live::Live;
use crate::ui::live::readers::ReadBy;
use crate::ui::live::timeline::{MessageRow, SendState};
use crate::ui::parts::focus::focus_around;
use crate::ui::parts::{Icon, IconName, Part, Writing};
use crate::ui::pieces::late;
use crate::ui::text;

#[component]
pub(super) fn Standing(row: Signal<MessageRow>, state: Memo<SendState>) -> impl IntoView {
    let live = expect_context::<Live>();
    // Nothing until the browser has asked: the page is drawn without.
    let read =
        Memo::new(move |_| row.with(|row| row.conversation.zip(row.seq).map(|(id, seq)| read_by(live, id, seq))));
    let icon = move || match state.get() {
        SendState::Pending => (IconName::Clock, text::PENDING.to_owned()),
        SendState::Sent => match read.get().filter(|read| !read.names.is_empty()) {
            Some(read) => {
                let icon = if read.all { IconName::Ticks } else { IconName::Tick };
                (icon, text::read_by(&read.names))
            }
            None => (IconName::Tick, text::SENT.to_owned()),
        },
        SendState::Failed(_) => (IconName::Warning, text::FAILED.to_owned()),
    };
    let title = move || read.get().filter(|read| !read.names.is_empty()).map(|read| text::read_by(&read.names));
    let reason = move || match state.get() {
        SendState::Failed(reason) => {
            let nonce = row.with_untracked(|row| row.nonce.clone());
            Some(late(|| true, move || Part::failed(reason.clone(), nonce.clone())))
        }
        SendState::Pending | SendState::Sent => None,
    };
    view! {
        <p class="standing" title=title>
            {move || view! { <Icon name=icon().0/> }}
            <span class="sr-only">{move || icon().1}</span>
        </p>
        {reason}
    }
}

/// Who of the others has read it.
pub(in crate::ui::parts) fn read_by(live: Live, conversation: ConversationId, seq: Seq) -> ReadBy {
    live.readers.with(|readers| {
        if readers.conversation() != Some(conversation) {
            return ReadBy::default();
        }
        live.conversations.with(|all| {
            let open = all.iter().find(|entry| entry.conversation.id == conversation);
            let members = open.map(|entry| entry.conversation.members.as_slice()).unwrap_or_default();
            readers.of(seq, members, live.me.with_value(|me| me.id))
        })
    })
}

/// A message that failed, in the place where it was written.
#[component]
pub(in crate::ui::parts) fn FailedHere(reason: String, nonce: String) -> impl IntoView {
    let writing = expect_context::<Writing>();
    let edited = nonce.clone();
    let edit = move || writing.take_back(&edited, |_| {});
    view! { <Failed reason nonce edit/> }
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
    let retry = move |event: MouseEvent| {
        focus_around(&event, "li.message");
        live.drive(|driver| driver.retry(tried.clone()));
    };
    let discard = move |event: MouseEvent| {
        focus_around(&event, ".messages");
        live.drive(|driver| driver.discard(nonce.clone()));
    };
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
