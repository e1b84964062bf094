//! What could not be done, in a sentence, until it is dismissed.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::ui::live::Live;
use crate::ui::text;

#[component]
pub fn Says() -> impl IntoView {
    let live = expect_context::<Live>();
    view! {
        <div role="status">
            {move || live.says.get().map(|sentence| saying(sentence, move || live.says.set(None)))}
        </div>
    }
    .into_any()
}

/// A sentence, and a button that dismisses it.
pub fn saying(sentence: String, dismiss: impl Fn() + 'static) -> AnyView {
    view! {
        <div class="says">
            <p>{sentence}</p>
            <button type="button" class="icon-button" aria-label=text::CLOSE title=text::CLOSE on:click=move |_| dismiss()>
                <Icon name=IconName::Close/>
            </button>
        </div>
    }
    .into_any()
}
