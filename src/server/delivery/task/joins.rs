//! Joining and leaving, while connected.
//!
//! A join is read from the store: from where the user joined, up to where the log stands here. They are told all
//! of it, whichever of the commit's events came first and whether or not anybody here followed the conversation
//! before. Once level with the log, and in the same step, they are entered in the index and follow it with the
//! others.

use std::ops::Range;
use std::sync::Arc;

use super::Task;
use crate::protocol::{ConversationId, Event, EventBody, Seq, Stream, UserId};
use crate::server::chatters::{Frame, Outgoing};
use crate::server::store::StoreError;

/// Reads for one join: a conversation may go on meanwhile, but hardly faster than pages of it are read. After so many
/// the user follows it from now on, and the client asks for the rest by seq.
const READS: u32 = 64;
/// Events that a conversation may have when those whom it was created with are told of it. Where there are more, somebody
/// has come back without an event of its log that says so, as who unblocks does: they have its past to fetch.
const FOUNDING: usize = 100;
/// The end of a range of events that goes on.
const NO_END: Seq = Seq(i64::MAX);

/// A join that is being read.
#[derive(Debug, Default)]
pub(super) struct Join {
    /// What the user is told next; unknown until it is found where they joined.
    next: Option<Seq>,
    reads: u32,
}

impl Task {
    /// The inbox says that a conversation is now theirs.
    pub(super) async fn join(&mut self, user: UserId, conversation: ConversationId) {
        if self.index.follows(user, conversation) || !self.index.contains(user) {
            return;
        }
        self.hear_topic(Stream::Conversation(conversation)).await;
        if self.joining.insert((user, conversation), Join::default()).is_none() {
            self.fetches.joined(user, conversation);
        }
    }

    /// The inbox says that a conversation is theirs no longer.
    pub(super) async fn leave(&mut self, user: UserId, conversation: ConversationId) {
        self.joining.remove(&(user, conversation));
        self.index.leave(user, conversation);
        self.release(Stream::Conversation(conversation)).await;
    }

    /// Events of a conversation that a user joined are here.
    pub(super) async fn joined(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        events: Result<Arc<[Event]>, StoreError>,
    ) {
        let Some(join) = self.joining.get_mut(&(user, conversation)) else { return };
        let stream = Stream::Conversation(conversation);
        join.reads += 1;
        let events = match events {
            Ok(events) => events,
            Err(error) => {
                tracing::warn!(%error, "a joined conversation could not be read");
                return self.read_failed(user, conversation).await;
            }
        };
        let last = events.last().map_or(Seq::ZERO, |event| event.seq);
        let told = told(user, &events, join.next);
        // A log that nobody followed begins here; one that somebody follows stays where it is.
        self.logs.place(stream, last);
        let log_next = self.logs.next(stream).unwrap_or(told.start);
        let mut next = told.start;
        for event in events.iter().filter(|event| told.contains(&event.seq) && event.seq < log_next) {
            let frame = Frame::from(event.encode());
            self.chatters.send(user, &Outgoing { position: Some((stream, event.seq)), frame });
            next = event.seq.next();
        }
        if next == told.end {
            // They have been removed again; their inbox will say so.
            self.joining.remove(&(user, conversation));
            return self.release(stream).await;
        }
        if next < log_next && join.reads < READS {
            join.next = Some(next);
            return self.fetches.joined_after(user, conversation, Seq(next.0 - 1));
        }
        self.joining.remove(&(user, conversation));
        self.index.join(user, conversation, next);
        // What was heard of while the log had no place, or was just read beyond it, is filled for all.
        let step = self.logs.hear(stream, last);
        self.take(stream, step);
    }

    /// Reads again; in the end the user follows the log from where it stands here, if anybody knows.
    async fn read_failed(&mut self, user: UserId, conversation: ConversationId) {
        let stream = Stream::Conversation(conversation);
        match self.joining.get(&(user, conversation)) {
            Some(Join { next: None, reads }) if *reads < READS => self.fetches.joined(user, conversation),
            Some(Join { next: Some(next), reads }) if *reads < READS => {
                self.fetches.joined_after(user, conversation, Seq(next.0 - 1));
            }
            _ => {
                self.joining.remove(&(user, conversation));
                if let Some(next) = self.logs.next(stream) {
                    self.index.join(user, conversation, next);
                }
                self.release(stream).await;
            }
        }
    }
}

/// What of these events somebody who joined is told: from `next` on, where that is known; else from their joining on,
/// or from the first event on in a conversation that began with them, or what comes next where neither is here. Up to
/// their removal, where they were removed again.
fn told(user: UserId, events: &[Event], next: Option<Seq>) -> Range<Seq> {
    let beginning = match events {
        [.., last] if events[0].seq != Seq(1) || events.len() > FOUNDING => last.seq.next(),
        _ => Seq(1),
    };
    let (mut start, mut end) = (next.unwrap_or(beginning), NO_END);
    for event in events {
        match &event.body {
            EventBody::MemberAdd(member) if member.id == user && next.is_none() => (start, end) = (event.seq, NO_END),
            EventBody::MemberRemove(member) if member.id == user && end == NO_END => end = event.seq.next(),
            _ => {}
        }
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::UserRef;

    #[test]
    fn who_joins_is_told_from_there_on() {
        const END: i64 = i64::MAX;
        let many = ".".repeat(FOUNDING + 1);
        // (first seq of the page, its events: + joins, - is removed, . another's; what is told)
        let cases: &[(i64, &str, (i64, i64))] = &[
            (1, "", (1, END)),
            (1, "...", (1, END)),
            (1, "..+.", (3, END)),
            (1, "+.+.", (3, END)),
            (1, "+.-..", (1, 4)),
            (1, "+.-.+.", (5, END)),
            (1, "..-.", (1, 4)),
            (7, "..+.", (9, END)),
            (7, "....", (11, END)),
            (1, &many, (102, END)),
            (1, &many[1..], (1, END)),
            (7, "...-", (11, 11)),
        ];
        for (first, events, (start, end)) in cases {
            let event = |(seq, kind)| Event {
                stream: Stream::Conversation(ConversationId(1)),
                seq: Seq(seq),
                body: match kind {
                    '+' => EventBody::MemberAdd(UserRef::new(UserId(1), "ada")),
                    '-' => EventBody::MemberRemove(UserRef::new(UserId(1), "ada")),
                    _ => EventBody::MemberAdd(UserRef::new(UserId(2), "bob")),
                },
            };
            let page: Vec<Event> = (*first..).zip(events.chars()).map(event).collect();
            assert_eq!(told(UserId(1), &page, None), Seq(*start)..Seq(*end), "{first} {events}");
            let removed = page.iter().find(|event| matches!(&event.body, EventBody::MemberRemove(_)));
            let end = removed.map_or(NO_END, |event| event.seq.next());
            assert_eq!(told(UserId(1), &page, Some(Seq(*first))), Seq(*first)..end, "{first} {events}");
        }
    }
}
