//! Joining and leaving, while connected.
//!
//! A join is read back: the conversation's latest page shows where the user joined it, and they are told
//! everything from there on, whichever of the commit's events came first and whether or not anybody here
//! followed the conversation before. Then, and in the same step, they are entered in the index.

use std::ops::Range;

use super::Task;
use crate::protocol::{ConversationId, Event, EventBody, Seq, Stream, UserId};
use crate::server::chatters::{Frame, Outgoing};
use crate::server::store::StoreError;

/// A conversation may go on while its page is read; after so many tries the user follows it from now on, and the
/// client asks for the rest by seq.
const TRIES: u32 = 8;
/// The end of a range of events that goes on.
const NO_END: Seq = Seq(i64::MAX);

impl Task {
    /// The inbox says that a conversation is now theirs.
    pub(super) async fn join(&mut self, user: UserId, conversation: ConversationId) {
        if self.index.follows(user, conversation) || !self.index.contains(user) {
            return;
        }
        self.hear_topic(Stream::Conversation(conversation)).await;
        if self.joining.insert((user, conversation), 1).is_none() {
            self.fetches.joined(user, conversation);
        }
    }

    /// The inbox says that a conversation is theirs no longer.
    pub(super) async fn leave(&mut self, user: UserId, conversation: ConversationId) {
        self.joining.remove(&(user, conversation));
        self.index.leave(user, conversation);
        self.release(Stream::Conversation(conversation)).await;
    }

    /// The latest page of a conversation that a user joined is here.
    pub(super) async fn joined(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        page: Result<Vec<Event>, StoreError>,
    ) {
        let Some(tries) = self.joining.get(&(user, conversation)).copied() else { return };
        let stream = Stream::Conversation(conversation);
        let page = match page {
            Ok(page) => page,
            Err(error) if tries < TRIES => {
                tracing::warn!(%error, "a joined conversation could not be read yet");
                return self.read_back_again(user, conversation, tries);
            }
            Err(error) => {
                tracing::error!(%error, "a joined conversation could not be read");
                self.joining.remove(&(user, conversation));
                return self.release(stream).await;
            }
        };
        let last = page.last().map_or(Seq::ZERO, |event| event.seq);
        self.logs.place(stream, last);
        let next = self.logs.next(stream).unwrap_or(last.next());
        if last.next() < next && tries < TRIES {
            // Others were told of later events while this page was read.
            return self.read_back_again(user, conversation, tries);
        }
        self.joining.remove(&(user, conversation));
        let told = told(user, &page);
        for event in page.iter().filter(|event| told.contains(&event.seq) && event.seq < next) {
            let frame = Frame::from(event.encode());
            self.chatters.send(user, &Outgoing { position: Some((stream, event.seq)), frame });
        }
        if told.end == NO_END {
            self.index.join(user, conversation, told.start);
        } else {
            // They have been removed again already; their inbox will say so.
            self.release(stream).await;
        }
        // What was heard of while the log had no place, or what the page shows beyond it, is filled for all.
        let step = self.logs.hear(stream, last);
        self.fill(stream, step);
    }

    fn read_back_again(&mut self, user: UserId, conversation: ConversationId, tries: u32) {
        self.joining.insert((user, conversation), tries + 1);
        self.fetches.joined(user, conversation);
    }
}

/// What somebody who joined is told: from their joining on; from the first event on in a conversation that began
/// with them; what comes next where neither is on the page. Up to their removal, where they were removed again.
fn told(user: UserId, page: &[Event]) -> Range<Seq> {
    let (mut start, mut end) = match page {
        [first, ..] if first.seq != Seq(1) => (page.last().map_or(Seq(1), |last| last.seq.next()), NO_END),
        _ => (Seq(1), NO_END),
    };
    for event in page {
        match &event.body {
            EventBody::MemberAdd(member) if member.id == user => (start, end) = (event.seq, NO_END),
            EventBody::MemberRemove(member) if member.id == user => end = event.seq.next(),
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
            (7, "...-", (11, 11)),
        ];
        for (first, events, (start, end)) in cases {
            let event = |(seq, kind)| Event {
                stream: Stream::Conversation(ConversationId(1)),
                seq: Seq(seq),
                body: match kind {
                    '+' => EventBody::MemberAdd(UserRef { id: UserId(1), name: "ada".into() }),
                    '-' => EventBody::MemberRemove(UserRef { id: UserId(1), name: "ada".into() }),
                    _ => EventBody::MemberAdd(UserRef { id: UserId(2), name: "bob".into() }),
                },
            };
            let page: Vec<Event> = (*first..).zip(events.chars()).map(event).collect();
            assert_eq!(told(UserId(1), &page), Seq(*start)..Seq(*end), "{first} {events}");
        }
    }
}
