//! What is found, which of it is marked, and what is still to come.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::places::{Place, add_own, add_people, add_rooms, recall};
use crate::api::{conversation_find, room_list};
use crate::protocol::ConversationList;
use crate::ui::live::Live;
use crate::ui::parts::keys::step;
use crate::ui::parts::lookup::Lookup;
use crate::ui::text;

/// Own conversations that are asked for.
const OWN: u32 = 10;
/// Open rooms that are asked for.
const ROOMS: u32 = 8;

/// What the server was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    None,
    Asked,
    Failed,
}

#[derive(Clone, Copy)]
pub(super) struct Search {
    live: Live,
    pub(super) found: RwSignal<Vec<Place>>,
    pub(super) at: RwSignal<usize>,
    rest: RwSignal<Rest>,
    pub(super) lookup: Lookup,
}

impl Search {
    pub(super) fn new() -> Self {
        let (found, at, rest) = (RwSignal::new(Vec::new()), RwSignal::new(0), RwSignal::new(Rest::None));
        Self { live: expect_context(), found, at, rest, lookup: Lookup::new() }
    }

    /// Put together once: what stands under the finger stays there, whatever is said meanwhile.
    pub(super) fn look(self, typed: String) {
        let me = self.live.me.with_value(|me| me.id);
        self.found.set(self.live.conversations.with_untracked(|all| recall(all, me, &typed)));
        self.at.set(0);
        if typed.trim().is_empty() {
            self.lookup.forget();
            return self.rest.set(Rest::None);
        }
        self.rest.set(Rest::Asked);
        let prefix = typed.clone();
        let people = move |people| {
            let failed = Option::is_none(&people);
            self.found.update(|found| add_people(found, people.unwrap_or_default()));
            let question = self.lookup.forget();
            spawn_local(async move {
                // A list that reaches to the end was looked through.
                let own = match self.live.more_conversations.get_untracked() {
                    true => conversation_find(typed.clone(), Some(OWN)).await,
                    false => Ok(ConversationList { conversations: Vec::new(), more: false }),
                };
                let rooms = room_list(Some(typed), None, Some(ROOMS)).await;
                if self.lookup.is_last(question) {
                    let failed = failed || own.is_err() || rooms.is_err();
                    self.rest.set(if failed { Rest::Failed } else { Rest::None });
                    self.found.update(|found| {
                        add_own(found, &own.map(|list| list.conversations).unwrap_or_default(), me);
                        add_rooms(found, rooms.map(|list| list.rooms).unwrap_or_default());
                    });
                }
            });
        };
        self.lookup.people(prefix, Box::new(people));
    }

    pub(super) fn says(self) -> AnyView {
        let count = self.found.with(Vec::len);
        match self.rest.get() {
            // What is there already is enough to look at meanwhile.
            Rest::Asked if count > 0 => ().into_any(),
            // Seen only where it takes long, and never read out between two letters.
            Rest::Asked => view! { <span class="late" aria-hidden="true">{text::LOADING}</span> }.into_any(),
            Rest::Failed => text::FOUND_AMONG_OWN.into_any(),
            Rest::None if count == 0 => text::NO_PLACES.into_any(),
            Rest::None => view! { <span class="sr-only">{text::places(count)}</span> }.into_any(),
        }
    }

    /// The id of the marked place's element.
    pub(super) fn marked(self) -> Option<String> {
        self.found.with(|found| !found.is_empty()).then(|| place_id(self.at.get()))
    }

    /// Goes through the places. Whether the key was for that.
    pub(super) fn key(self, event: &KeyboardEvent) -> bool {
        let element = || -> Option<Element> { document().get_element_by_id(&place_id(self.at.get_untracked())) };
        let count = self.found.with_untracked(Vec::len);
        if event.key() == "Enter" {
            if let Some(place) = element().and_then(|place| place.dyn_into::<HtmlElement>().ok()) {
                place.click();
            }
            return true;
        }
        let to = match event.key().as_str() {
            "Home" => Some(0),
            "End" => count.checked_sub(1),
            _ => step(event, self.at.get_untracked(), count),
        };
        let Some(to) = to else { return false };
        self.at.set(to);
        if let Some(place) = element() {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            place.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
        true
    }
}

pub(super) fn place_id(at: usize) -> String {
    format!("place-{at}")
}
