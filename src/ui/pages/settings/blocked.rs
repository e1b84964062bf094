//! From whom one wants to hear no more.

use leptos::prelude::*;

use super::section::Section;
use crate::protocol::{UserId, UserRef};
use crate::ui::pages::people::BlockForm;
use crate::ui::parts::Avatar;
use crate::ui::text;

#[component]
pub(super) fn Blocked(me: UserId, users: Vec<UserRef>) -> impl IntoView {
    let lines = users.into_iter().map(|user| {
        let (shown, href) = (user.shown().to_owned(), text::profile_of(&user.name));
        view! {
            <li class="device">
                <Avatar id=user.id.0 name=shown.clone()/>
                <a class="device-about" href=href><bdi class="device-name">{shown.clone()}</bdi></a>
                <BlockForm me user=user.id shown blocked=true back=true/>
            </li>
        }
    });
    let lines = lines.collect_view();
    let none = lines.is_empty().then(|| view! { <p class="hint">{text::NOBODY_BLOCKED}</p> });
    view! {
        <Section id="blocked" title=text::BLOCKED saved=text::UNBLOCKED>
            <ul class="devices">{lines}</ul>
            {none}
        </Section>
    }
    .into_any()
}
