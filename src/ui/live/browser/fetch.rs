//! Asking for what may have been missed: the socket is a hint, the store is the truth.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::value::RawValue;

use super::answers::answer;
use super::client::Client;
use super::environment::random;
use crate::api::{self, ApiError};
use crate::protocol::limits::{LIST_MAX, PAGE_MESSAGES};
use crate::protocol::{ConversationId, ErrorCode, Event, MessageList, ServerFrame};
use crate::ui::live::Live;
use crate::ui::live::backoff::backoff_ms;
use crate::ui::live::conversations;
use crate::ui::live::timeline::{Missing, Timeline};

/// Tries to fetch what READY asked for; the next READY asks again.
const TRIES: u32 = 6;
/// Requests in a row for what the open conversation lacks: more than its bound has pages of events.
const ROUNDS: u32 = 10;

impl Client {
    /// Another page of the same client: what came between its being read and its being shown is not in it.
    pub(super) fn refetch(self: &Rc<Self>) {
        self.fetch_list();
        self.catch_up();
    }

    pub(super) fn open_conversation(&self) -> Option<ConversationId> {
        self.live()?.timeline.try_with_untracked(Timeline::conversation)?
    }

    pub(super) fn fetch_list(self: &Rc<Self>) {
        let run = next(&self.list_run);
        self.resume.borrow_mut().list_wanted = true;
        let client = Rc::clone(self);
        spawn_local(async move {
            for tries in 0..TRIES {
                let fetched = answer(api::conversation_list(None, Some(LIST_MAX))).await;
                let Some(live) = client.live().filter(|_| client.list_run.get() == run) else { return };
                match fetched {
                    Ok(mut fetched) => {
                        let mut resume = client.resume.borrow_mut();
                        resume.told.over(&mut fetched.conversations);
                        let wanted = std::mem::take(&mut resume.wanted);
                        drop(resume);
                        let merge = |list: &mut _| conversations::merge(list, fetched, &wanted);
                        let missing = live.conversations.try_update(merge);
                        client.listed(live);
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

    /// The list came: what it does not reach is beyond it.
    fn listed(&self, live: Live) {
        let mut resume = self.resume.borrow_mut();
        resume.list_wanted = false;
        live.conversations.try_with_untracked(|list| {
            resume.beyond.retain(|id, _| list.iter().all(|s| s.conversation.id != *id));
        });
        if !resume.beyond.is_empty() && !live.more_conversations.get_untracked() {
            live.more_conversations.try_set(true);
        }
    }

    /// Fetches what the open conversation lacks: events that were lost, or that came after its page was read and
    /// before it was shown and so went to the list only.
    pub(super) fn catch_up(self: &Rc<Self>) {
        let Some((id, _)) = self.lacks().filter(|(id, _)| self.missing.ask(*id)) else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            for round in 0..ROUNDS {
                let Some((_, missing)) = client.lacks().filter(|(open, _)| *open == id) else { break };
                match client.fetch_missing(id, missing).await {
                    Ok(()) => {}
                    Err(error) if !client.again(&error) => break,
                    Err(_) => rest(round).await,
                }
            }
            client.missing.forget(id);
        });
    }

    fn lacks(&self) -> Option<(ConversationId, Missing)> {
        let (live, open) = (self.live()?, self.open_conversation()?);
        let known = live.conversations.try_with_untracked(|list| conversations::last_seq(list, open)).flatten();
        let missing = live.timeline.try_with_untracked(|timeline| timeline.missing(known.unwrap_or_default()))??;
        Some((open, missing))
    }

    async fn fetch_missing(self: &Rc<Self>, id: ConversationId, missing: Missing) -> Result<(), ApiError> {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return Ok(()) };
        let here = |client: &Self| client.open_conversation() == Some(id);
        match missing {
            Missing::Events(after) => {
                let list = answer(api::event_list(id, after, Some(LIST_MAX))).await?;
                let event = |text: &RawValue| match ServerFrame::decode(text.get(), me.id) {
                    Ok(ServerFrame::Event(event)) => Some(event),
                    // No event: where it stood a page becomes necessary.
                    _ => None,
                };
                let events: Vec<Event> = list.events.iter().filter_map(|text| event(text)).collect();
                if here(self) {
                    live.timeline.try_update(|timeline| timeline.fetched(after, &events, list.as_of, me.id));
                }
                for event in events {
                    self.event(live, &me, event);
                }
            }
            Missing::Page => {
                let page = answer(api::message_list(id, None, None, None, Some(PAGE_MESSAGES))).await?;
                if here(self) {
                    live.timeline.try_update(|timeline| timeline.replace(page, me.id));
                }
            }
        }
        Ok(())
    }

    /// Fetches one conversation as the list shows it.
    pub(super) fn fetch_summary(self: &Rc<Self>, id: ConversationId) {
        if !self.summaries.ask(id) {
            return;
        }
        let client = Rc::clone(self);
        let run = self.summaries_run.get();
        spawn_local(async move {
            let mut tries = 0;
            while tries < TRIES {
                let fetched = answer(api::conversation(id)).await;
                // READY has said since what is to be asked for.
                let Some(live) = client.live().filter(|_| client.summaries_run.get() == run) else { return };
                match fetched {
                    Ok(summary) => {
                        client.summary(live, summary);
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
        live.timeline.try_update(|timeline| match (conversation, page) {
            (None, _) => *timeline = Timeline::default(),
            (Some(id), page) if timeline.conversation() == Some(id) => {
                if let Some(page) = page {
                    let elsewhere = page.newer || timeline.has_newer();
                    if !elsewhere || !timeline.go_to(page.clone(), me.id) {
                        timeline.replace(page, me.id);
                    }
                }
            }
            (Some(id), Some(page)) => *timeline = Timeline::from_page(id, page),
            (Some(id), None) => *timeline = Timeline::unread(id),
        });
        self.show_pending(live);
        self.fetch_readers();
        if let Some(id) = conversation {
            self.unmark(id);
        }
        self.catch_up();
    }

    /// Whether it makes sense to ask again.
    fn again(&self, error: &ApiError) -> bool {
        self.refused(error);
        error.code.is_passing() && self.is_ready()
    }
}

pub(super) fn next(run: &Cell<u32>) -> u32 {
    run.set(run.get().wrapping_add(1));
    run.get()
}

async fn rest(tries: u32) {
    TimeoutFuture::new(u32::try_from(backoff_ms(tries, random())).unwrap_or_default()).await;
}
