//! Where the list comes from, and which of it this browser's people use. Called from handlers of events alone.

use std::cell::RefCell;
use std::sync::Arc;

use js_sys::futures::JsFuture;
use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::Response;

use super::{EmojiSet, SharedSet};
use crate::protocol::emoji::is_emoji;

const FILE: &str = "/emoji.txt";
/// Of this browser: what one likes is no secret of an account's.
const RECENT: &str = "chatter-emoji";
/// Three rows of the picker.
const MOST: usize = 24;

thread_local! {
    static SET: RefCell<Option<SharedSet>> = const { RefCell::new(None) };
}

/// Hands over the list, at once where it was fetched before; none where it cannot be had.
pub fn with_set(then: impl FnOnce(Option<SharedSet>) + 'static) {
    if let Some(set) = SET.with_borrow(Clone::clone) {
        return then(Some(set));
    }
    spawn_local(async move {
        let set = fetched().await.map(|file| Arc::new(EmojiSet::parse(&file)));
        if let Some(set) = &set {
            SET.set(Some(set.clone()));
        }
        then(set);
    });
}

async fn fetched() -> Option<String> {
    let response = JsFuture::from(window().fetch_with_str(FILE)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let text = response.text().ok().filter(|_| response.ok())?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// What was used last, the latest first. Nothing where the browser keeps nothing.
#[must_use]
pub fn recent() -> Vec<String> {
    let storage = window().local_storage().ok().flatten();
    let kept = storage.and_then(|storage| storage.get_item(RECENT).ok().flatten()).unwrap_or_default();
    kept.split(' ').filter(|emoji| is_emoji(emoji)).take(MOST).map(str::to_owned).collect()
}

/// Notes that this one was used.
pub fn used(emoji: &str) {
    let mut kept = recent();
    kept.retain(|other| other != emoji);
    kept.insert(0, emoji.to_owned());
    kept.truncate(MOST);
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or closed storage costs the memory of it alone.
        let _ = storage.set_item(RECENT, &kept.join(" "));
    }
}

/// The text with characters in the place of `:name:`, as far as the list was fetched.
#[must_use]
pub fn written(text: String) -> String {
    match SET.with_borrow(Clone::clone).filter(|_| text.contains(':')) {
        Some(set) => set.written(&text),
        None => text,
    }
}
