//! From a message of the bus to those whom it concerns.

use tokio::time::Instant;

use super::Task;
use crate::protocol::{Event, Seq, Stream};
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
        let outgoing = Outgoing { position: Some((stream, seq)), frame };
        match stream {
            Stream::Conversation(id) => self.chatters.send_all(self.index.told(id, Some(seq)), &outgoing),
            Stream::Inbox(user) => self.chatters.send(user, &outgoing),
        }
        match (change, stream) {
            (Some(MembershipChange::Joined(id)), Stream::Inbox(user)) => {
                self.join(user, id).await;
                self.met(user, false);
            }
            (Some(MembershipChange::Left(id)), Stream::Inbox(user)) => {
                self.leave(user, id).await;
                self.met(user, false);
            }
            (Some(MembershipChange::Added(user)), Stream::Conversation(id)) => {
                self.met(user, self.index.is_followed(id));
            }
            (Some(MembershipChange::Removed(user)), Stream::Conversation(id)) => {
                self.index.removed(user, id, seq);
                self.met(user, false);
                self.release(stream).await;
            }
            _ => {}
        }
    }

    pub(super) async fn deliver_event(&mut self, event: &Event) {
        if let BusBody::Event { seq, frame, change } = BusMessage::of_event(event).body {
            self.deliver(event.stream, seq, frame, change).await;
        }
    }
}
