//! From a message of the bus to those whom it concerns.

use tokio::time::Instant;

use super::Task;
use super::inbox::Entry;
use crate::protocol::{ConversationId, Event, EventBody, Seq, Stream, UserId};
use crate::server::bus::{BusBody, BusMessage, MembershipChange, Topic};
use crate::server::chatters::{Frame, Outgoing};
use crate::server::delivery::logs::Step;

impl Task {
    pub(super) async fn message(&mut self, BusMessage { topic, body }: BusMessage) {
        match (body, topic) {
            (BusBody::Event { seq, frame, change }, topic) => {
                let Some(stream) = topic.stream() else {
                    return tracing::error!("an event is of a log");
                };
                if let Stream::Inbox(user) = stream
                    && self.logs.next(stream).is_some_and(|next| seq > next)
                {
                    self.foresee(user, change).await;
                }
                match self.logs.arrive(stream, seq, (frame, change)) {
                    Step::Deliver((frame, change)) => {
                        self.deliver(stream, seq, frame, change).await;
                        self.deliver_early(stream).await;
                    }
                    step => self.take(stream, step),
                }
            }
            (BusBody::State(frame), Topic::Conversation(id)) => {
                self.chatters.send_all(self.index.told(id, None), &Outgoing { position: None, frame });
            }
            (BusBody::State(frame), Topic::User(user)) => {
                self.chatters.send(user, &Outgoing { position: None, frame });
            }
            (BusBody::SessionsEnded(sessions), Topic::User(user)) => self.chatters.end_sessions(user, &sessions),
            (BusBody::Typing { user, frame }, Topic::Conversation(id)) => self.typed(user, id, frame),
            (BusBody::Hiding(hides), Topic::User(user)) => self.hides(user, hides),
            (BusBody::Node(word), Topic::Nodes) => self.presence.heard(Instant::now(), word),
            (body, topic) => tracing::error!(?body, ?topic, "that is of another topic"),
        }
    }

    /// Hands an event, whose turn it is, to those whom it concerns, and follows what it changes.
    pub(super) async fn deliver(&mut self, stream: Stream, seq: Seq, frame: Frame, change: Option<MembershipChange>) {
        let id = match stream {
            // Apart: most events are of conversations.
            Stream::Inbox(user) => return Box::pin(self.inbox(user, Entry { seq, frame, change })).await,
            Stream::Conversation(id) => id,
        };
        if let Some(MembershipChange::Gone(user)) = change {
            self.gone(user, id, seq).await;
        }
        self.tell(id, seq, &Outgoing { position: Some((stream, seq)), frame });
        match change {
            Some(MembershipChange::Added(user)) => self.met(user, self.index.is_followed(id)),
            Some(MembershipChange::Removed(user)) => {
                self.index.removed(user, id, seq);
                self.met(user, false);
                self.release(stream).await;
            }
            _ => {}
        }
    }

    /// Tells those who follow a conversation. Who came to a group is not told what was said there before, by a change of
    /// it either.
    fn tell(&self, id: ConversationId, seq: Seq, outgoing: &Outgoing) {
        let told = || self.index.told(id, Some(seq));
        let update = self.index.has_floors(id).then(|| update(&outgoing.frame)).flatten();
        let Some((message, update)) = update else { return self.chatters.send_all(told(), outgoing) };
        let sees = |user: &&UserId| self.index.floor(**user, id) <= message;
        self.chatters.send_all(told().filter(sees), outgoing);
        let frame = Frame::from(update.seen_from(message.next()).encode());
        let hidden = Outgoing { position: outgoing.position, frame };
        self.chatters.send_all(told().filter(|user| !sees(user)), &hidden);
    }

    pub(super) async fn deliver_event(&mut self, event: &Event) {
        if let BusBody::Event { seq, frame, change } = BusMessage::of_event(event).body {
            self.deliver(event.stream, seq, frame, change).await;
        }
    }
}

/// The message that a MESSAGE_UPDATE shows, and the event.
fn update(frame: &Frame) -> Option<(Seq, Event)> {
    let event = frame.event("MESSAGE_UPDATE")?;
    let EventBody::MessageUpdate(message) = &event.body else { return None };
    Some((message.seq, event))
}
