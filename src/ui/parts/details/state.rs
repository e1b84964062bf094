//! Whether a room is open, whether it is archived, and the way out. What one may regret says what it does before it is done.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Subject, noun};
use crate::api::given::Given;
use crate::api::{conversation_update, member_remove};
use crate::ui::address::use_address;
use crate::ui::parts::asking::{About, Asking, Outcome};
use crate::ui::parts::focus::focus_first;
use crate::ui::text;

#[component]
pub(super) fn StateForms(subject: Subject) -> impl IntoView {
    let Subject { id, me, conversation, may } = subject;
    let asking = Asking::new(None);
    let opens = Memo::new(move |_| may.with(|may| may.open).then(|| conversation.with(|now| !now.open)));
    let archives = Memo::new(move |_| may.with(|may| may.archive).then(|| conversation.with(|now| !now.archived)));
    let change = move |event: SubmitEvent, open: Option<bool>, archived: Option<bool>| {
        asking.ask(
            &event,
            move |user| Box::pin(conversation_update(id, Given(None), Given(None), open, archived, user)),
            drop,
        );
    };
    let kind = conversation.with_untracked(|now| now.kind);
    view! {
        <section class="details-part" aria-label=text::DETAILS_STATE>
            <Outcome asking/>
            {move || opens.get().map(|open| view! {
                <form class="form" method="post" action="/api/conversation-update" on:submit=move |event| change(event, Some(open), None)>
                    <About me=me.0 conversation=Some(id.0)/>
                    <input type="hidden" name="open" value=open.to_string()/>
                    <p class="hint">{if open { text::ROOM_IS_CLOSED } else { text::ROOM_IS_OPEN }}</p>
                    <button class="button" type="submit">{if open { text::OPEN_ROOM } else { text::CLOSE_ROOM }}</button>
                </form>
            }.into_any())}
            {move || archives.get().map(|archived| view! {
                <form class="form" method="post" action="/api/conversation-update" on:submit=move |event| change(event, None, Some(archived))>
                    <About me=me.0 conversation=Some(id.0)/>
                    <input type="hidden" name="archived" value=archived.to_string()/>
                    <p class="hint">{if archived { text::archive_hint(noun(kind)) } else { text::UNARCHIVE_HINT.to_owned() }}</p>
                    <button class="button" type="submit">{if archived { text::ARCHIVE } else { text::UNARCHIVE }}</button>
                </form>
            }.into_any())}
        </section>
    }
    .into_any()
}

#[component]
pub(super) fn Leave(subject: Subject) -> impl IntoView {
    let Subject { id, me, conversation, may } = subject;
    let here = use_address();
    let asking = Asking::new(None);
    let kind = conversation.with_untracked(|now| now.kind);
    let open = Memo::new(move |_| conversation.with(|now| now.open && !now.archived));
    let submit = move |event: SubmitEvent| {
        let gone = move |()| {
            here.go("/c", true);
            // What had the focus goes with the conversation.
            focus_first(".sidebar a");
        };
        asking.ask(&event, move |as_user| Box::pin(member_remove(id, me, as_user)), gone);
    };
    let leaves = Memo::new(move |_| may.with(|may| may.leave));
    move || {
        leaves.get().then(|| view! {
        <section class="details-part">
            <details class="sure">
                <summary>{text::leave(noun(kind))}</summary>
                <form class="form" method="post" action="/api/member-remove" on:submit=submit>
                    <About me=me.0 conversation=Some(id.0)/>
                    <input type="hidden" name="user_id" value=me.to_string()/>
                    <Outcome asking/>
                    <p class="hint">{move || if open.get() { text::LEAVE_OPEN_HINT } else { text::LEAVE_HINT }}</p>
                    <button class="button danger" type="submit">{text::LEAVE}</button>
                </form>
            </details>
        </section>
    })
    }
}
