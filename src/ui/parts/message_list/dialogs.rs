//! What is asked or told about a message in a dialog of its own: whether it is to be deleted, what it said before, who
//! reacted.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::acting::Acting;
use crate::api::{ApiError, message_history, reaction_list};
use crate::protocol::{Edit, Reactors, Seq};
use crate::ui::live::Amendment;
use crate::ui::parts::clock::ClockTime;
use crate::ui::parts::rich_text::said;
use crate::ui::text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Delete(Seq),
    History(Seq),
    Reactors(Seq),
}

/// What was fetched for a dialog.
#[derive(Debug, Clone)]
enum Told {
    Edits(Vec<Edit>),
    Reactors(Vec<Reactors>),
    Failed(String),
}

#[component]
pub fn Dialogs(acting: Acting) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let told = RwSignal::new(None::<Told>);
    Effect::new(move |_| {
        let Some(asking) = acting.asking.get() else { return };
        told.set(None);
        if let Some(dialog) = dialog.get_untracked() {
            let _shown = dialog.show_modal();
        }
        fetch(acting, asking, told);
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let title = move || match acting.asking.get() {
        Some(Asking::Delete(_)) | None => text::DELETE_QUESTION,
        Some(Asking::History(_)) => text::EDIT_HISTORY,
        Some(Asking::Reactors(_)) => text::WHO_REACTED,
    };
    let delete = move |_| {
        if let Some(Asking::Delete(seq)) = acting.asking.get_untracked() {
            close();
            acting.live.drive(|driver| driver.amend(seq, Amendment::Delete));
        }
    };
    view! {
        <dialog
            class="dialog"
            aria-labelledby="message-dialog"
            node_ref=dialog
            on:close=move |_| acting.asking.set(None)
        >
            <h2 id="message-dialog">{title}</h2>
            {move || match acting.asking.get() {
                Some(Asking::Delete(_)) => view! {
                    <p>{text::DELETE_HINT}</p>
                    <div class="dialog-buttons">
                        // First, so that it has the focus: the one that loses nothing.
                        <button class="button" type="button" on:click=move |_| close()>{text::KEEP}</button>
                        <button class="button danger" type="button" on:click=delete>{text::DELETE}</button>
                    </div>
                }
                .into_any(),
                Some(_) => view! {
                    <div class="dialog-list" tabindex="0">{move || list(acting, told)}</div>
                    <div class="dialog-buttons">
                        <button class="button" type="button" on:click=move |_| close()>{text::CLOSE}</button>
                    </div>
                }
                .into_any(),
                None => ().into_any(),
            }}
        </dialog>
    }
    .into_any()
}

fn fetch(acting: Acting, asking: Asking, told: RwSignal<Option<Told>>) {
    let id = acting.id;
    let failed = |error: ApiError| Told::Failed(error.message.into_owned());
    spawn_local(async move {
        let answer = match asking {
            Asking::Delete(_) => return,
            Asking::History(seq) => message_history(id, seq).await.map_or_else(failed, |list| Told::Edits(list.edits)),
            Asking::Reactors(seq) => {
                reaction_list(id, seq).await.map_or_else(failed, |list| Told::Reactors(list.reactions))
            }
        };
        if acting.asking.try_get_untracked() == Some(Some(asking)) {
            told.try_set(Some(answer));
        }
    });
}

fn list(acting: Acting, told: RwSignal<Option<Told>>) -> AnyView {
    match told.get() {
        None => view! { <p>{text::LOADING}</p> }.into_any(),
        Some(Told::Failed(sentence)) => view! { <p role="alert">{sentence}</p> }.into_any(),
        Some(Told::Edits(edits)) => {
            let me = acting.live.me.with_value(|me| me.name.clone());
            let edit = |edit: Edit| {
                view! {
                    <li>
                        <ClockTime at_ms=Signal::stored(edit.written_ms)/>
                        {said(&edit.content, &me)}
                    </li>
                }
            };
            // The latest first: what it says now.
            view! { <ol class="edits">{edits.into_iter().rev().map(edit).collect_view()}</ol> }.into_any()
        }
        Some(Told::Reactors(reactions)) => {
            let one = |reactors: Reactors| {
                let names: Vec<String> = reactors.users.iter().map(|user| user.shown().to_owned()).collect();
                let more = usize::try_from(reactors.count).unwrap_or_default().saturating_sub(names.len());
                view! {
                    <li><span class="emoji">{reactors.emoji}</span> <span dir="auto">{text::names(&names, more)}</span></li>
                }
            };
            view! { <ul class="reactors">{reactions.into_iter().map(one).collect_view()}</ul> }.into_any()
        }
    }
}
