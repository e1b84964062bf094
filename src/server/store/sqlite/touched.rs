//! Which logs and whose own state were changed, and when: counted in commits of this process.
//!
//! Whoever keeps what they read asks here whether it still stands. Never told too late: the writer notes a commit before
//! anybody has an answer from it, and a read takes its [`Moment`] before it begins. So whatever was committed after a
//! read began is noted after its moment; what was committed just before may be noted after it, too, and then the read is
//! thrown away in vain.
//!
//! What another process commits is noted when the file was found changed elsewhere, which is looked for twice a second.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::protocol::{Event, EventBody, Stream, UserId};

/// Logs that are told apart, at most: about 2 MiB. When there are more, all of them count as touched.
const MOST: usize = 32_768;

#[derive(Debug, Default)]
pub(super) struct Touched(Mutex<Marks>);

/// How many commits were noted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) u64);

#[derive(Debug, Default)]
struct Marks {
    now: Moment,
    /// All were touched then.
    all: Moment,
    /// The last time, of those that were touched since. An inbox stands for all that is its user's own: which
    /// conversations they are in, and how far they read.
    each: HashMap<Stream, Moment>,
}

impl Touched {
    fn lock(&self) -> MutexGuard<'_, Marks> {
        // Each change of the marks is whole, whoever panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Moment {
        self.lock().now
    }

    /// A commit entered these events, and changed what is these users' own.
    pub(super) fn note(&self, events: &[Event], users: &[UserId]) {
        if events.is_empty() && users.is_empty() {
            return;
        }
        let mut marks = self.lock();
        marks.now.0 += 1;
        for event in events {
            marks.touch(event.stream);
            if let EventBody::MemberAdd(user) | EventBody::MemberRemove(user) = &event.body {
                marks.touch(Stream::Inbox(user.id));
            }
        }
        users.iter().for_each(|user| marks.touch(Stream::Inbox(*user)));
    }

    /// Anything may have changed.
    pub(super) fn note_all(&self) {
        let mut marks = self.lock();
        marks.now.0 += 1;
        marks.touch_all();
    }

    /// When all were last touched at once: what was read before may show what no log tells, somebody's name say.
    pub(super) fn all(&self) -> Moment {
        self.lock().all
    }

    /// Now, if none of them was touched since.
    pub(super) fn untouched<'s>(&self, since: Moment, streams: impl IntoIterator<Item = &'s Stream>) -> Option<Moment> {
        let marks = self.lock();
        let untouched = |stream| marks.each.get(stream).is_none_or(|touched| *touched <= since);
        // Most often nothing at all has happened.
        let still = marks.now == since || (marks.all <= since && streams.into_iter().all(untouched));
        still.then_some(marks.now)
    }
}

impl Marks {
    fn touch(&mut self, stream: Stream) {
        if self.each.len() >= MOST && !self.each.contains_key(&stream) {
            self.touch_all();
        }
        self.each.insert(stream, self.now);
    }

    fn touch_all(&mut self) {
        self.all = self.now;
        self.each = HashMap::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationId, Seq, UserRef};

    const ROOM: Stream = Stream::Conversation(ConversationId(1));
    const OTHER: Stream = Stream::Conversation(ConversationId(2));
    const ADA: Stream = Stream::Inbox(UserId(1));
    const BEN: Stream = Stream::Inbox(UserId(2));

    fn joins(user: i64) -> Event {
        let body = EventBody::MemberAdd(UserRef::new(UserId(user), "somebody"));
        Event { stream: ROOM, seq: Seq(1), body }
    }

    #[test]
    fn what_was_touched_since_is_told() {
        let touched = Touched::default();
        let before = touched.now();
        touched.note(&[joins(2)], &[]);
        let after = touched.now();
        let all = [ROOM, OTHER, ADA, BEN];
        let told = |since| all.map(|stream| touched.untouched(since, [&stream]).is_none());
        assert_eq!(told(before), [true, false, false, true], "the room, and who joined");
        assert_eq!(told(after), [false; 4]);
        touched.note(&[], &[UserId(1)]);
        assert_eq!(told(after), [false, false, true, false], "a read mark is its reader's alone");
        assert_eq!(touched.untouched(after, &[OTHER, BEN]), Some(touched.now()));
        assert_eq!(touched.untouched(after, &[OTHER, ADA]), None);
        touched.note_all();
        assert_eq!(told(after), [true; 4]);
        assert_eq!(told(touched.now()), [false; 4]);
    }

    #[test]
    fn when_there_are_too_many_all_count_as_touched() {
        let touched = Touched::default();
        let before = touched.now();
        let users = 1..=i64::try_from(MOST).unwrap();
        users.for_each(|user| touched.note(&[], &[UserId(user)]));
        assert!(touched.untouched(before, [&ROOM]).is_some());
        let full = touched.now();
        touched.note(&[], &[UserId(0)]);
        assert!(touched.untouched(before, [&ROOM]).is_none() && touched.untouched(full, [&ROOM]).is_none());
        assert!(touched.untouched(touched.now(), [&ROOM]).is_some());
        assert_eq!(touched.lock().each.len(), 1);
    }
}
