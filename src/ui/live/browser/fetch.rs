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
/// Older pages are asked for by scrolling: after a failure not at once again.
const OLDER_REST_MS: u32 = 2_000;

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
        self.pages.borrow_mut().clear();
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
                        live.conversations.try_update(|list| conversations::merge(list, fetched));
                        return;
                    }
                    Err(error) if !client.again(&error) => return,
                    Err(_) => rest(tries).await,
                }
            }
        });
    }

    /// Fetches the latest page of a conversation and joins it to the timeline, if that still shows it.
    pub(super) fn fetch_page(self: &Rc<Self>, id: ConversationId) {
        let mut pages = self.pages.borrow_mut();
        if let Some((_, again)) = pages.iter_mut().find(|(fetching, _)| *fetching == id) {
            *again = true;
            return;
        }
        pages.push((id, false));
        let client = Rc::clone(self);
        spawn_local(async move {
            for tries in 0..TRIES {
                let fetched = answer(api::message_list(id, None, None, None, Some(PAGE_MESSAGES))).await;
                match fetched {
                    Ok(page) => {
                        client.join_page(id, page);
                        if !client.page_again(id) {
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
            client.pages.borrow_mut().retain(|(fetching, _)| *fetching != id);
        });
    }

    fn join_page(&self, id: ConversationId, page: MessageList) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        if self.open_conversation() == Some(id) {
            live.timeline.try_update(|timeline| timeline.merge_page(page, me.id));
        }
    }

    /// Whether the page was asked for again while it was being fetched; if not, it is done.
    fn page_again(&self, id: ConversationId) -> bool {
        let mut pages = self.pages.borrow_mut();
        let Some(at) = pages.iter().position(|(fetching, _)| *fetching == id) else { return false };
        let again = std::mem::take(&mut pages[at].1);
        if !again {
            pages.swap_remove(at);
        }
        again
    }

    /// Fetches one conversation as the list shows it.
    pub(super) fn fetch_summary(self: &Rc<Self>, id: ConversationId) {
        if !self.summaries.borrow_mut().insert(id) {
            return;
        }
        let client = Rc::clone(self);
        spawn_local(async move {
            let fetched = answer(api::conversation(id)).await;
            client.summaries.borrow_mut().remove(&id);
            let Some(live) = client.live() else { return };
            match fetched {
                Ok(summary) => {
                    live.conversations.try_update(|list| conversations::fetched(list, summary));
                }
                Err(error) if error.code == ErrorCode::NotFound => {
                    live.conversations.try_update(|list| conversations::deleted(list, id));
                }
                Err(error) => client.refused(&error),
            }
        });
    }

    pub(super) fn load_older(self: &Rc<Self>) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let asked = live.timeline.with_untracked(|t| t.conversation().zip(t.oldest_seq()).filter(|_| t.has_older()));
        let Some((id, before)) = asked.filter(|_| !live.loading_older.get_untracked()) else { return };
        live.loading_older.set(true);
        let run = next(&self.older_run);
        let client = Rc::clone(self);
        spawn_local(async move {
            let fetched = answer(api::message_list(id, Some(before), None, None, Some(PAGE_MESSAGES))).await;
            if client.older_run.get() != run {
                return;
            }
            match fetched {
                Ok(page) => {
                    live.timeline.try_update(|timeline| timeline.older(before, page, me.id));
                }
                Err(error) => {
                    client.refused(&error);
                    TimeoutFuture::new(OLDER_REST_MS).await;
                }
            }
            if client.older_run.get() == run {
                live.loading_older.try_set(false);
            }
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
        let Some(id) = conversation else { return };
        // Events that came after the page was read and before it was shown went to the list only.
        let as_of = live.timeline.with_untracked(Timeline::as_of);
        let last =
            live.conversations.with_untracked(|l| l.iter().find(|s| s.conversation.id == id).map(|s| s.last_seq));
        if !fetched || last.is_some_and(|last| last > as_of) {
            self.fetch_page(id);
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

fn next(run: &Cell<u32>) -> u32 {
    run.set(run.get().wrapping_add(1));
    run.get()
}

async fn rest(tries: u32) {
    TimeoutFuture::new(u32::try_from(backoff_ms(tries, random())).unwrap_or_default()).await;
}
