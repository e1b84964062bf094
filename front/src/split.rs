//! The chat, and each piece in a file of its own. A function that is marked here is where the compiled half is cut: what
//! only that one reaches goes into its file, and what several reach into files between them.
//!
//! Cutting names functions for the linker by attributes that are `unsafe`; the macro writes those, and this file has
//! none of its own.

#![allow(unsafe_code)]

use chatter::ui::Part;
use chatter::ui::live::browser;
use chatter::ui::pieces::{self, Fetching, Piece};
use chatter::ui::routes::Page;
use futures_util::FutureExt as _;
use leptos::prelude::{AnyView, IntoAny as _};
use leptos::wasm_split::{SplitLoaderError, wasm_split};

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible, preload(fetch_pages))]
fn beside(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(browser::beside(page))
}

#[wasm_split(parts, wasm_split_path = ::leptos::wasm_split, fallible, preload(fetch_parts))]
fn part(part: Part) -> Result<AnyView, SplitLoaderError> {
    Ok(part.draw())
}

/// What a piece draws that is there, and so at once.
fn drawn(drawing: impl Future<Output = Result<AnyView, SplitLoaderError>>) -> AnyView {
    // Nothing where the caller did not wait for `fetch`.
    drawing.now_or_never().and_then(Result::ok).unwrap_or_else(|| ().into_any())
}

pub(crate) struct Source;

impl pieces::Source for Source {
    fn fetch(&self, piece: Piece) -> Fetching {
        match piece {
            Piece::Parts => Box::pin(fetch_parts().map(|came| came.is_ok())),
            Piece::Pages => Box::pin(fetch_pages().map(|came| came.is_ok())),
        }
    }

    fn page(&self, page: Page) -> AnyView {
        match page {
            Page::Chat => browser::chat(),
            page => drawn(beside(page)),
        }
    }

    fn part(&self, which: Part) -> AnyView {
        drawn(part(which))
    }
}
