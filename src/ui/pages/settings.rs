//! `/settings`: one's password and one's session. Plain forms with and without scripts; signing out says more with them.

mod sign_out;

use leptos::prelude::*;

use self::sign_out::SignOut;
use crate::api::PageContext;
use crate::protocol::{ErrorCode, UserRef};
use crate::ui::address::use_address;
use crate::ui::app::{failure_of, set_title, use_page};
use crate::ui::parts::{Avatar, Card, Field, FormError, Icon, IconName, SignInForm};
use crate::ui::text;

#[component]
pub fn Settings() -> impl IntoView {
    let page = use_page().context.clone();
    let changed = use_address().with_untracked(|here| here.query("changed").is_some());
    set_title(text::title(0, Some(text::SETTINGS)));
    match page.viewer.clone() {
        Some(me) => view! { <SettingsBody me page changed/> }.into_any(),
        None => view! { <Card title=text::SIGN_IN lead=text::SIGN_IN_TO_READ><SignInForm page/></Card> }.into_any(),
    }
}

#[component]
fn SettingsBody(me: UserRef, page: PageContext, changed: bool) -> impl IntoView {
    let failure = failure_of(&page, "password-change");
    let code = failure.as_ref().map(|failure| failure.code);
    let old_wrong = code == Some(ErrorCode::WrongCredentials);
    let new_wrong = code == Some(ErrorCode::PasswordInvalid);
    let as_user = me.id.to_string();
    let name = me.name.clone();
    view! {
        <main class="settings">
            <header class="settings-head">
                <a class="icon-button" href="/c" rel="external" aria-label=text::BACK><Icon name=IconName::Back/></a>
                <h1>{text::SETTINGS}</h1>
            </header>
            <section class="settings-me" aria-label=text::signed_in_as(&me.name)>
                <Avatar id=me.id.0 name=me.name.clone()/>
                <bdi class="settings-name">{name}</bdi>
            </section>
            <section class="settings-part" aria-labelledby="password">
                <h2 id="password">{text::CHANGE_PASSWORD}</h2>
                {changed.then(|| view! { <p class="done" role="status">{text::PASSWORD_CHANGED}</p> })}
                <form class="form" method="post" action="/api/password-change">
                    <FormError failure/>
                    <input type="hidden" name="as_user" value=as_user/>
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
                    <button class="button primary" type="submit">{text::CHANGE_PASSWORD}</button>
                </form>
            </section>
            <section class="settings-part" aria-labelledby="device">
                <h2 id="device">{text::THIS_DEVICE}</h2>
                <SignOut me=me.id/>
            </section>
        </main>
    }
    .into_any()
}
