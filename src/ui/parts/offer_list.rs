//! A list of what is offered for the word that is being typed. The line that is typed into keeps the focus, and says
//! which one is marked.

use leptos::prelude::*;

use crate::ui::text;

#[component]
pub(super) fn OfferList(
    id: &'static str,
    /// What is offered; the list is not there where that is nothing.
    labels: Signal<Vec<String>>,
    /// Which one is marked.
    at: Signal<usize>,
    take: Callback<usize>,
) -> impl IntoView {
    let item = move |(n, label): (usize, String)| {
        view! {
            <li
                role="option"
                id=offer_id(id, n)
                aria-selected=move || (at.get() == n).to_string()
                // The line keeps the focus.
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| take.run(n)
            >
                <bdi>{label}</bdi>
            </li>
        }
    };
    view! {
        <ul id=id class="offers" role="listbox" aria-label=text::OFFERS hidden=move || labels.with(Vec::is_empty)>
            {move || labels.get().into_iter().enumerate().map(item).collect_view()}
        </ul>
    }
    .into_any()
}

/// One offer's element.
pub(super) fn offer_id(list: &str, at: usize) -> String {
    format!("{list}-{at}")
}
