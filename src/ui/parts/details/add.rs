//! Bringing people in, by their names.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::Subject;
use crate::api::{PageContext, member_add};
use crate::ui::app::failure_of;
use crate::ui::parts::asking::{About, Asking, Outcome};
use crate::ui::parts::people_field::{PeopleField, Picked};
use crate::ui::text;

#[component]
pub(super) fn Add(subject: Subject, page: PageContext) -> impl IntoView {
    let Subject { id, me, .. } = subject;
    let failure = failure_of(&page, "member-add");
    let asking = Asking::new(failure.as_ref());
    let picked = Picked::new();
    let typed = failure.and_then(|failure| failure.typed("members"));
    let submit = move |event: SubmitEvent| {
        let named = Some(picked.names());
        asking.ask(&event, move |as_user| Box::pin(member_add(id, named, as_user)), move |_| picked.clear());
    };
    view! {
        <form class="form add-members" method="post" action="/api/member-add" on:submit=submit on:input=move |_| asking.again()>
            <About me=me.0 conversation=Some(id.0)/>
            <Outcome asking/>
            <PeopleField id="details-add" list="details-offers" label=text::ADD_PEOPLE picked value=typed required=true/>
            <button class="button" type="submit">{text::ADD}</button>
        </form>
    }
    .into_any()
}
