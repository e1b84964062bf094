//! A page that is one small sheet in the middle: sign-in, sign-up, an address that leads nowhere.

use leptos::prelude::*;

use super::icon::Mark;

#[component]
pub fn Card(title: &'static str, #[prop(optional)] lead: Option<&'static str>, children: Children) -> impl IntoView {
    view! {
        <main class="card-page">
            <div class="card">
                <header class="card-head">
                    <Mark/>
                    <h1>{title}</h1>
                    {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
                </header>
                {children()}
            </div>
        </main>
    }
    .into_any()
}
