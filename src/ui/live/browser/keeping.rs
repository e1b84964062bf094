//! How the reader keeps a conversation, told to the server; shown once the inbox says so.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::Client;
use crate::api;
use crate::protocol::{ConversationId, ConversationSummary};
use crate::ui::live::Keep;

impl Client {
    /// Coming to a conversation reads what was marked as unread, also where no message is: then no mark moves.
    pub(super) fn unmark(self: &Rc<Self>, id: ConversationId) {
        let marked = self.live().and_then(|live| {
            let of = |all: &Vec<ConversationSummary>| all.iter().any(|c| c.conversation.id == id && c.mine.marked);
            live.conversations.try_with_untracked(of)
        });
        if marked == Some(true) {
            self.keep_as(id, Keep { marked: Some(false), ..Keep::default() });
        }
    }

    pub(super) fn keep_as(self: &Rc<Self>, id: ConversationId, change: Keep) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        spawn_local(async move {
            let request = api::conversation_keep(id, change.level, change.pinned, change.marked, Some(me.id.0));
            // What it is by then the inbox tells, on all devices and in one order; READY, where there is no connection.
            if let Err(error) = answer(request).await {
                live.says.try_set(Some(error.message.into_owned()));
            }
        });
    }
}
