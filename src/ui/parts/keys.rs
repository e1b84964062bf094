//! Keys that are not the page's.

use leptos::ev::KeyboardEvent;

/// What browsers call a key that an input method took; Safari says only this of the Enter that ends a composition.
const IME_KEY: u32 = 229;

/// Whether an input method took the key: Enter ends a composition then, and Escape takes it back.
pub(super) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == IME_KEY
}
