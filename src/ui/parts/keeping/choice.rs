//! One line of the menu: a form of its own.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::protocol::{ConversationId, UserId};
use crate::ui::live::Live;
use crate::ui::parts::{Icon, IconName};

#[component]
pub(super) fn Choice(
    id: ConversationId,
    me: UserId,
    field: &'static str,
    value: String,
    holds: Signal<bool>,
    submit: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let submit = move |event: SubmitEvent| {
        if live.is_live() {
            event.prevent_default();
            submit();
        }
    };
    // A choice of several says which one holds; what is turned on and off has it in its name.
    let pressed = move || (field == "level").then(|| holds.get().to_string());
    view! {
        <form method="post" action="/api/conversation-keep" on:submit=submit>
            <input type="hidden" name="as_user" value=me.to_string()/>
            <input type="hidden" name="conversation_id" value=id.to_string()/>
            <input type="hidden" name=field value=value/>
            <button class="menu-item" type="submit" aria-pressed=pressed>
                <span class="menu-tick">{move || holds.get().then(|| view! { <Icon name=IconName::Tick/> }.into_any())}</span>
                {children()}
            </button>
        </form>
    }
    .into_any()
}
