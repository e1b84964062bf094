//! Days and clocks beside the chat: a day as the server says it, and what time it is where somebody else is.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::moment;
use crate::ui::text;

/// A day, in UTC: of what was days or years ago.
#[component]
pub fn DayOf(at_ms: i64) -> impl IntoView {
    view! { <time datetime=moment::iso(at_ms)>{moment::date(at_ms, 0)}</time> }
}

/// The clock in a time zone, which browsers alone know: nothing without scripts, nor for a zone that there is not.
#[component]
pub fn TimeThere(zone: String) -> impl IntoView {
    let now = RwSignal::new(None::<String>);
    Effect::new(move |_| now.set(clock_in(&zone)));
    view! { <span class="hint">{move || now.get().map(|now| text::now_there(&now))}</span> }
}

fn clock_in(zone: &str) -> Option<String> {
    let options = Object::new();
    for (part, form) in [("hour", "numeric"), ("minute", "2-digit"), ("timeZone", zone)] {
        Reflect::set(&options, &part.into(), &form.into()).ok()?;
    }
    // Its constructor throws at a zone that it does not know.
    let maker: Function = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"DateTimeFormat".into()))
        .ok()?
        .dyn_into()
        .ok()?;
    let made = Reflect::construct(&maker, &Array::of2(&JsValue::UNDEFINED, &options)).ok()?;
    let format: Intl::DateTimeFormat = made.unchecked_into();
    format.format().call1(&JsValue::UNDEFINED, &Date::new_0()).ok()?.as_string()
}
