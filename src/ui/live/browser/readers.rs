//! How far others have read the open conversation: fetched when it is opened and whenever the gateway has greeted,
//! and followed live in between.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::Client;
use crate::api;
use crate::protocol::{ConversationId, ConversationKind, Seq, UserId};
use crate::ui::live::Live;

impl Client {
    /// Asks for the readers of the open conversation, where they are told. It may fail: then what comes live is shown.
    pub(super) fn fetch_readers(self: &Rc<Self>) {
        let Some(live) = self.live() else { return };
        let open = self.open_conversation();
        live.readers.try_maybe_update(|readers| {
            let other = readers.conversation() != open;
            readers.open(open);
            (other, ())
        });
        let Some(id) = open else { return };
        let told = live.conversations.try_with_untracked(|all| {
            let kind = all.iter().find(|entry| entry.conversation.id == id).map(|entry| entry.conversation.kind);
            kind != Some(ConversationKind::Room)
        });
        if told != Some(true) {
            return;
        }
        let client = Rc::clone(self);
        spawn_local(async move {
            let Ok(fetched) = answer(api::reader_list(id)).await else { return };
            let Some(live) = client.live() else { return };
            for (user, seq) in fetched.readers {
                Self::read_by(live, id, user, seq);
            }
        });
    }

    pub(super) fn read_by(live: Live, id: ConversationId, user: UserId, seq: Seq) {
        live.readers.try_maybe_update(|readers| (readers.read(id, user, seq), ()));
    }
}
