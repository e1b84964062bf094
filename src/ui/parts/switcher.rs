//! Going somewhere by a few letters: conversations that the page knows, then people and open rooms. A dialog that
//! `switching` opens.
//!
//! The field keeps the focus; the places are links, so that a press with Ctrl opens another tab.

mod places;
mod search;
mod typed;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use self::places::Place;
use self::search::{Search, place_id};
use super::keys::is_composing;
use super::switching::Switching;
use super::{Avatar, Icon, IconName};
use crate::ui::text;

const LIST: &str = "switcher-places";

#[component]
pub fn Switcher() -> impl IntoView {
    let open = expect_context::<Switching>().opened();
    let dialog = NodeRef::<html::Dialog>::new();
    let search = Search::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get().filter(|dialog| open.get() && !dialog.open()) else { return };
        search.look(String::new());
        let _shown = dialog.show_modal();
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let keydown = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        if search.key(&event) {
            event.prevent_default();
        } else if event.key() == "Escape" {
            // Not the page's way past what is unread.
            event.prevent_default();
            close();
        }
    };
    let inner = move || {
        open.get().then(|| {
            view! {
                <div class="emoji-head">
                    <input
                        type="text"
                        class="emoji-search"
                        role="combobox"
                        aria-label=text::FIND_PLACE
                        aria-autocomplete="list"
                        aria-controls=LIST
                        aria-expanded=move || search.marked().is_some().to_string()
                        aria-activedescendant=move || search.marked()
                        placeholder=text::FIND_PLACE
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        enterkeyhint="go"
                        dir="auto"
                        on:input=move |event| search.look(event_target_value(&event))
                        on:keydown=keydown
                    />
                    <form method="dialog">
                        <button class="icon-button" aria-label=text::CLOSE title=text::CLOSE><Icon name=IconName::Close/></button>
                    </form>
                </div>
                <div id=LIST class="places" role="listbox" aria-label=text::PLACES on:click=move |_| close()>
                    {move || search.found.get().into_iter().enumerate().map(|(n, place)| row(n, place, search.at)).collect_view()}
                </div>
                <p class="emoji-says" role="status">{move || search.says()}</p>
            }
        })
    };
    view! {
        <dialog
            class="emoji-picker switcher"
            aria-label=text::GO_TO
            node_ref=dialog
            on:close=move |_| {
                search.lookup.forget();
                open.set(false);
            }
        >
            {inner}
        </dialog>
    }
    .into_any()
}

fn row(n: usize, place: Place, at: RwSignal<usize>) -> impl IntoView {
    let unread = place
        .is_unread
        .then(|| view! { <span class="badge dot"><span class="sr-only">{text::IS_UNREAD}</span></span> });
    view! {
        <a
            class="place"
            class:unread=place.is_unread
            role="option"
            id=place_id(n)
            // With somebody who may be written to already: the server knows.
            rel=place.href.starts_with("/c?").then_some("external")
            href=place.href
            tabindex="-1"
            aria-selected=move || (at.get() == n).to_string()
        >
            <Avatar id=place.face name=place.name.clone() small=true/>
            <bdi class="place-name">{place.name}</bdi>
            <bdi class="place-hint">{place.hint}</bdi>
            {unread}
        </a>
    }
}
