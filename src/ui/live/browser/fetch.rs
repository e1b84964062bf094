//! Asking for what may have been missed: the socket is a hint, the store is the truth.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::Client;
use super::environment::random;
use crate::api::{self, ApiError};
use crate::protocol::limits::{LIST_MAX, PAGE_MESSAGES};
use crate::protocol::{ConversationId, ErrorCode, MessageList, Seq};
use crate::ui::live::backoff::backoff_ms;
use crate::ui::live::conversations;
use crate::ui::live::timeline::Timeline;

/// An answer that takes longer is not awaited: the network may have gone without a word.
const ANSWER_MS: u32 = 30_000;
/// Tries to fetch what READY asked for; the next READY asks again.
const TRIES: u32 = 6;

/// The answer, or [`ErrorCode::Unavailable`] when none comes.
pub(super) async fn answer<T>(request: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    match select(pin!(request), TimeoutFuture::new(ANSWER_MS)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(ApiError::new(ErrorCode::Unavailable, "Chatter did not answer in time.")),
    }
}

impl Client {
    /// After READY: everything that the page shows.
    pub(super) fn refetch(self: &Rc<Self>) {
        self.fetch_list();
        // What was asked for over the lost connection may never be answered.
        self.pages.clear();
        self.summaries.clear();
        if let Some(open) = self.open_conversation() {
            self.fetch_page(open);
        }
    }

    pub(super) fn open_conversation(&self) -> Option<ConversationId> {
        self.live()?.timeline.try_with_untracked(Timeline::conversation)?
    }

    fn fetch_list(self: &Rc<Self>) {
        let run = next(&self.list_run);
        let client = Rc::clone(self);
        spawn_local(async move {
            for tries in 0..TRIES {
                let fetched = answer(api::conversation_list(None, Some(LIST_MAX))).await;
                let Some(live) = client.live().filter(|_| client.list_run.get() == run) else { return };
                match fetched {
                    Ok(fetched) => {
                        let missing = live.conversations.try_update(|list| conversations::merge(list, fetched));
                        for id in missing.into_iter().flatten() {
                            client.fetch_summary(id);
                        }
                        return client.catch_up();
                    }
                    Err(error) if !client.again(&error) => return,
                    Err(_) => rest(tries).await,
                }
            }
        });
    }

    /// Fetches the latest page of a conversation and joins it to the timeline, if that still shows it.
    pub(super) fn fetch_page(self: &Rc<Self>, id: ConversationId) {
        if !self.pages.ask(id) {
            return;
        }
        let client = Rc::clone(self);
        spawn_local(async move {
            for tries in 0..TRIES {
                let fetched = answer(api::message_list(id, None, None, None, Some(PAGE_MESSAGES))).await;
                match fetched {
                    Ok(page) => {
                        client.join_page(id, page);
                        if !client.pages.again(id) {
                            return;
                        }
                    }
                    Err(error) if !client.again(&error) => break,
                    Err(_) => rest(tries).await,
                }
                if client.open_conversation() != Some(id) {
                    break;
                }
            }
            client.pages.forget(id);
        });
    }

    /// Where the list knows of more than the open conversation shows: events that came after its page was read
    /// and before it was shown, or while the connection was lost, went to the list only.
    pub(super) fn catch_up(self: &Rc<Self>) {
        let (Some(live), Some(open)) = (self.live(), self.open_conversation()) else { return };
        let as_of = live.timeline.try_with_untracked(Timeline::as_of);
        let last = live.conversations.try_with_untracked(|list| conversations::last_seq(list, open)).flatten();
        if last > as_of {
            self.fetch_page(open);
        }
    }

    fn join_page(&self, id: ConversationId, page: MessageList) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        if self.open_conversation() == Some(id) {
            live.timeline.try_update(|timeline| timeline.merge_page(page, me.id));
        }
    }

    /// Fetches one conversation as the list shows it.
    pub(super) fn fetch_summary(self: &Rc<Self>, id: ConversationId) {
        if !self.summaries.ask(id) {
            return;
        }
        let client = Rc::clone(self);
        spawn_local(async move {
            let mut tries = 0;
            while tries < TRIES {
                let fetched = answer(api::conversation(id)).await;
                let Some(live) = client.live() else { return };
                match fetched {
                    Ok(summary) => {
                        live.conversations.try_update(|list| conversations::fetched(list, summary));
                        client.catch_up();
                    }
                    Err(error) if error.code == ErrorCode::NotFound => {
                        live.conversations.try_update(|list| conversations::deleted(list, id));
                    }
                    Err(error) if !client.again(&error) => break,
                    Err(_) => {
                        rest(tries).await;
                        tries += 1;
                        continue;
                    }
                }
                if !client.summaries.again(id) {
                    return;
                }
                tries = 0;
            }
            client.summaries.forget(id);
        });
    }

    /// Shows another conversation from what the page fetched, with the own messages that wait for it.
    pub(super) fn open(self: &Rc<Self>, conversation: Option<ConversationId>, page: Option<MessageList>) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        // An older page on its way is not for this one.
        next(&self.older_run);
        live.loading_older.try_set(false);
        let fetched = page.is_some();
        live.timeline.try_update(|timeline| match (conversation, page) {
            (None, _) => *timeline = Timeline::default(),
            (Some(id), page) if timeline.conversation() == Some(id) => {
                if let Some(page) = page {
                    timeline.merge_page(page, me.id);
                }
            }
            (Some(id), page) => *timeline = Timeline::from_page(id, page.unwrap_or_else(nothing_yet)),
        });
        self.show_pending(live);
        match conversation {
            Some(id) if !fetched => self.fetch_page(id),
            _ => self.catch_up(),
        }
    }

    /// Whether it makes sense to ask again.
    fn again(&self, error: &ApiError) -> bool {
        self.refused(error);
        let passing = matches!(error.code, ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::RateLimited);
        passing && self.is_ready()
    }
}

fn nothing_yet() -> MessageList {
    MessageList { messages: Vec::new(), as_of: Seq::ZERO, more: false }
}

pub(super) fn next(run: &Cell<u32>) -> u32 {
    run.set(run.get().wrapping_add(1));
    run.get()
}

async fn rest(tries: u32) {
    TimeoutFuture::new(u32::try_from(backoff_ms(tries, random())).unwrap_or_default()).await;
}
