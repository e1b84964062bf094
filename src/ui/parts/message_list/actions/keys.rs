//! The keys of a message's menu.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::super::acting::{Acting, Open};

/// Keys of an open menu.
pub(super) fn key(acting: Acting, event: &KeyboardEvent) {
    let is_open = acting.open.get_untracked() != Open::Bar;
    let handled = match event.key().as_str() {
        "Escape" => {
            acting.leave();
            true
        }
        "ArrowDown" | "ArrowRight" if is_open => focus_item(acting, |at, count| (at + 1) % count),
        "ArrowUp" | "ArrowLeft" if is_open => focus_item(acting, |at, count| (at + count - 1) % count),
        "Home" if is_open => focus_item(acting, |_, _| 0),
        "End" if is_open => focus_item(acting, |_, count| count - 1),
        "Tab" if is_open => {
            acting.leave();
            true
        }
        _ => false,
    };
    if handled {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// Moves the focus among the menu's items, of which the current one is told by its place.
pub(super) fn focus_item(acting: Acting, to: impl Fn(u32, u32) -> u32) -> bool {
    let Some(bar) = acting.bar.try_get_untracked().flatten() else { return false };
    let Ok(items) = bar.query_selector_all("[role=menuitem]") else { return false };
    let count = items.length();
    if count == 0 {
        return false;
    }
    let active = document().active_element();
    let item = |at: u32| items.item(at).and_then(|item| item.dyn_into::<HtmlElement>().ok());
    let is_active = |at: &u32| item(*at).is_some_and(|item| active.as_ref().is_some_and(|active| *active == *item));
    let at = (0..count).find(is_active);
    item(to(at.unwrap_or(count - 1), count)).is_some_and(|item| item.focus().is_ok())
}
