//! How the connection stands: silent while all is well, and for the first second of trouble (style/_states.scss).

use leptos::prelude::*;

use crate::ui::live::{Link, Live};
use crate::ui::text;

#[component]
pub fn Connection() -> impl IntoView {
    let live = expect_context::<Live>();
    // Offline is also what a page is before it was ever started.
    let was_started = Memo::new(move |was: Option<&bool>| was == Some(&true) || live.link.get() != Link::Offline);
    let sentence = Memo::new(move |last: Option<&Option<&'static str>>| match live.link.get() {
        Link::Waiting => Some(text::RECONNECTING),
        Link::Offline if was_started.get() => Some(text::OFFLINE),
        // Each try is short, and most are in vain: the sentence goes when one is not.
        Link::Connecting => last.copied().flatten().map(|_| text::RECONNECTING),
        Link::Offline | Link::Ready => None,
    });
    view! {
        <div class="connection" role="status">
            {move || sentence.get().map(|sentence| view! { <p class="connection-state">{sentence}</p> })}
        </div>
    }
}
