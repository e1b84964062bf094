//! Whether somebody is there: a dot at the face, never by its colour alone, and a word.
//!
//! What the server draws shows nothing of it: only the live client knows.

use leptos::prelude::*;

use crate::protocol::{Status, UserId};
use crate::ui::live::{Link, Live};
use crate::ui::text;

/// How it stands with this user, as far as it is known: to who is offline it is not.
pub(super) fn presence_of(user: Signal<Option<UserId>>) -> Memo<Option<Status>> {
    let live = expect_context::<Live>();
    Memo::new(move |_| {
        let user = user.get().filter(|_| live.link.get() != Link::Offline);
        user.and_then(|user| live.presence.with(|presence| presence.of(user)))
    })
}

/// Filled for one who is there, a ring for one who left their devices alone. The word is for screen readers, unless it
/// stands beside the dot.
pub(super) fn presence_dot(status: Status, says: bool) -> impl IntoView {
    let class = if status == Status::Away { "presence away" } else { "presence" };
    view! {
        <span class=class>
            {says.then(|| view! { <span class="sr-only">{text::presence(status)}</span> })}
        </span>
    }
}
