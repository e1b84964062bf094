//! What stands in for data on its way; style/_states.scss shows it after 300 ms only.

use leptos::prelude::*;

use crate::ui::text;

/// Rows of a conversation.
#[component]
pub fn RowsSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">{text::LOADING}</span>
            <div class="bone short"></div>
            <div class="bone long"></div>
            <div class="bone own"></div>
            <div class="bone short"></div>
        </div>
    }
}

/// The chat page, when one comes to it from another page.
#[component]
pub fn PageSkeleton() -> impl IntoView {
    view! {
        <main class="chat" data-pane="list">
            <div class="sidebar"></div>
            <div class="pane"><RowsSkeleton/></div>
        </main>
    }
}
