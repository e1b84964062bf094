//! What somebody says of themselves, and the way to write to them.

use leptos::prelude::*;

use super::BlockForm;
use crate::protocol::{ErrorCode, Profile, UserId};
use crate::ui::app::{set_title, use_page};
use crate::ui::page_data::{PeopleData, PersonData};
use crate::ui::parts::{Avatar, DayOf, Icon, IconName, Notice, TimeThere};
use crate::ui::text;

#[component]
pub fn Person() -> impl IntoView {
    let data = use_page();
    let Some(me) = data.context.viewer.clone() else {
        return ().into_any();
    };
    let body = match &data.people {
        Some(PeopleData::Person(Ok(PersonData { profile, blocked }))) => {
            set_title(text::title(0, Some(&text::isolated(profile.shown()))));
            view! { <Body profile=profile.clone() me=me.id blocked=*blocked/> }.into_any()
        }
        Some(PeopleData::Person(Err(error))) if error.code == ErrorCode::NotFound => {
            set_title(text::title(0, Some(text::PEOPLE)));
            view! {
                <Notice sentence=text::NOBODY title=true>
                    <a class="button" href="/people">{text::ALL_PEOPLE}</a>
                </Notice>
            }
            .into_any()
        }
        _ => view! { <Notice sentence=text::NOT_LOADED title=true/> }.into_any(),
    };
    view! {
        <main class="settings people">
            <header class="settings-head">
                <a class="icon-button" href="/people" aria-label=text::ALL_PEOPLE><Icon name=IconName::Back/></a>
            </header>
            {body}
        </main>
    }
    .into_any()
}

#[component]
fn Body(profile: Profile, me: UserId, blocked: bool) -> impl IntoView {
    let (own, user) = (profile.id == me, profile.id);
    let shown = profile.shown().to_owned();
    let address = text::in_address(&profile.name);
    let zone = profile.time_zone.map(|zone| {
        view! {
            <div>
                <dt>{text::TIME_ZONE}</dt>
                <dd>{zone.clone()} <TimeThere zone/></dd>
            </div>
        }
    });
    view! {
        <section class="profile">
            <Avatar id=profile.id.0 name=shown.clone()/>
            <h1><bdi>{shown.clone()}</bdi></h1>
            <p class="hint"><bdi>{text::at_name(&profile.name)}</bdi></p>
            {profile.about.map(|about| view! { <p class="profile-about" dir="auto">{about}</p> })}
            <dl class="facts">
                {zone}
                <div>
                    <dt>{text::HERE_SINCE}</dt>
                    <dd><DayOf at_ms=profile.created_ms/></dd>
                </div>
            </dl>
            {blocked.then(|| view! { <p class="profile-about">{text::IS_BLOCKED}</p> })}
            <div class="profile-actions">
                {(!blocked).then(|| view! {
                    <a class="button primary" href=format!("/c?to={address}") rel="external">
                        {if own { text::NOTE_TO_SELF } else { text::MESSAGE }}
                    </a>
                })}
                {(!own).then(|| view! { <BlockForm me user shown blocked back=false/> })}
                {own.then(|| view! { <a class="button" href="/settings">{text::EDIT_PROFILE}</a> })}
            </div>
        </section>
    }
    .into_any()
}
