//! The form by which one hears no more from somebody, or hears from them again.

use leptos::prelude::*;

use crate::protocol::UserId;
use crate::ui::text;

/// `back`: it leads back to the settings.
#[component]
pub(in crate::ui) fn BlockForm(me: UserId, user: UserId, shown: String, blocked: bool, back: bool) -> impl IntoView {
    let (action, label, class) = if blocked {
        ("/api/user-unblock", text::UNBLOCK, "button")
    } else {
        ("/api/user-block", text::BLOCK, "button danger")
    };
    view! {
        <form method="post" action=action>
            <input type="hidden" name="as_user" value=me.to_string()/>
            <input type="hidden" name="user_id" value=user.to_string()/>
            {back.then(|| view! { <input type="hidden" name="from" value="settings"/> })}
            <button class=class type="submit" aria-label=text::block_of(label, &shown)>{label}</button>
        </form>
    }
    .into_any()
}
