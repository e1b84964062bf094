//! The browser: socket, timers, visibility, requests. The only folder that touches them.
//!
//! One [`client::Client`] lives as long as the page, in a thread-local: what the browser hands out is of one
//! thread, and [`Driver`] is shared. It decides nothing: the pure parts beside it do. Where things go:
//! `client` runs the connection machine; `socket` is one WebSocket; `events` applies frames to the signals;
//! `resume` begins each connection where the last one ended; `fetch` asks for what may have been missed; `older` for
//! what was before; `posts` empties the outbox;
//! `reading` tells what was read; `environment` is clock, chance, cookie and address. A persistent outbox
//! (IndexedDB) and the lock that lets one tab send join here, and feed `Outbox::restore`.

mod client;
mod environment;
mod events;
mod fetch;
mod older;
mod posts;
mod reading;
mod resume;
mod socket;

use std::sync::Arc;

use super::{Driver, DriverHandle, Live, Recipient};
use crate::protocol::{ConversationId, MessageList, Seq};
use client::Client;

/// The driver of this page, for `hydrate()` to put into the context.
#[must_use]
pub fn driver() -> DriverHandle {
    DriverHandle(Arc::new(BrowserDriver))
}

/// Stands for this thread's [`Client`].
struct BrowserDriver;

impl Driver for BrowserDriver {
    fn start(&self, live: Live) {
        Client::of_this_page().start(live);
    }

    fn post(&self, recipient: Recipient, content: String) {
        Client::of_this_page().post(recipient, &content);
    }

    fn retry(&self, nonce: String) {
        Client::of_this_page().retry(&nonce);
    }

    fn discard(&self, nonce: String) {
        Client::of_this_page().discard(&nonce);
    }

    fn load_older(&self) {
        Client::of_this_page().load_older();
    }

    fn open(&self, conversation: Option<ConversationId>, page: Option<MessageList>) {
        Client::of_this_page().open(conversation, page);
    }

    fn saw(&self, seq: Seq) {
        Client::of_this_page().saw(seq);
    }
}
