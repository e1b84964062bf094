//! What a message's dialog tells: fetched when it is opened.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Asking;
use crate::api::{ApiError, message_history, reaction_list};
use crate::protocol::{Edit, Reactors};
use crate::ui::parts::clock::ClockTime;
use crate::ui::parts::message_list::acting::Acting;
use crate::ui::parts::rich_text::said;
use crate::ui::text;

/// What was fetched for a dialog.
#[derive(Debug, Clone)]
pub(super) enum Told {
    Edits(Vec<Edit>),
    Reactors(Vec<Reactors>),
    Failed(String),
}

pub(super) fn fetch(acting: Acting, asking: Asking, told: RwSignal<Option<Told>>) {
    let id = acting.id;
    let failed = |error: ApiError| Told::Failed(error.message.into_owned());
    spawn_local(async move {
        let answer = match asking {
            Asking::Delete(_) | Asking::Emoji(_) => return,
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

pub(super) fn list(acting: Acting, told: RwSignal<Option<Told>>) -> AnyView {
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
