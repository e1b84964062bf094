//! Frames of the gateway, applied to the page's signals.

use std::rc::Rc;

use leptos::logging;
use leptos::prelude::*;

use super::client::Client;
use super::environment::wall_ms;
use crate::protocol::frame::{ReadUpdate, Ready};
use crate::protocol::{
    ConversationId, ConversationKind, ErrorCode, Event, EventBody, Message, ServerFrame, Stream, UserRef,
};
use crate::ui::live::Live;
use crate::ui::live::connection::{Heard, Input};
use crate::ui::live::conversations::{self, Known};

/// What an ERROR without a code says when it refuses a token.
const INVALID_CREDS: &str = "Invalid creds";

impl Client {
    pub(super) fn frame(self: &Rc<Self>, text: &str) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let frame = match ServerFrame::decode(text, me.id) {
            Ok(frame) => frame,
            Err(error) => return logging::log!("the gateway sent what is no frame: {error}"),
        };
        let heard = match frame {
            ServerFrame::Hello(hello) => Heard::Hello { heartbeat_ms: hello.heartbeat_ms },
            ServerFrame::Ready(ready) if ready.user.id != me.id => return self.reload(),
            ServerFrame::Ready(ready) => {
                ready_marks(live, &ready);
                Heard::Ready
            }
            ServerFrame::HeartbeatAck => Heard::HeartbeatAck,
            ServerFrame::Reconnect(reconnect) => Heard::Reconnect { after_ms: reconnect.after_ms },
            ServerFrame::Error(error)
                if error.code.map_or(error.message == INVALID_CREDS, |c| c == ErrorCode::InvalidCreds) =>
            {
                Heard::InvalidCreds
            }
            ServerFrame::Error(error) => {
                logging::log!("the gateway says: {}", error.message);
                Heard::Error { retry_after_ms: error.retry_after_ms }
            }
            ServerFrame::Event(event) => {
                self.event(live, &me, event);
                Heard::Other
            }
            ServerFrame::ReadUpdate(update) => {
                self.read_update(live, &me, &update);
                Heard::Other
            }
            ServerFrame::Unknown(op) => {
                logging::log!("the gateway sent an op that this page does not know: {op}");
                Heard::Other
            }
        };
        self.feed(Input::Frame(heard));
    }

    fn event(self: &Rc<Self>, live: Live, me: &UserRef, event: Event) {
        let gap = live.timeline.try_maybe_update(|timeline| {
            let ours = Some(event.stream) == timeline.conversation().map(Stream::Conversation);
            timeline.apply(&event, me.id);
            (ours, ours && timeline.has_gap())
        });
        let id = match event.stream {
            Stream::Conversation(id) => Some(id),
            Stream::Inbox(_) => None,
        };
        match (id, event.body) {
            (Some(id), EventBody::MessageCreate(message)) => self.message(live, me, id, &message),
            (Some(id), EventBody::MemberAdd(user)) => {
                live.conversations.try_update(|list| conversations::member(list, id, event.seq, &user, true));
            }
            (Some(id), EventBody::MemberRemove(user)) => {
                live.conversations.try_update(|list| conversations::member(list, id, event.seq, &user, false));
            }
            (_, EventBody::ConversationCreate(conversation)) => {
                let (id, kind) = (conversation.id, conversation.kind);
                live.conversations.try_update(|list| conversations::created(list, conversation, wall_ms()));
                if kind != ConversationKind::Direct {
                    // It may have a past; a direct conversation begins with the message that follows.
                    self.fetch_summary(id);
                }
            }
            (_, EventBody::ConversationDelete(id)) => {
                live.conversations.try_update(|list| conversations::deleted(list, id));
            }
            (None, EventBody::MessageCreate(_) | EventBody::MemberAdd(_) | EventBody::MemberRemove(_)) => {}
        }
        if let (Some(id), Some(true)) = (id, gap) {
            self.fetch_page(id);
        }
    }

    fn message(self: &Rc<Self>, live: Live, me: &UserRef, id: ConversationId, message: &Message) {
        if message.author.id == me.id {
            self.echoed(&message.nonce, id);
        }
        // Unread until the list of messages, which alone knows what is in view, says that it was seen: it does so
        // in the frame that shows the message.
        let known = live.conversations.try_update(|list| conversations::message(list, id, message, me.id));
        if known == Some(Known::Fetch) {
            self.fetch_summary(id);
        }
    }

    fn read_update(self: &Rc<Self>, live: Live, me: &UserRef, update: &ReadUpdate) {
        if update.user != me.id {
            return;
        }
        let known = live
            .conversations
            .try_update(|list| conversations::read_elsewhere(list, update.conversation, update.read_seq));
        if known == Some(Known::Fetch) {
            self.fetch_summary(update.conversation);
        }
    }
}

fn ready_marks(live: Live, ready: &Ready) {
    live.conversations.try_update(|list| conversations::marks(list, &ready.marks));
}
