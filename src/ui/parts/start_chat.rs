//! A new chat: to whom, and the first message, which opens the conversation.

use leptos::html;
use leptos::prelude::*;

use super::composer::{Composer, ComposerDesk};
use super::pane_header::BackLink;
use super::unsent::FirstMessages;
use super::{Notice, Writing};
use crate::ui::text;

#[component]
pub fn StartChat(desk: ComposerDesk, to: String) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let writing = expect_context::<Writing>();
    let given = !to.is_empty();
    Effect::new(move |_| {
        // Coming here is asking for this field; what the reader focused before hydration keeps the focus.
        let busy = document().active_element().is_some_and(|at| matches!(at.tag_name().as_str(), "INPUT" | "TEXTAREA"));
        if let (Some(field), false, false) = (field.get(), given, busy) {
            let _focused = field.focus();
        }
    });
    view! {
        <header class="pane-head">
            <BackLink/>
            <h1 class="pane-name">{text::NEW_CHAT}</h1>
        </header>
        <div class="start">
            <div class="field to-field">
                <label for="to">{text::TO}</label>
                // Belongs to the composer's form below, so that a plain post carries it.
                <input
                    node_ref=field
                    id="to"
                    name="target_id"
                    form="composer"
                    type="text"
                    value=to
                    placeholder=text::TO_HINT
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    dir="auto"
                    on:input=move |event| writing.readdress(&event_target_value(&event))
                />
            </div>
            <Notice sentence=text::START_HINT/>
            <p class="hint start-other">{text::SEVERAL_PEOPLE} " " <a href="/c/new">{text::NEW_CONVERSATION}</a></p>
            <FirstMessages/>
        </div>
        <Composer desk to=field placeholder=text::MESSAGE.to_owned()/>
    }
    .into_any()
}
