//! Another password.

use leptos::prelude::*;

use super::section::Section;
use crate::api::PageContext;
use crate::protocol::{ErrorCode, UserRef};
use crate::ui::app::failure_of;
use crate::ui::parts::{Field, FormError};
use crate::ui::text;

#[component]
pub(super) fn Password(me: UserRef, page: PageContext) -> impl IntoView {
    let failure = failure_of(&page, "password-change");
    let code = failure.as_ref().map(|failure| failure.code);
    let old_wrong = code == Some(ErrorCode::WrongCredentials);
    let new_wrong = code == Some(ErrorCode::PasswordInvalid);
    view! {
        <Section id="password" title=text::CHANGE_PASSWORD saved=text::PASSWORD_CHANGED>
            <form class="form" method="post" action="/api/password-change">
                <FormError failure/>
                <input type="hidden" name="as_user" value=me.id.to_string()/>
                // Password managers file the new password under the name that stands in the same form.
                <input type="text" value=me.name autocomplete="username" hidden readonly/>
                <Field
                    label=text::OLD_PASSWORD
                    name="old"
                    kind="password"
                    autocomplete="current-password"
                    wrong=old_wrong
                />
                <Field
                    label=text::NEW_PASSWORD
                    name="new"
                    kind="password"
                    autocomplete="new-password"
                    hint=text::PASSWORD_HINT
                    wrong=new_wrong
                />
                <p class="hint">{text::CHANGE_PASSWORD_HINT}</p>
                <button class="button" type="submit">{text::CHANGE_PASSWORD}</button>
            </form>
        </Section>
    }
    .into_any()
}
