//! `/`: sign-in. `/?ended` says why one is here and never leads away by itself.

use leptos::prelude::*;

use crate::ui::address::use_address;
use crate::ui::app::{failure_of, set_title, use_page};
use crate::ui::parts::{Card, Notice, SignInForm, UnsentText};
use crate::ui::text;

#[component]
pub fn Home() -> impl IntoView {
    let page = use_page().context.clone();
    let ended = use_address().with_untracked(|here| here.query("ended").is_some());
    set_title(text::title(0, None));
    let signed_in = page.viewer.is_some();
    view! {
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
