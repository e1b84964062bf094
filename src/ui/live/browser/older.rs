//! The way up: the page before the oldest message that is shown.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::Client;
use super::fetch::next;
use crate::api;
use crate::protocol::limits::PAGE_MESSAGES;
use crate::ui::live::timeline::Timeline;

/// Older pages are asked for by scrolling: after a failure not at once again.
const OLDER_REST_MS: u32 = 2_000;
/// An answer that a change has overtaken is asked for anew, so often.
const TRIES: u32 = 3;

impl Client {
    pub(super) fn load_older(self: &Rc<Self>) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let asked = live.timeline.with_untracked(|t| t.conversation().filter(|_| t.has_older()));
        let Some(id) = asked.filter(|_| !live.loading_older.get_untracked()) else { return };
        live.loading_older.set(true);
        live.loading_newer.try_set(false);
        let run = next(&self.older_run);
        let client = Rc::clone(self);
        spawn_local(async move {
            for _ in 0..TRIES {
                let Some(before) = live.timeline.try_with_untracked(Timeline::begins) else { return };
                let fetched = answer(api::message_list(id, Some(before), None, None, Some(PAGE_MESSAGES))).await;
                if client.older_run.get() != run {
                    return;
                }
                match fetched {
                    Ok(page) => {
                        if live.timeline.try_update(|timeline| {
                            let took = timeline.older(before, page, me.id);
                            timeline.trim(|_| false);
                            took
                        }) != Some(false)
                        {
                            break;
                        }
                    }
                    Err(error) => {
                        client.refused(&error);
                        TimeoutFuture::new(OLDER_REST_MS).await;
                        break;
                    }
                }
            }
            if client.older_run.get() == run {
                live.loading_older.try_set(false);
            }
        });
    }
}
