//! Chatter: a self-hosted chat for direct messages, groups and rooms. One program serves the page, the WASM client,
//! the WebSocket gateway and the store.
//!
//! # Rooms
//!
//! | Module | Halves | Owns |
//! |---|---|---|
//! | [`protocol`] | both | the wire: frames, ids, messages, codes, limits. Imports nothing of ours |
//! | [`api`] | both | server functions, one a file: authenticate, call the use case, map the error |
//! | [`ui`] | both | shell, routes, pages, parts. `ui::live` is the live client: pure state machines, and one browser-only folder. `ui::pieces`: what the browser loads, and when |
//! | `server::store` | server | the store's contract, and behind it SQLite, or PostgreSQL for several nodes. The only SQL |
//! | `server::bus` | server | the bus's contract: how committed events reach every node |
//! | `server::chatters` | server | the map: user id → live connections, each with its bounded queue |
//! | `server::delivery` | server | the one publisher, and the node's task that brings events to connections in log order |
//! | `server::chat` | server | the use cases: check → store → tell |
//! | `server::auth` | server | passwords, sessions, gateway tokens, cookies |
//! | `server::gateway` | server | upgrade, the sans-I/O session, one task a socket |
//! | `server::serve`, `router`, `host`, `csrf`, `forms`, `pages`, `headers` | server | HTTP: the accept loop, every URL and what a request goes through on one page, plain forms, pages |
//! | `server::boot`, `config`, `secrets`, `storage`, `cli` | server | from arguments to a running server, and down again in order |
//!
//! # A message's walk
//!
//! composer → outbox (nonce) → `api::message_post` → `chat::post` → `Store::message_post` (commit) → publisher →
//! `Bus` → each node's delivery task → `chatters` → connection → `timeline`. The author's own echo is matched by nonce.
//! The outbox lies in IndexedDB, shared by the tabs: one at a time empties it, under a Web Lock, and tells the others.
//!
//! # Invariants
//!
//! - **An acknowledged message is committed and synced**, and appears once, in one order, for every member.
//! - **The store is the only truth; the socket is a hint.** Nothing is published before it is committed.
//! - **No reader costs another.** Queues are bounded; a full one closes that connection. No frame is dropped silently.
//! - Dependencies point one way: `protocol` ← `store`, `bus`, `chatters` ← `chat` ← `gateway`, `api` ← `router`, `boot`.
//! - `ui` never sees `server`. There is no SQL outside `store`, no axum in `chat`, `store`, `bus`, `chatters`.
//! - No lock is held across an await.
//!
//! `tests/it/tidy.rs` holds the code to the last three; `docs/architecture.md` says more.

// Views are deeply nested types, and a query over them recurses as deep.
#![recursion_limit = "512"]

pub mod api;
pub mod protocol;
#[cfg(feature = "ssr")]
pub mod server;
pub mod ui;

/// The browser's entry: takes over the page that the server drew, once the page's pieces are there; without them it stays
/// as it is, and works. The crate `front` makes the WASM of it, and says where pieces come from.
#[cfg(feature = "hydrate")]
pub fn hydrate(source: &'static dyn ui::pieces::Source) {
    use leptos::prelude::*;
    use ui::pieces::{Piece, Pieces};

    console_error_panic_hook::set_once();
    // Refused where it is set already.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let here = ui::Address::of_document();
    let needed = ui::routes::pieces(&here);
    leptos::task::spawn_local(async move {
        for piece in needed {
            if !source.fetch(*piece).await {
                return;
            }
        }
        leptos::mount::hydrate_body(move || {
            provide_context(ui::live::browser::page_data());
            provide_context(here);
            Pieces::provide(source, needed.contains(&Piece::Parts));
            view! { <ui::App/> }
        });
    });
}
