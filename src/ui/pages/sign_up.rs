//! `/sign-up`: a new account, where the place allows it.

use leptos::prelude::*;

use crate::protocol::ErrorCode;
use crate::ui::app::{failure_of, set_title, use_page};
use crate::ui::parts::{Card, Field, FormError, Notice};
use crate::ui::text;
use crate::ui::wanted::Wanted;

#[component]
pub fn SignUp() -> impl IntoView {
    set_title(text::title(0, Some(text::CREATE_ACCOUNT)));
    let page = use_page().context.clone();
    let failure = failure_of(&page, "sign-up");
    let code = failure.as_ref().map(|failure| failure.code);
    let name_wrong = matches!(code, Some(ErrorCode::NameTaken | ErrorCode::NameInvalid));
    let password_wrong = code == Some(ErrorCode::PasswordInvalid);
    let wanted = Wanted::here(failure.as_ref());
    let name = failure.as_ref().and_then(|f| f.typed("name"));
    let form = if page.sign_up_open {
        view! {
            <form class="form" method="post" action="/api/sign-up">
                {wanted.fields()}
                <FormError failure/>
                <Field
                    label=text::NAME
                    name="name"
                    autocomplete="username"
                    hint=text::NAME_HINT
                    value=name
                    wrong=name_wrong
                />
                <Field
                    label=text::PASSWORD
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    hint=text::PASSWORD_HINT
                    wrong=password_wrong
                />
                <button class="button primary wide" type="submit">{text::CREATE_ACCOUNT}</button>
            </form>
        }
        .into_any()
    } else {
        view! { <Notice sentence=text::SIGN_UP_CLOSED hint=text::SIGN_UP_CLOSED_HINT/> }.into_any()
    };
    view! {
        <Card title=text::CREATE_ACCOUNT>
            {form}
            <p class="aside">{text::HAVE_ACCOUNT} " " <a href=wanted.link("/")>{text::SIGN_IN}</a></p>
        </Card>
    }
}
