//! What the page calls, and where the pieces of the browser's half come from. All else is in the crate `chatter`.

#![cfg(target_arch = "wasm32")]

#[cfg_attr(feature = "split", path = "split.rs")]
mod whole;

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server drew.
#[wasm_bindgen]
pub fn hydrate() {
    chatter::hydrate(&whole::Source);
}
