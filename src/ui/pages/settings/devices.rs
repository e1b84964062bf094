//! Where one is signed in, and signing out there.

use leptos::prelude::*;

use super::section::Section;
use crate::protocol::{SessionEntry, UserId};
use crate::ui::parts::DayOf;
use crate::ui::text;

#[component]
pub(super) fn Devices(me: UserId, sessions: Vec<SessionEntry>) -> impl IntoView {
    let others = sessions.iter().any(|session| !session.current);
    let lines = sessions.into_iter().map(|session| view! { <Device me session/> }).collect_view();
    view! {
        <Section id="devices" title=text::DEVICES saved=text::DEVICES_SAVED>
            <ul class="devices">{lines}</ul>
            {others.then(|| view! {
                <form class="form" method="post" action="/api/sessions-revoke-others">
                    <input type="hidden" name="as_user" value=me.to_string()/>
                    <button class="button danger" type="submit">{text::SIGN_OUT_OTHERS}</button>
                </form>
            })}
        </Section>
    }
    .into_any()
}

#[component]
fn Device(me: UserId, session: SessionEntry) -> impl IntoView {
    let name = session.client.unwrap_or_else(|| text::UNKNOWN_DEVICE.to_owned());
    let label = text::sign_out_of(&name);
    let action = if session.current {
        view! { <span class="device-current">{text::THIS_DEVICE}</span> }.into_any()
    } else {
        view! {
            <form method="post" action="/api/session-revoke">
                <input type="hidden" name="as_user" value=me.to_string()/>
                <input type="hidden" name="session_id" value=session.id.to_string()/>
                <button class="button" type="submit" aria-label=label>{text::SIGN_OUT}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="device">
            <div class="device-about">
                <bdi class="device-name">{name}</bdi>
                <p class="hint">
                    {text::LAST_USED} " " <DayOf at_ms=session.seen_ms/> " · " {text::SIGNED_IN_ON} " "
                    <DayOf at_ms=session.created_ms/>
                </p>
            </div>
            {action}
        </li>
    }
    .into_any()
}
