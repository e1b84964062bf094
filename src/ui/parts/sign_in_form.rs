//! Sign-in, on `/` and wherever a guest comes without a session. Always a plain form: it leaves the page.

use leptos::prelude::*;

use super::{Field, FormError};
use crate::api::PageContext;
use crate::protocol::ErrorCode;
use crate::ui::app::failure_of;
use crate::ui::text;
use crate::ui::wanted::Wanted;

#[component]
pub fn SignInForm(page: PageContext) -> impl IntoView {
    let failure = failure_of(&page, "sign-in");
    let wrong = failure.as_ref().is_some_and(|failure| failure.code == ErrorCode::WrongCredentials);
    let wanted = Wanted::here(failure.as_ref());
    let name = failure.as_ref().and_then(|f| f.typed("name"));
    view! {
        <form class="form" method="post" action="/api/sign-in">
            {wanted.fields()}
            <FormError failure/>
            <Field label=text::NAME name="name" autocomplete="username" value=name/>
            <Field label=text::PASSWORD name="password" kind="password" autocomplete="current-password" wrong/>
            <button class="button primary wide" type="submit">{text::SIGN_IN}</button>
        </form>
        {page.sign_up_open.then(|| view! {
            <p class="aside">{text::NEW_HERE} " " <a href=wanted.link("/sign-up")>{text::CREATE_ACCOUNT}</a></p>
        })}
    }
    .into_any()
}
