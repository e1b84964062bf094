//! Frames of the gateway, applied to the page's signals.

use std::rc::Rc;

use leptos::logging;
use leptos::prelude::*;

use super::client::Client;
use super::environment::wall_ms;
use crate::protocol::frame::ReadUpdate;
use crate::protocol::{ErrorCode, Event, EventBody, ServerFrame, Stream, UserRef};
use crate::ui::live::Live;
use crate::ui::live::connection::{Heard, Input};
use crate::ui::live::conversations::{self, Known};

/// What an ERROR without a code says when it refuses a token.
const INVALID_CREDS: &str = "Invalid creds";

/// For whoever looks into the browser's console.
fn note(what: &str, detail: &str) {
    logging::log!("the gateway {what}: {detail}");
}

impl Client {
    pub(super) fn frame(self: &Rc<Self>, text: &str) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let frame = match ServerFrame::decode(text, me.id) {
            Ok(frame) => frame,
            Err(error) => return note("sent what is no frame", &error.to_string()),
        };
        let heard = match frame {
            ServerFrame::Hello(hello) => Heard::Hello { heartbeat_ms: hello.heartbeat_ms },
            ServerFrame::Ready(ready) if ready.user.id != me.id => return self.reload(),
            ServerFrame::Ready(ready) => self.ready(live, ready),
            ServerFrame::HeartbeatAck => Heard::HeartbeatAck,
            ServerFrame::Reconnect(reconnect) => Heard::Reconnect { after_ms: reconnect.after_ms },
            ServerFrame::Error(error)
                if error.code.map_or(error.message == INVALID_CREDS, |c| c == ErrorCode::InvalidCreds) =>
            {
                Heard::InvalidCreds
            }
            ServerFrame::Error(error) => {
                note("says", &error.message);
                Heard::Error { retry_after_ms: error.retry_after_ms }
            }
            ServerFrame::Event(event) => {
                if let EventBody::Unknown(op) = &event.body {
                    note("sent an event that this page does not know", op);
                }
                live.timeline.try_maybe_update(|timeline| {
                    let ours = Some(event.stream) == timeline.conversation().map(Stream::Conversation);
                    timeline.apply(&event, me.id);
                    (ours, ())
                });
                let answers = matches!(&event.body, EventBody::MessageCreate(message) if message.reply_to.is_some());
                self.event(live, &me, event);
                self.catch_up();
                if answers {
                    self.fetch_quotes();
                }
                Heard::Other
            }
            ServerFrame::ReadUpdate(update) => {
                self.read_update(live, &me, &update);
                Heard::Other
            }
            ServerFrame::UserUpdate(update) => {
                self.renamed(live, update.user);
                Heard::Other
            }
            ServerFrame::TypingStart(typing) => {
                self.typing_start(live, me.id, typing);
                Heard::Other
            }
            ServerFrame::PresenceUpdate(update) => {
                Self::presence_update(live, update);
                Heard::Other
            }
            ServerFrame::Unknown(op) => {
                note("sent an op that this page does not know", &op);
                Heard::Other
            }
        };
        self.feed(Input::Frame(heard));
    }

    /// What an event changes beside the timeline.
    pub(super) fn event(self: &Rc<Self>, live: Live, me: &UserRef, event: Event) {
        let known = match event.stream {
            Stream::Conversation(id) => {
                if let EventBody::MessageCreate(message) = &event.body {
                    if message.author.id == me.id {
                        self.echoed(&message.nonce, id);
                    }
                    Self::typed(live, id, message.author.id);
                }
                // Unread until the list of messages, which alone knows what is in view, says that it was seen: it
                // does so in the frame that shows the message.
                let known = live.conversations.try_update(|list| conversations::event(list, id, &event, me));
                known.map(|known| (id, known))
            }
            Stream::Inbox(_) => {
                let mut resume = self.resume.borrow_mut();
                resume.inbox = resume.inbox.max(Some(event.seq));
                let told = &mut resume.told;
                let told = |list: &mut _| conversations::inbox(list, told, event.body, wall_ms());
                live.conversations.try_update(told).flatten()
            }
        };
        if let Some((id, Known::Fetch)) = known {
            self.fetch_summary(id);
        }
    }

    /// Somebody is shown by another name: so they are wherever this page shows them.
    fn renamed(&self, live: Live, user: UserRef) {
        live.conversations.try_maybe_update(|list| (conversations::renamed(list, &user), ()));
        live.timeline.try_maybe_update(|timeline| (timeline.renamed(&user), ()));
        live.typing.try_maybe_update(|typing| (typing.renamed(&user), ()));
        if live.me.try_with_value(|me| me.id == user.id) == Some(true) {
            live.me.set_value(user);
        }
    }

    fn read_update(self: &Rc<Self>, live: Live, me: &UserRef, update: &ReadUpdate) {
        if update.user != me.id {
            return Self::read_by(live, update.conversation, update.user, update.read_seq);
        }
        let known = live
            .conversations
            .try_update(|list| conversations::read_elsewhere(list, update.conversation, update.read_seq));
        if known == Some(Known::Fetch) {
            self.fetch_summary(update.conversation);
        }
    }
}
