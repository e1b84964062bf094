//! Empty and error states: one sentence, and one action if there is one to take.

use leptos::prelude::*;

#[component]
pub fn Notice(
    sentence: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="notice">
            <p class="notice-sentence">{sentence}</p>
            {hint.map(|hint| view! { <p class="notice-hint">{hint}</p> })}
            {children.map(|children| children())}
        </div>
    }
}
