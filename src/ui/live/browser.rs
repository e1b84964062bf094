//! The browser: socket, timers, visibility, requests. The only folder that touches them.
//!
//! One [`client::Client`] lives as long as the page, in a thread-local: what the browser hands out is of one
//! thread, and [`Driver`] is shared. It decides nothing: the pure parts beside it do. Where things go:
//! `client` runs the connection machine; `socket` is one WebSocket; `events` applies frames to the signals;
//! `resume` begins each connection where the last one ended; `answers` waits for what was asked, and no longer than makes sense; `fetch` asks for what may have been missed; `older` for
//! what was before, `places` for what is elsewhere, `quotes` for what is answered; `amend` changes messages; `queue` fills the outbox and `posts` empties it; it lies in `storage` (IndexedDB), one tab at a
//! time (`locks`), and `tabs` tells the others; `drafts` keeps what is being written; `sign_out` removes both;
//! `reading` tells what was read; `page_data` reads what the page was drawn from; `passing` tells who types and who is there; `environment` is clock, chance, cookie
//! and address.

mod amend;
mod answers;
mod client;
mod drafts;
mod environment;
mod events;
mod fetch;
mod keeping;
mod locks;
mod older;
mod page_data;
mod passing;
mod places;
mod posts;
mod queue;
mod quotes;
mod readers;
mod reading;
mod resume;
mod sign_out;
mod socket;
mod storage;
mod tabs;

use std::sync::Arc;

use leptos::prelude::*;

use super::conversations::List;
use super::outbox::Item;
use super::{Amendment, Drafts, Driver, DriverHandle, Keep, Leaving, LeavingHandle, Left, Live, Recipient};
use crate::protocol::{ConversationId, MessageList, Seq, UserId};
use crate::ui::app::use_page;
use crate::ui::page_data::PageData;
use crate::ui::pages::Chat;
use crate::ui::pieces;
use crate::ui::routes::Page;
use client::Client;

pub use page_data::page_data;

/// The chat, with what drives it.
#[must_use]
pub fn chat() -> AnyView {
    provide_context(DriverHandle(Arc::new(BrowserDriver)));
    page_data::forget();
    view! { <Chat/> }.into_any()
}

/// A page beside the chat, with what it asks of the browser.
#[must_use]
pub fn beside(page: Page) -> AnyView {
    provide_context(LeavingHandle(Arc::new(BrowserLeaving)));
    let context = use_page().context.clone();
    let people = page_data::beside().people;
    provide_context(Arc::new(PageData { context, people, ..PageData::default() }));
    pieces::beside(page)
}

/// Stands for this thread's [`Client`].
struct BrowserDriver;

impl Driver for BrowserDriver {
    fn start(&self, live: Live) {
        Client::of_this_page().start(live);
    }

    fn post(&self, recipient: Recipient, content: String, reply_to: Option<Seq>) {
        let client = Client::of_this_page();
        client.post(recipient, &content, reply_to);
        client.written();
    }

    fn retry(&self, nonce: String) {
        Client::of_this_page().retry(&nonce);
    }

    fn discard(&self, nonce: String) {
        Client::of_this_page().take_back(nonce, None, |_| {});
    }

    fn take_back(&self, nonce: String, draft: (String, String), then: Box<dyn FnOnce(Item)>) {
        Client::of_this_page().take_back(nonce, Some(draft), then);
    }

    fn load_older(&self) {
        Client::of_this_page().load_older();
    }

    fn load_newer(&self) {
        Client::of_this_page().load_newer();
    }

    fn show(&self, at: Option<Seq>) {
        Client::of_this_page().show_place(at);
    }

    fn edit(&self, seq: Seq, content: String, then: Box<dyn FnOnce(Option<String>)>) {
        Client::of_this_page().edit(seq, content, then);
    }

    fn amend(&self, seq: Seq, amendment: Amendment) {
        Client::of_this_page().amend(seq, amendment);
    }

    fn open(&self, conversation: Option<ConversationId>, page: Option<MessageList>) {
        Client::of_this_page().open(conversation, page);
    }

    fn as_told(&self, fetched: &mut List) {
        Client::of_this_page().resume.borrow().told.over(fetched);
    }

    fn keep(&self, conversation: ConversationId, change: Keep) {
        Client::of_this_page().keep_as(conversation, change);
    }

    fn saw(&self, seq: Seq) {
        Client::of_this_page().saw(seq);
    }

    fn types(&self, conversation: ConversationId) {
        Client::of_this_page().types(conversation);
    }

    fn drafts(&self, then: Box<dyn Fn(Drafts)>) {
        Client::of_this_page().read_drafts(then);
    }

    fn keep_draft(&self, key: String, draft: Option<String>) {
        Client::of_this_page().keep_draft(key, draft);
    }
}

/// Needs no client: nothing is started on the pages that ask.
struct BrowserLeaving;

impl Leaving for BrowserLeaving {
    fn unsent(&self, user: UserId, then: Box<dyn FnOnce(Option<Left>)>) {
        sign_out::unsent(user, then);
    }

    fn sign_out(&self, user: UserId, then: Box<dyn FnOnce(String)>) {
        sign_out::sign_out(user, then);
    }
}
