//! Keys that are not the page's.

use leptos::ev::KeyboardEvent;

/// What browsers call a key that an input method took; Safari says only this of the Enter that ends a composition.
const IME_KEY: u32 = 229;

/// Whether an input method took the key: Enter ends a composition then, and Escape takes it back.
pub(super) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == IME_KEY
}

/// Where an arrow leads in a list that goes round; none for another key, and in an empty list.
pub(super) fn step(event: &KeyboardEvent, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match event.key().as_str() {
        "ArrowDown" => Some(if at < last { at + 1 } else { 0 }),
        "ArrowUp" => Some(at.checked_sub(1).unwrap_or(last)),
        _ => None,
    }
}
