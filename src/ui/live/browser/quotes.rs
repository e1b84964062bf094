//! What a message answers that is further up than what is held: fetched by itself.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::Client;
use crate::api;
use crate::ui::live::timeline::Timeline;

/// So many are asked for at a time; the next event asks for more.
const AT_ONCE: usize = 8;

impl Client {
    pub(super) fn fetch_quotes(self: &Rc<Self>) {
        let (Some(live), Some(id)) = (self.live(), self.open_conversation()) else { return };
        let unknown = live.timeline.try_with_untracked(Timeline::unquoted).unwrap_or_default();
        for seq in unknown.into_iter().take(AT_ONCE) {
            if self.quotes.borrow_mut().insert((id, seq), ()).is_some() {
                // Asked for already: what did not come is not the reader's to see.
                continue;
            }
            let client = Rc::clone(self);
            spawn_local(async move {
                let Ok(page) = answer(api::message_list(id, None, None, Some(seq), Some(1))).await else {
                    client.quotes.borrow_mut().remove(&(id, seq));
                    return;
                };
                let as_of = page.as_of;
                let Some(message) = page.messages.into_iter().find(|message| message.seq == seq) else { return };
                if client.open_conversation() == Some(id) {
                    let took = live.timeline.try_update(|timeline| timeline.quote(message, as_of));
                    if took != Some(true) {
                        client.quotes.borrow_mut().remove(&(id, seq));
                    }
                }
            });
        }
    }
}
