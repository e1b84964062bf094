//! `/settings`: one's profile, how pages look, who sees what, the password, and where one is signed in. Plain forms with
//! and without scripts; signing out says more with them.

mod appearance;
mod blocked;
mod devices;
mod password;
mod profile;
mod section;
mod sign_out;

use leptos::prelude::*;

use self::appearance::{Appearance, Privacy};
use self::blocked::Blocked;
use self::devices::Devices;
use self::password::Password;
use self::profile::ProfileForm;
use self::section::Section;
use self::sign_out::SignOut;
use crate::api::PageContext;
use crate::protocol::UserRef;
use crate::ui::app::{failure_of, set_title, use_page};
use crate::ui::page_data::{PeopleData, SettingsData};
use crate::ui::parts::{Avatar, FormError, Icon, IconName, Notice};
use crate::ui::text;

#[component]
pub fn Settings() -> impl IntoView {
    let data = use_page();
    let page = data.context.clone();
    set_title(text::title(0, Some(text::SETTINGS)));
    match page.viewer.clone() {
        Some(me) => {
            let settings = match &data.people {
                Some(PeopleData::Settings(Ok(settings))) => Some(settings.clone()),
                _ => None,
            };
            view! { <SettingsBody me page settings/> }.into_any()
        }
        None => ().into_any(),
    }
}

#[component]
fn SettingsBody(me: UserRef, page: PageContext, settings: Option<SettingsData>) -> impl IntoView {
    let shown = me.shown().to_owned();
    let own = text::profile_of(&me.name);
    // Of a form that has no fields to show it at.
    let failure = ["session-revoke", "sessions-revoke-others"].iter().find_map(|action| failure_of(&page, action));
    let loaded = settings.map(|SettingsData { account, sessions, blocked }| {
        view! {
            <ProfileForm page=page.clone() of=account.profile.clone()/>
            <Appearance account=account.clone()/>
            <Privacy account/>
            <Blocked me=me.id users=blocked/>
            <Password me=me.clone() page=page.clone()/>
            <FormError failure/>
            <Devices me=me.id sessions/>
        }
    });
    let none = loaded.is_none();
    view! {
        <main class="settings">
            <header class="settings-head">
                <a class="icon-button" href="/c" rel="external" aria-label=text::BACK><Icon name=IconName::Back/></a>
                <h1>{text::SETTINGS}</h1>
            </header>
            <section class="settings-me" aria-label=text::signed_in_as(&me.name)>
                <Avatar id=me.id.0 name=shown.clone()/>
                <div class="settings-names">
                    <bdi class="settings-name">{shown}</bdi>
                    <a class="hint" href=own><bdi>{text::at_name(&me.name)}</bdi></a>
                </div>
            </section>
            {loaded}
            {none.then(|| view! { <Notice sentence=text::NOT_LOADED/> })}
            <Section id="device" title=text::THIS_DEVICE>
                <SignOut me=me.id/>
            </Section>
        </main>
    }
    .into_any()
}
