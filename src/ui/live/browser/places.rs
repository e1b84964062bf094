//! Elsewhere in the open conversation: around a message, on from there, and at the end again.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::Client;
use super::fetch::next;
use crate::api;
use crate::protocol::Seq;
use crate::protocol::limits::PAGE_MESSAGES;
use crate::ui::live::timeline::Timeline;

/// Newer pages are asked for by scrolling: after a failure not at once again.
const REST_MS: u32 = 2_000;
/// An answer that an event has overtaken is asked for anew, so often.
const TRIES: u32 = 3;

impl Client {
    /// Goes to a message, or to the latest ones, without anything else of the page being drawn anew.
    pub(super) fn show_place(self: &Rc<Self>, at: Option<Seq>) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let Some(id) = self.open_conversation() else { return };
        // Pages that are on their way are for where one was.
        let run = next(&self.older_run);
        live.loading_older.try_set(false);
        live.loading_newer.try_set(false);
        let client = Rc::clone(self);
        spawn_local(async move {
            for _ in 0..TRIES {
                let fetched = answer(api::message_list(id, None, None, at, Some(PAGE_MESSAGES))).await;
                if client.older_run.get() != run || client.open_conversation() != Some(id) {
                    return;
                }
                match fetched {
                    Ok(page) => {
                        if live.timeline.try_update(|timeline| timeline.go_to(page, me.id)) != Some(false) {
                            live.reveal.try_set(at);
                            if at.is_none() {
                                live.brought.try_update(|brought| *brought = brought.wrapping_add(1));
                            }
                            break;
                        }
                    }
                    Err(error) => {
                        client.refused(&error);
                        live.says.try_set(Some(error.message.into_owned()));
                        break;
                    }
                }
            }
            client.catch_up();
        });
    }

    pub(super) fn load_newer(self: &Rc<Self>) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let asked = live.timeline.with_untracked(|t| t.conversation().filter(|_| t.has_newer()));
        let Some(id) = asked.filter(|_| !live.loading_newer.get_untracked()) else { return };
        live.loading_newer.set(true);
        let run = next(&self.older_run);
        live.loading_older.try_set(false);
        let client = Rc::clone(self);
        spawn_local(async move {
            for _ in 0..TRIES {
                let Some(Some(after)) = live.timeline.try_with_untracked(Timeline::until) else { break };
                let fetched = answer(api::message_list(id, None, Some(after), None, Some(PAGE_MESSAGES))).await;
                if client.older_run.get() != run {
                    return;
                }
                match fetched {
                    Ok(page) => {
                        let took = live.timeline.try_update(|timeline| {
                            let took = timeline.newer(after, page, me.id);
                            timeline.trim(|_| true);
                            took
                        });
                        if took != Some(false) {
                            break;
                        }
                    }
                    Err(error) => {
                        client.refused(&error);
                        TimeoutFuture::new(REST_MS).await;
                        break;
                    }
                }
            }
            if client.older_run.get() == run {
                live.loading_newer.try_set(false);
            }
        });
    }
}
