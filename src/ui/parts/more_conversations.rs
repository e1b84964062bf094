//! The way to the conversations beyond the list's end: a page of its own without scripts, more rows with them.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::conversation_list;
use crate::protocol::ConversationList;
use crate::ui::live::Live;
use crate::ui::live::conversations::{self, List};
use crate::ui::text;

#[component]
pub(super) fn MoreConversations() -> impl IntoView {
    let live = expect_context::<Live>();
    let last = Memo::new(move |_| {
        let ids = |all: &List| {
            all.iter().rev().map(|c| c.conversation.id).find(|id| live.apart.with(|apart| !apart.contains(id)))
        };
        live.conversations.with(ids)
    });
    let href = move || last.get().map(|id| format!("/c?after={id}"));
    let loading = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let clicked = move |event: MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        let Some(after) = last.get_untracked().filter(|_| live.is_live() && !elsewhere) else { return };
        event.prevent_default();
        if loading.get_untracked() {
            return;
        }
        loading.set(true);
        spawn_local(async move {
            let fetched = conversation_list(Some(after), None).await;
            // The page may have been left meanwhile.
            failed.try_set(fetched.is_err());
            loading.try_set(false);
            if let Ok(fetched) = fetched {
                append(live, fetched);
            }
        });
    };
    view! {
        <Show when=move || live.more_conversations.get()>
            <a class="more" href=href on:click=clicked>
                {move || if loading.get() { text::LOADING } else { text::MORE_CONVERSATIONS }}
            </a>
            <p class="more-failed" role="status">{move || failed.get().then_some(text::NOT_LOADED)}</p>
        </Show>
    }
}

fn append(live: Live, mut fetched: ConversationList) {
    live.apart.try_update(|apart| {
        apart.retain(|id| fetched.conversations.iter().all(|summary| summary.conversation.id != *id));
    });
    live.drive(|driver| driver.as_told(&mut fetched.conversations));
    live.conversations.try_update(|all| conversations::append(all, fetched.conversations));
    live.more_conversations.try_set(fetched.more);
}
