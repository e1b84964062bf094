//! What a message's dialog tells: fetched when it is opened.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Asking;
use crate::api::{ApiError, message_history, reaction_list};
use crate::protocol::{Edit, Reactors};
use crate::ui::parts::about_message;
use crate::ui::parts::message_list::acting::Acting;
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
            about_message::edits(edits, &me)
        }
        Some(Told::Reactors(reactions)) => about_message::reactors(reactions),
    }
}
