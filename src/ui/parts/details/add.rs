//! Bringing people in, by their names.

use leptos::prelude::*;
use leptos::{ev::SubmitEvent, html};

use super::Subject;
use crate::api::{PageContext, member_add};
use crate::ui::app::failure_of;
use crate::ui::parts::asking::{About, Asking, Outcome};
use crate::ui::text;

#[component]
pub(super) fn Add(subject: Subject, page: PageContext) -> impl IntoView {
    let Subject { id, me, .. } = subject;
    let failure = failure_of(&page, "member-add");
    let asking = Asking::new(failure.as_ref());
    let field = NodeRef::<html::Input>::new();
    let submit = move |event: SubmitEvent| {
        let named = field.get_untracked().map(|field| field.value());
        asking.ask(
            &event,
            move |as_user| Box::pin(member_add(id, named, as_user)),
            move |_| {
                if let Some(field) = field.get_untracked() {
                    field.set_value("");
                }
            },
        );
    };
    view! {
        <form class="form add-members" method="post" action="/api/member-add" on:submit=submit on:input=move |_| asking.again()>
            <About me=me.0 conversation=Some(id.0)/>
            <Outcome asking/>
            <div class="field">
                <label for="details-add">{text::ADD_PEOPLE}</label>
                <input
                    id="details-add"
                    name="members"
                    type="text"
                    placeholder=text::PEOPLE_HINT
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    dir="auto"
                    required
                    value=failure.and_then(|failure| failure.typed("members"))
                    node_ref=field
                />
            </div>
            <button class="button" type="submit">{text::ADD}</button>
        </form>
    }
    .into_any()
}
