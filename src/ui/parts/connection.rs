//! How the connection stands: silent while all is well. Most breaks are over before anybody needs to know, and a
//! sentence that comes and goes is worse than none: it says only what has lasted.

use std::time::Duration;

use leptos::prelude::*;

use crate::ui::live::{Link, Live};
use crate::ui::text;

/// Trouble that is over sooner was none.
const LASTED: Duration = Duration::from_secs(1);
/// What was said stays for so long, lest it flash.
const OVER: Duration = Duration::from_millis(300);

#[component]
pub fn Connection() -> impl IntoView {
    let live = expect_context::<Live>();
    // Offline is also what a page is before it was ever started.
    let was_started = Memo::new(move |was: Option<&bool>| was == Some(&true) || live.link.get() != Link::Offline);
    let sentence = Memo::new(move |last: Option<&Option<&'static str>>| {
        sentence(live.link.get(), was_started.get(), last.copied().flatten())
    });
    let said = RwSignal::new(None);
    Effect::new(move |_| {
        let now = sentence.get();
        let wait = if now.is_some() { LASTED } else { OVER };
        // A page whose timers cannot run says nothing.
        if let Ok(lasted) = set_timeout_with_handle(
            move || {
                said.try_set(now);
            },
            wait,
        ) {
            on_cleanup(move || lasted.clear());
        }
    });
    view! {
        <div class="connection" role="status">
            {move || said.get().map(|sentence| view! { <p class="connection-state">{sentence}</p> }.into_any())}
        </div>
    }
}

/// `last`: what it said before. Each try is short, and most are in vain: the sentence goes when one is not.
fn sentence(link: Link, was_started: bool, last: Option<&'static str>) -> Option<&'static str> {
    match link {
        Link::Waiting => Some(text::RECONNECTING),
        Link::Offline if was_started => Some(text::OFFLINE),
        Link::Connecting => last.map(|_| text::RECONNECTING),
        Link::Offline | Link::Ready => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_stays_while_each_try_lasts() {
        use Link::{Connecting, Offline, Ready, Waiting};
        let (again, offline) = (Some(text::RECONNECTING), Some(text::OFFLINE));
        let story = [
            (Offline, false, None),
            (Connecting, true, None),
            (Ready, true, None),
            (Waiting, true, again),
            (Connecting, true, again),
            (Waiting, true, again),
            (Offline, true, offline),
            (Connecting, true, again),
            (Ready, true, None),
            (Connecting, true, None),
        ];
        let mut last = None;
        for (at, (link, was_started, expected)) in story.into_iter().enumerate() {
            last = sentence(link, was_started, last);
            assert_eq!(last, expected, "{at}: {link:?}");
        }
    }
}
