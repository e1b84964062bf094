//! Who was picked, each to be taken out again.

use leptos::html;
use leptos::prelude::*;

use crate::protocol::UserRef;
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

/// Who is in the field.
#[derive(Clone, Copy)]
pub(in crate::ui::parts) struct Picked {
    pub(super) people: RwSignal<Vec<UserRef>>,
    pub(super) line: NodeRef<html::Input>,
}

impl Picked {
    pub(in crate::ui::parts) fn new() -> Self {
        Self { people: RwSignal::new(Vec::new()), line: NodeRef::new() }
    }

    /// All names, with commas between: those that were picked, and what is typed.
    pub(in crate::ui::parts) fn names(self) -> String {
        let mut names: Vec<String> =
            self.people.with_untracked(|all| all.iter().map(|user| user.name.clone()).collect());
        names.extend(self.line.get_untracked().map(|line| line.value()));
        names.join(", ")
    }

    pub(in crate::ui::parts) fn clear(self) {
        // The form may have gone.
        self.people.try_set(Vec::new());
        if let Some(line) = self.line.try_get_untracked().flatten() {
            line.set_value("");
        }
    }
}

#[component]
pub(super) fn Tokens(picked: Picked) -> impl IntoView {
    let Picked { people, line } = picked;
    let leave = move |n: usize| {
        people.update(|people| _ = people.remove(n));
        if let Some(line) = line.get_untracked() {
            let _focused = line.focus();
        }
    };
    let token = move |(n, user): (usize, UserRef)| {
        let remove = text::remove_member(user.shown());
        view! {
            <li class="token">
                <bdi>{user.shown().to_owned()}</bdi>
                <button class="icon-button" type="button" aria-label=remove.clone() title=remove on:click=move |_| leave(n)>
                    <Icon name=IconName::Close/>
                </button>
            </li>
        }
    };
    view! {
        <ul class="tokens" aria-live="polite" hidden=move || people.with(Vec::is_empty)>
            {move || people.get().into_iter().enumerate().map(token).collect_view()}
        </ul>
    }
    .into_any()
}
