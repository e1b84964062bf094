//! Empty and error states: one sentence, and one action if there is one to take.

use leptos::prelude::*;

#[component]
pub fn Notice(
    sentence: &'static str,
    /// The sentence is the page's title, where the page has no other.
    #[prop(optional)]
    title: bool,
    /// An empty one is none.
    #[prop(optional, into)]
    hint: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="notice">
            {if title {
                view! { <h1 class="notice-sentence">{sentence}</h1> }.into_any()
            } else {
                view! { <p class="notice-sentence">{sentence}</p> }.into_any()
            }}
            {hint.filter(|hint| !hint.is_empty()).map(|hint| view! { <p class="notice-hint">{hint}</p> })}
            {children.map(|children| children())}
        </div>
    }
}
