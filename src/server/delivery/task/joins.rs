//! Joining and leaving, while connected.
//!
//! A join is read from the store: from where the user joined, up to where the log stands here. They are told all
//! of it, whichever of the commit's events came first and whether or not anybody here followed the conversation
//! before. Once level with the log, and in the same step, they are entered in the index and follow it with the
//! others.
//!
//! So is a leaving that the inbox tells of before the log has come to it here: nobody who left follows on, and they are
//! told what is left up to what took them out. What their inbox says of it meanwhile is done after that.

use std::collections::VecDeque;
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
/// Reads for what took somebody out, who is known to be out. Where none of them finds it, no event of the log did.
const SOUGHT: u32 = 2;
/// The end of a range of events that goes on.
const NO_END: Seq = Seq(i64::MAX);

/// A join that is being read.
#[derive(Debug, Default)]
pub(super) struct Join {
    /// What the user is told next; unknown until it is found where they joined.
    next: Option<Seq>,
    reads: u32,
    /// A group: nothing of before they joined is theirs.
    is_group: bool,
    /// Where they joined it.
    floor: Seq,
    /// What their inbox says of it since: going, coming again, and so on.
    since: VecDeque<Said>,
    /// Reads that began when they were known to be gone.
    sought: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Left,
    /// Of a group, or not.
    Joined(bool),
}

impl Task {
    /// The inbox says that a conversation is now theirs.
    pub(super) async fn join(&mut self, user: UserId, conversation: ConversationId, is_group: bool) {
        if let Some(join) = self.joining.get_mut(&(user, conversation)) {
            if join.since.back() == Some(&Said::Left) {
                join.since.push_back(Said::Joined(is_group));
            }
            return;
        }
        if self.index.follows(user, conversation) || !self.index.contains(user) {
            return;
        }
        self.hear_topic(Stream::Conversation(conversation)).await;
        self.joining.insert((user, conversation), Join { is_group, ..Join::default() });
        self.fetches.joined(user, conversation);
    }

    /// The inbox says that a conversation is theirs no longer.
    pub(super) async fn leave(&mut self, user: UserId, conversation: ConversationId) {
        if let Some(join) = self.joining.get_mut(&(user, conversation)) {
            join.since.push_back(Said::Left);
            return;
        }
        let stream = Stream::Conversation(conversation);
        let from = self.index.first(user, conversation);
        let floor = self.index.floor(user, conversation);
        self.index.leave(user, conversation);
        // Who does not follow it was told what took them out.
        let (Some(from), Some(log_next)) = (from, self.logs.next(stream)) else { return self.release(stream).await };
        let next = from.max(log_next);
        let join = Join { next: Some(next), floor, since: [Said::Left].into(), ..Join::default() };
        self.joining.insert((user, conversation), join);
        self.fetches.joined_after(user, conversation, Seq(next.0 - 1));
    }

    /// They are told all of a time that is over. What their inbox said since is done.
    async fn over(&mut self, user: UserId, conversation: ConversationId) {
        let Some(mut join) = self.joining.remove(&(user, conversation)) else { return };
        join.since.pop_front();
        if let Some(Said::Joined(is_group)) = join.since.pop_front() {
            self.joining.insert((user, conversation), Join { is_group, since: join.since, ..Join::default() });
            return self.fetches.joined(user, conversation);
        }
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
        let again = join.since.iter().filter(|said| **said != Said::Left).count();
        let told = told(user, &events, join.next, again);
        if join.is_group && join.next.is_none() {
            join.floor = told.start;
        }
        let floor = join.floor;
        let is_gone = join.since.front() == Some(&Said::Left);
        if is_gone && told.end == NO_END {
            join.sought += 1;
            if join.sought < SOUGHT {
                join.next = Some(told.start);
                return self.fetches.joined_after(user, conversation, Seq(told.start.0 - 1));
            }
            return self.over(user, conversation).await;
        }
        // A log that nobody followed begins here; one that somebody follows stays where it is.
        self.logs.place(stream, last);
        let log_next = self.logs.next(stream).unwrap_or(told.start);
        let mut next = told.start;
        let is_theirs = |seq: Seq| told.contains(&seq) && (is_gone || seq < log_next);
        for event in events.iter().filter(|event| is_theirs(event.seq)) {
            let frame = Frame::from(event.clone().seen_from(floor).encode());
            self.chatters.send(user, &Outgoing { position: Some((stream, event.seq)), frame });
            next = event.seq.next();
        }
        if is_gone || next == told.end {
            // They have been removed again; their inbox says so, or will.
            return self.over(user, conversation).await;
        }
        if next < log_next && join.reads < READS {
            join.next = Some(next);
            return self.fetches.joined_after(user, conversation, Seq(next.0 - 1));
        }
        self.joining.remove(&(user, conversation));
        self.index.join(user, conversation, next);
        self.index.begin(user, conversation, floor);
        // What was heard of while the log had no place, or was just read beyond it, is filled for all.
        let step = self.logs.hear(stream, last);
        self.take(stream, step);
    }

    /// Reads again; in the end the user follows the log from where it stands here, if anybody knows.
    async fn read_failed(&mut self, user: UserId, conversation: ConversationId) {
        let stream = Stream::Conversation(conversation);
        match self.joining.get(&(user, conversation)) {
            Some(Join { next: None, reads, .. }) if *reads < READS => self.fetches.joined(user, conversation),
            Some(Join { next: Some(next), reads, .. }) if *reads < READS => {
                self.fetches.joined_after(user, conversation, Seq(next.0 - 1));
            }
            _ => {
                let join = self.joining.remove(&(user, conversation));
                if let Some(next) = self.logs.next(stream) {
                    self.index.join(user, conversation, next);
                    if join.is_some_and(|join| join.is_group) {
                        // Where they joined is not known, and is not after this.
                        self.index.begin(user, conversation, next);
                    }
                }
                self.release(stream).await;
            }
        }
    }
}

/// What of these events somebody who joined is told: from `next` on, where that is known; else from their joining on,
/// or from the first event on in a conversation that began with them, or what comes next where neither is here. Up to
/// their removal, where they were removed again. They joined `again` so often after the joining that is meant.
fn told(user: UserId, events: &[Event], next: Option<Seq>, again: usize) -> Range<Seq> {
    let beginning = match events {
        [.., last] if events[0].seq != Seq(1) || events.len() > FOUNDING => last.seq.next(),
        _ => Seq(1),
    };
    let is_joining = |event: &&Event| matches!(&event.body, EventBody::MemberAdd(member) if member.id == user);
    let is_removal = |event: &&Event| matches!(&event.body, EventBody::MemberRemove(member) if member.id == user);
    let joinings: Vec<Seq> = events.iter().filter(is_joining).map(|event| event.seq).collect();
    let joined = match next {
        Some(_) => None,
        None => joinings.iter().rev().nth(again).or(joinings.first()).copied(),
    };
    let after = |event: &&Event| joined.is_none_or(|joined| event.seq > joined);
    let removal = events.iter().filter(after).find(is_removal);
    next.or(joined).unwrap_or(beginning)..removal.map_or(NO_END, |event| event.seq.next())
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
            assert_eq!(told(UserId(1), &page, None, 0), Seq(*start)..Seq(*end), "{first} {events}");
            let removed = page.iter().find(|event| matches!(&event.body, EventBody::MemberRemove(_)));
            let end = removed.map_or(NO_END, |event| event.seq.next());
            assert_eq!(told(UserId(1), &page, Some(Seq(*first)), 0), Seq(*first)..end, "{first} {events}");
            if *events == "+.-.+." {
                assert_eq!(told(UserId(1), &page, None, 1), Seq(1)..Seq(4), "the joining before the last one");
                assert_eq!(told(UserId(1), &page, None, 2), Seq(1)..Seq(4), "one that is not here");
            }
        }
    }
}
