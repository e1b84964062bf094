//! What a message's dialog tells: fetched when it is opened.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Asking;
use crate::api::{ApiError, message_history, reaction_list};
use crate::protocol::{Edit, Reactors, Seq};
use crate::ui::parts::about_message;
use crate::ui::parts::message_item::read_by;
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
            // Who has read it is known, and changes while one looks.
            Asking::Delete(_) | Asking::Emoji(_) | Asking::Readers(_) => return,
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

/// Who of the others has read it, as far as they have by now.
pub(super) fn readers(acting: Acting, seq: Seq) -> AnyView {
    let names = read_by(acting.live, acting.id, seq).names;
    if names.is_empty() {
        return view! { <p>{text::READ_BY_NOBODY}</p> }.into_any();
    }
    let one = |name| view! { <li><bdi>{name}</bdi></li> };
    view! { <ul class="reactors">{names.into_iter().map(one).collect_view()}</ul> }.into_any()
}
