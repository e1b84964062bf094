//! How the connection stands: silent while all is well, and for the first second of trouble (style/_states.scss).

use leptos::prelude::*;

use crate::ui::live::{Link, Live};
use crate::ui::text;

#[component]
pub fn Connection() -> impl IntoView {
    let live = expect_context::<Live>();
    // Offline is also what a page is before it was ever started.
    let was_started = Memo::new(move |was: Option<&bool>| was == Some(&true) || live.link.get() != Link::Offline);
    let sentence = Memo::new(move |last: Option<&Option<&'static str>>| {
        sentence(live.link.get(), was_started.get(), last.copied().flatten())
    });
    view! {
        <div class="connection" role="status">
            {move || sentence.get().map(|sentence| view! { <p class="connection-state">{sentence}</p> })}
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
