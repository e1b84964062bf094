//! Where the focus goes when what has it goes.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// To the page's first element of this kind.
pub(in crate::ui) fn focus_first(selector: &str) {
    focus(document().query_selector(selector).ok().flatten());
}

/// To what stays around the event's place.
pub(super) fn focus_around(event: &Event, selector: &str) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    focus(target.and_then(|target| target.closest(selector).ok().flatten()));
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _focused = element.focus();
    }
}
