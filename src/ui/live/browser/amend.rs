//! Changing messages: asked of the server, and shown as it answers. The event follows and changes nothing more.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::Client;
use crate::api::{self, ApiError};
use crate::protocol::{ConversationId, Message, Seq};
use crate::ui::live::Amendment;

impl Client {
    pub(super) fn edit(self: &Rc<Self>, seq: Seq, content: String, then: impl FnOnce(Option<String>) + 'static) {
        let (Some(id), Some(me)) = (self.open_conversation(), self.me()) else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            let edited = answer(api::message_edit(id, seq, content, Some(me.id.0))).await;
            then(client.amended(id, edited));
        });
    }

    pub(super) fn amend(self: &Rc<Self>, seq: Seq, amendment: Amendment) {
        let (Some(id), Some(me)) = (self.open_conversation(), self.me()) else { return };
        let as_user = Some(me.id.0);
        let client = Rc::clone(self);
        spawn_local(async move {
            let amended = match amendment {
                Amendment::Delete => answer(api::message_delete(id, seq, as_user)).await,
                Amendment::React { emoji, on: true } => answer(api::reaction_add(id, seq, emoji, as_user)).await,
                Amendment::React { emoji, on: false } => answer(api::reaction_remove(id, seq, emoji, as_user)).await,
                Amendment::Pin(pinned) => answer(api::message_pin(id, seq, pinned, as_user)).await,
            };
            let says = client.amended(id, amended);
            if let Some(live) = client.live() {
                live.says.try_set(says);
            }
        });
    }

    /// Shows the answer. Why it was not done, if it was not.
    fn amended(&self, id: ConversationId, answer: Result<Message, ApiError>) -> Option<String> {
        match answer {
            Ok(message) => {
                let (live, me) = (self.live()?, self.me()?);
                live.timeline.try_update(|timeline| {
                    if timeline.conversation() == Some(id) {
                        timeline.amended(message, me.id);
                    }
                });
                None
            }
            Err(error) => {
                self.refused(&error);
                Some(error.message.into_owned())
            }
        }
    }
}
