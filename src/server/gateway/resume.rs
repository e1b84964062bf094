//! What a client's cursors are worth: what is replayed, what it must fetch anew, what READY tells in full. Pure.
//!
//! | The client's cursor of a log | What it gets |
//! |---|---|
//! | is where the log stands | nothing: it has everything |
//! | is in the log's past | the events after it |
//! | cannot be (negative, in the future), or is of before the user left and came back | `reset` |
//! | is so far back that the replay would exceed [`REPLAY_EVENTS`] in all | `reset` |
//! | is missing | the conversation in full; of the inbox, nothing |
//! | is of what is not the user's | nothing: the inbox said so, or never had to |
//!
//! What is in `reset` is told in full, too; a reset of the inbox puts every conversation in full.

use std::collections::HashSet;

use crate::protocol::frame::Mark;
use crate::protocol::{ConversationId, Seq, Sorted, Stream, UserId};
use crate::server::store::ReadySnapshot;

/// Missed events that one resume replays; what is beyond is fetched anew by the client.
pub(super) const REPLAY_EVENTS: i64 = 2_000;
/// The inbox among the cursors; a conversation is its id.
const INBOX: &str = "inbox";

/// The last seqs that a client says it has.
pub(super) type Cursors = Sorted<String, i64>;

/// Events of a log that the client missed: those after `after`, up to `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replay {
    pub(super) stream: Stream,
    pub(super) after: Seq,
    pub(super) until: Seq,
    /// The first number that is theirs to see.
    pub(super) floor: Seq,
}

/// The decision.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Resume {
    /// In the order in which they are sent: the inbox first, so that a conversation is known before its events.
    pub(super) replays: Vec<Replay>,
    pub(super) reset: HashSet<ConversationId>,
    pub(super) inbox_reset: bool,
    pub(super) in_full: HashSet<ConversationId>,
}

impl Resume {
    /// Decides from where everything stands; the snapshot's conversations are not looked at.
    pub(super) fn decide(user: UserId, snapshot: &ReadySnapshot, cursors: Option<&Cursors>) -> Self {
        let mut resume = Self::default();
        let mut budget = REPLAY_EVENTS;
        if let Some(cursor) = cursors.and_then(|cursors| cursors.get(INBOX)) {
            let taken = resume.take(Stream::Inbox(user), *cursor, snapshot.inbox_seq, Seq::ZERO, &mut budget);
            resume.inbox_reset = !taken;
        }
        for (Mark(id, last, ..), joined) in snapshot.marks.iter().zip(&snapshot.joined) {
            let cursor = cursors.and_then(|cursors| cursors.get(&id.to_string()));
            let Some(cursor) = cursor else {
                resume.in_full.insert(*id);
                continue;
            };
            if !resume.take(Stream::Conversation(*id), *cursor, *last, *joined, &mut budget) {
                resume.reset.insert(*id);
            }
            if resume.inbox_reset || resume.reset.contains(id) {
                resume.in_full.insert(*id);
            }
        }
        for replay in &mut resume.replays {
            let Stream::Conversation(id) = replay.stream else { continue };
            if let Ok(at) = snapshot.floors.binary_search_by_key(&id, |(id, _)| *id) {
                replay.floor = snapshot.floors[at].1;
            }
        }
        resume
    }

    /// Whether the cursor is good: then what comes after it is replayed.
    fn take(&mut self, stream: Stream, cursor: i64, last: Seq, joined: Seq, budget: &mut i64) -> bool {
        // What is between leaving and coming back is not theirs, so a cursor of before is worth nothing.
        if cursor < joined.0 || cursor < 0 || cursor > last.0 || last.0 - cursor > *budget {
            return false;
        }
        if cursor < last.0 {
            *budget -= last.0 - cursor;
            self.replays.push(Replay { stream, after: Seq(cursor), until: last, floor: Seq::ZERO });
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(1);

    /// Conversations 1, 2 … as (last seq, joined seq), and an inbox of nine entries.
    fn snapshot(stands: &[(i64, i64)]) -> ReadySnapshot {
        let marks = (1..).zip(stands).map(|(id, (last, _))| Mark(ConversationId(id), Seq(*last), Seq(0), 0));
        let joined = stands.iter().map(|(_, joined)| Seq(*joined)).collect();
        ReadySnapshot {
            inbox_seq: Seq(9),
            marks: marks.collect(),
            joined,
            floors: Vec::new(),
            mine: Vec::new(),
            mentions: Vec::new(),
            conversations: Vec::new(),
        }
    }

    fn decide(stands: &[(i64, i64)], cursors: &[(&str, i64)]) -> Resume {
        let cursors = cursors.iter().map(|(log, seq)| ((*log).to_owned(), *seq)).collect();
        Resume::decide(ADA, &snapshot(stands), Some(&cursors))
    }

    #[test]
    fn a_cursor_decides_between_replay_and_reset() {
        /// The log's last seq, the joining, the cursor; replayed from, reset, in full.
        type Case = (i64, i64, Option<i64>, Option<i64>, bool, bool);
        let cases: &[Case] = &[
            (10, 0, None, None, false, true),
            (10, 0, Some(10), None, false, false),
            (10, 0, Some(7), Some(7), false, false),
            (10, 0, Some(0), Some(0), false, false),
            (0, 0, Some(0), None, false, false),
            (10, 0, Some(11), None, true, true),
            (10, 0, Some(-1), None, true, true),
            (10, 0, Some(i64::MAX), None, true, true),
            (10, 0, Some(i64::MIN), None, true, true),
            (2_000, 0, Some(0), Some(0), false, false),
            (2_001, 0, Some(0), None, true, true),
            (10, 8, Some(7), None, true, true),
            (10, 8, Some(8), Some(8), false, false),
            (10, 10, Some(9), None, true, true),
            (10, 10, Some(10), None, false, false),
        ];
        for (last, joined, cursor, from, reset, in_full) in cases {
            let cursors: Vec<_> = cursor.iter().map(|cursor| ("1", *cursor)).collect();
            let resume = decide(&[(*last, *joined)], &cursors);
            let replayed: Vec<_> = resume.replays.iter().map(|replay| (replay.after.0, replay.until.0)).collect();
            let case = format!("{last} {joined} {cursor:?}");
            assert_eq!(replayed, from.map(|from| (from, *last)).into_iter().collect::<Vec<_>>(), "{case}");
            assert_eq!((!resume.reset.is_empty(), !resume.in_full.is_empty()), (*reset, *in_full), "{case}");
        }
    }

    #[test]
    fn without_cursors_all_is_told_and_nothing_replayed() {
        let resume = Resume::decide(ADA, &snapshot(&[(5, 0), (7, 2)]), None);
        let in_full = [ConversationId(1), ConversationId(2)].into();
        assert_eq!(resume, Resume { in_full, ..Resume::default() });
    }

    #[test]
    fn the_inbox_comes_first_and_its_reset_puts_all_in_full() {
        let first = |cursors: &[(&str, i64)]| {
            let resume = decide(&[(5, 0), (7, 0)], cursors);
            let first = resume.replays.first().map(|replay| (replay.stream, replay.after.0, replay.until.0));
            (first, resume.inbox_reset, resume.in_full.len())
        };
        let replayed = Some((Stream::Inbox(ADA), 3, 9));
        assert_eq!(first(&[("inbox", 3), ("1", 4), ("2", 7)]), (replayed, false, 0));
        assert_eq!(first(&[("inbox", 9), ("1", 5), ("2", 7)]), (None, false, 0));
        assert_eq!(first(&[("1", 5), ("2", 7)]), (None, false, 0), "an inbox that is not asked for");
        for bad in [-1, 10, i64::MIN, i64::MAX] {
            assert_eq!(first(&[("inbox", bad), ("1", 5), ("2", 7)]), (None, true, 2), "{bad}");
        }
    }

    #[test]
    fn a_resume_replays_so_much_in_all() {
        let cursors = [("1", 0), ("2", 0), ("3", 0), ("99", 5), ("inbox", 0)];
        let resume = decide(&[(1_500, 0), (600, 0), (491, 0)], &cursors);
        let streams: Vec<_> = resume.replays.iter().map(|replay| replay.stream).collect();
        let conversation = |id| Stream::Conversation(ConversationId(id));
        assert_eq!(streams, [Stream::Inbox(ADA), conversation(1), conversation(3)]);
        assert_eq!(resume.reset, [ConversationId(2)].into());
        let over = decide(&[(1_500, 0), (600, 0), (492, 0)], &cursors);
        assert_eq!(over.reset, [ConversationId(2), ConversationId(3)].into(), "the inbox counts");
    }
}
