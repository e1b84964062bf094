//! The reader's place in a list that grows at both ends.
//!
//! The list is laid out from its bottom (`column-reverse`): it opens at the newest message without scripts, and
//! `scrollTop` is 0 there and negative above. The browser's own anchoring is off (style/_messages.scss), as not all
//! have it: a row in view is remembered instead and put back where it was after every change.

mod measure;
mod settling;
mod showing;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlDivElement, HtmlElement, ResizeObserver};

pub(super) use self::measure::Side;
use self::measure::{last_in_view, side_of};
use crate::protocol::Seq;

/// More messages are asked for when fewer than so many pixels of list are left on that side.
const AHEAD_PX: i32 = 600;

#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) list: NodeRef<html::Div>,
    pub(super) at_end: RwSignal<bool>,
    /// More than what is in view lies between the reader and the end.
    pub(super) far: RwSignal<bool>,
    /// The topmost message in view and the distance of its end from the list's top, in pixels. By id, as elements belong to
    /// one thread and this value does not.
    anchor: StoredValue<Option<(String, f64)>>,
    /// Whether there is more below what is loaded: then nobody is at the end.
    more_below: StoredValue<bool>,
    /// Whether rows changed and the reader is not back at their place yet. A browser says that it scrolled before it asks
    /// for the frame that brings them back: where they are then is not where they read.
    pub(super) unsettled: StoredValue<bool>,
    /// The row that has the focus, by its id: made anew, or moved, it gets it back.
    pub(super) focused: StoredValue<Option<String>>,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            list: NodeRef::new(),
            at_end: RwSignal::new(true),
            far: RwSignal::new(false),
            anchor: StoredValue::new(None),
            more_below: StoredValue::new(false),
            unsettled: StoredValue::new(false),
            focused: StoredValue::new(None),
        }
    }

    /// Whether what is loaded has an end that is not the log's.
    pub(super) fn ends_early(self, early: bool) {
        self.more_below.set_value(early);
        if early {
            self.at_end.set(false);
        }
    }

    /// Whether newer messages are to be asked for.
    pub(super) fn near_end(self) -> bool {
        self.list.try_get_untracked().flatten().is_some_and(|list| -list.scroll_top() < AHEAD_PX)
    }

    pub(super) fn to_end(self) {
        self.at_end.set(true);
        self.settle();
    }

    /// The element of a message.
    pub(super) fn row(self, seq: Seq) -> Option<HtmlElement> {
        let list = self.list.try_get_untracked().flatten()?;
        list.query_selector(&format!("li.message[data-seq=\"{seq}\"]")).ok()??.dyn_into().ok()
    }

    /// The topmost message in view, before rows changed.
    pub(super) fn read(self) -> Option<Seq> {
        let id = self.anchor.get_value()?.0;
        document().get_element_by_id(&id)?.get_attribute("data-seq")?.parse().ok()
    }

    /// The newest message that is in view as a whole, or at least with its end; none while nothing is.
    pub(super) fn last_in_view(self) -> Option<Seq> {
        last_in_view(&*self.shown()?)
    }

    /// On which side of what is in view `row` is.
    pub(super) fn side_of(self, row: &Element) -> Option<Side> {
        Some(side_of(row, &*self.shown()?))
    }

    /// The list, unless it is gone or has no room at all: then nobody sees anything of it.
    fn shown(self) -> Option<HtmlDivElement> {
        self.list.try_get_untracked().flatten().filter(|list| list.client_height() > 0)
    }

    /// Calls `then` whenever the list's own size changes: the composer grows, a keyboard comes up.
    pub(super) fn on_resize(self, then: impl Fn() + Copy + 'static) {
        Effect::new(move |_| {
            let Some(list) = self.list.get() else { return };
            // Belongs to the observer from here on, which goes with the element.
            let callback = Closure::<dyn FnMut()>::new(then).into_js_value();
            if let Ok(observer) = ResizeObserver::new(callback.unchecked_ref()) {
                observer.observe(&list);
            }
        });
    }

    pub(super) fn near_start(self) -> bool {
        self.list.try_get_untracked().flatten().is_some_and(|list| {
            let above = list.scroll_height() - list.client_height() + list.scroll_top();
            above < AHEAD_PX
        })
    }
}
