//! `/people`: everybody here, found by name; and `/people/{name}`, what one of them says of themselves. Plain links and
//! a plain form.

mod blocking;
mod person;

pub(super) use blocking::BlockForm;
pub use person::Person;

use leptos::prelude::*;

use crate::protocol::{Profile, UserList};
use crate::ui::address::use_address;
use crate::ui::app::{failure_of, set_title, use_page};
use crate::ui::page_data::PeopleData;
use crate::ui::parts::{Avatar, FormError, Icon, IconName, Notice};
use crate::ui::text;

#[component]
pub fn People() -> impl IntoView {
    let data = use_page();
    set_title(text::title(0, Some(text::PEOPLE)));
    if data.context.viewer.is_none() {
        return ().into_any();
    }
    let failure = ["user-block", "user-unblock"].iter().find_map(|action| failure_of(&data.context, action));
    let query = use_address().with_untracked(|here| here.query("q")).unwrap_or_default();
    let found = match &data.people {
        Some(PeopleData::Directory(Ok(list))) => view! { <Found list=list.clone() query=query.clone()/> }.into_any(),
        _ => view! { <Notice sentence=text::NOT_LOADED/> }.into_any(),
    };
    view! {
        <main class="settings people">
            <header class="settings-head">
                <a class="icon-button" href="/c" rel="external" aria-label=text::BACK><Icon name=IconName::Back/></a>
                <h1>{text::PEOPLE}</h1>
            </header>
            <FormError failure/>
            <form class="people-search" method="get" action="/people" role="search">
                <label class="sr-only" for="q">{text::FIND_PEOPLE}</label>
                <input
                    id="q"
                    name="q"
                    type="search"
                    value=query
                    placeholder=text::FIND_PEOPLE
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    dir="auto"
                />
                <button class="button" type="submit">{text::FIND}</button>
            </form>
            {found}
        </main>
    }
    .into_any()
}

#[component]
fn Found(list: UserList, query: String) -> impl IntoView {
    if list.users.is_empty() {
        return view! { <Notice sentence=text::NOBODY_FOUND hint=text::NOBODY_FOUND_HINT/> }.into_any();
    }
    let next = list
        .users
        .last()
        .filter(|_| list.more)
        .map(|last| format!("/people?q={}&after={}", text::in_address(&query), last.id));
    let lines = list.users.into_iter().map(|profile| view! { <Line profile/> }).collect_view();
    view! {
        <ul class="people-list" aria-label=text::PEOPLE>{lines}</ul>
        {next.map(|href| view! { <a class="more" href=href>{text::MORE_PEOPLE}</a> })}
    }
    .into_any()
}

#[component]
fn Line(profile: Profile) -> impl IntoView {
    let shown = profile.shown().to_owned();
    let address = text::in_address(&profile.name);
    let about = profile.about.map(|about| view! { <p class="person-about" dir="auto">{about}</p> });
    view! {
        <li class="person">
            <Avatar id=profile.id.0 name=shown.clone()/>
            <div class="person-who">
                <a class="person-name" href=format!("/people/{address}")><bdi>{shown.clone()}</bdi></a>
                " "
                {profile.display.is_some().then(|| view! { <bdi class="hint">{text::at_name(&profile.name)}</bdi> })}
                {about}
            </div>
            <a class="button" href=format!("/c?to={address}") aria-label=text::message_to(&shown)>{text::MESSAGE}</a>
        </li>
    }
    .into_any()
}
