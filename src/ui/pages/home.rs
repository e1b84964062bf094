//! `/`: sign-in. `/?ended` says why one is here and never leads away by itself.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use crate::ui::app::{failure_of, use_page};
use crate::ui::parts::{Card, Notice, SignInForm, UnsentText};
use crate::ui::text;

#[component]
pub fn Home() -> impl IntoView {
    let page = use_page().context.clone();
    let query = use_query_map();
    let ended = query.with_untracked(|query| query.get("ended").is_some());
    let title = view! { <Title text=text::title(0, None)/> };
    if page.viewer.is_some() && !ended && page.form.is_none() {
        return view! { {title} <Redirect path="/c"/> }.into_any();
    }
    let signed_in = page.viewer.is_some();
    view! {
        {title}
        <Card title=text::BRAND lead=text::TAGLINE>
            {ended.then(|| view! { <Notice sentence=text::ENDED hint=text::ENDED_HINT/> })}
            {signed_in.then(|| view! {
                // A full load, so that the server decides anew who is there.
                <a class="button" href="/c" rel="external">{text::OPEN_CHATTER}</a>
            })}
            <UnsentText failure=failure_of(&page, "message-post")/>
            <SignInForm page/>
        </Card>
    }
    .into_any()
}
