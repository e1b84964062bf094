//! What a browser knows: the time, chance, the cookie, the address, whether anybody looks.

use leptos::prelude::{document, location, window};
use uuid::Builder;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, VisibilityState};

use crate::ui::live::backoff::part_ms;

/// Milliseconds since the page was opened: only goes forward, and may stand still while the machine sleeps.
pub(super) fn now_ms() -> i64 {
    window().performance().map_or_else(wall_ms, |p| whole(p.now()))
}

/// Milliseconds since 1970-01-01 UTC, as far as this machine knows.
pub(super) fn wall_ms() -> i64 {
    whole(js_sys::Date::now())
}

fn whole(ms: f64) -> i64 {
    ms as i64
}

/// In 0..1.
pub(super) fn random() -> f64 {
    js_sys::Math::random()
}

/// A UUIDv7: in the order of making, and never twice.
pub(super) fn nonce() -> String {
    let mut bytes = [0_u8; 10];
    let filled = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        // No browser refuses; a nonce has to be unique, not secret.
        bytes.fill_with(|| u8::try_from(part_ms(256, random())).unwrap_or(u8::MAX));
    }
    let now_ms = u64::try_from(wall_ms()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(now_ms, &bytes).into_uuid().to_string()
}

/// The gateway's token, while there is one: its cookie lives as long as it is good.
pub(super) fn token() -> Option<String> {
    let cookies = document().unchecked_into::<HtmlDocument>().cookie().ok()?;
    let token = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("authorization="))?;
    (!token.is_empty()).then(|| token.to_owned())
}

pub(super) fn gateway_url() -> Option<String> {
    let scheme = if location().protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/gateway", location().host().ok()?))
}

pub(super) fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}
