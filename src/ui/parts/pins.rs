//! The pinned messages of a conversation, in a dialog: each with the way to where it stands.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::clock::BriefTime;
use super::rich_text::said;
use crate::api::pin_list;
use crate::protocol::{ConversationId, Message, Seq};
use crate::ui::live::Live;
use crate::ui::text;

/// What was fetched, the latest message first.
#[derive(Debug, Clone, Default)]
struct Held {
    messages: Vec<Message>,
    more: bool,
}

#[component]
pub(super) fn Pins(
    id: ConversationId,
    /// Whether it is there: set to open it.
    open: RwSignal<bool>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let dialog = NodeRef::<html::Dialog>::new();
    let held = RwSignal::new(None::<Held>);
    let failed = RwSignal::new(None::<String>);
    // Counts what ends the wait for an answer: that the list was opened anew, or closed.
    let turn = StoredValue::new(0_u32);
    let turned = move || turn.update_value(|turn| *turn = turn.wrapping_add(1));
    let fetch = move |before: Option<Seq>| {
        failed.set(None);
        let asked = turn.get_value();
        spawn_local(async move {
            let answer = pin_list(id, before, None).await;
            if turn.try_get_value() != Some(asked) {
                return;
            }
            match answer {
                Ok(list) => drop(held.try_update(|held| {
                    let held = held.get_or_insert_default();
                    // Not what was asked for twice.
                    if held.messages.last().map(|message| message.seq) == before {
                        held.messages.extend(list.messages.into_iter().rev());
                        held.more = list.more;
                    }
                })),
                Err(error) => drop(failed.try_set(Some(error.message.into_owned()))),
            }
        });
    };
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get().filter(|dialog| open.get() && !dialog.open()) {
            let _shown = dialog.show_modal();
            turned();
            held.set(None);
            fetch(None);
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let pin = move |message: Message| {
        let said = live.me.with_value(|me| said(&message.content, &me.name));
        let author = message.author.shown().to_owned();
        view! {
            <li>
                <a class="pin-place" href=format!("/c/{id}/{}", message.seq) on:click=move |_| close()>
                    <bdi>{author}</bdi>
                    <BriefTime at_ms=Signal::stored(message.created_ms)/>
                </a>
                {said}
            </li>
        }
        .into_any()
    };
    // Deleted while the list is open: it goes from here, too.
    let gone = Memo::new(move |_| {
        let held = held.with(|held| held.iter().flat_map(|held| &held.messages).map(|m| m.seq).collect::<Vec<_>>());
        live.timeline.with(|timeline| held.into_iter().filter(|seq| timeline.is_deleted(*seq)).collect::<Vec<_>>())
    });
    let list = move || match held.get() {
        None if failed.with(Option::is_some) => ().into_any(),
        None => view! { <p>{text::LOADING}</p> }.into_any(),
        Some(held) if held.messages.is_empty() => view! { <p>{text::NO_PINS}</p> }.into_any(),
        Some(held) => {
            let gone = gone.get();
            let last = held.messages.last().map(|message| message.seq).filter(|_| held.more);
            let here = held.messages.into_iter().filter(|message| !gone.contains(&message.seq));
            view! {
                <ol class="pins">{here.map(pin).collect_view()}</ol>
                {last.map(|last| view! {
                    <button class="button quiet" type="button" on:click=move |_| fetch(Some(last))>{text::MORE}</button>
                })}
            }
            .into_any()
        }
    };
    // What it said does not stay behind it.
    let closed = move |_| {
        open.set(false);
        held.set(None);
        turned();
    };
    let is_busy = move || held.with(Option::is_none) && failed.with(Option::is_none);
    view! {
        <dialog class="dialog" aria-labelledby="pins-title" node_ref=dialog on:close=closed>
            <h2 id="pins-title">{text::PINNED_MESSAGES}</h2>
            <div class="dialog-list" tabindex="0" aria-busy=move || is_busy().then_some("true")>
                {list}
                {move || failed.get().map(|sentence| view! { <p role="alert">{sentence}</p> })}
            </div>
            <div class="dialog-buttons">
                <button class="button" type="button" on:click=move |_| close()>{text::CLOSE}</button>
            </div>
        </dialog>
    }
    .into_any()
}
