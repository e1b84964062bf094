//! What READY says, and what is replayed after it. Pure: snapshot and cursors in, a plan out.
//!
//! The seam: everything up to the snapshot is in READY or replayed from the store, everything later comes
//! through the queue, and what the queue holds of before the snapshot is left out. So there is no gap and no
//! double, whatever was committed meanwhile.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::protocol::frame::{InboxState, Mark, Ready};
use crate::protocol::limits::READY_PART;
use crate::protocol::{Conversation, ConversationId, Seq, ServerFrame, Stream, UserRef};
use crate::server::chatters::Outgoing;
use crate::server::store::ReadySnapshot;

/// Missed events that one resume replays; what is beyond is fetched anew by the client.
const REPLAY_EVENTS: i64 = 2_000;
/// About how many bytes one part holds, so that it fits the socket's write buffer several times over.
const PART_BYTES: usize = 128 * 1024;

/// What a new connection sends before its queue.
pub(super) struct Plan {
    /// The parts of READY, encoded.
    pub(super) parts: Vec<String>,
    pub(super) replays: Vec<Replay>,
    pub(super) seam: Seam,
}

/// Events of a conversation that the client missed: those after `after`, up to `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replay {
    pub(super) conversation: ConversationId,
    pub(super) after: Seq,
    pub(super) until: Seq,
}

/// Where each log stood in the snapshot.
#[derive(Debug, Default)]
pub(super) struct Seam(HashMap<Stream, Seq>);

impl Seam {
    /// Whether a queued frame is news: state always is, an event when the snapshot did not count it in.
    pub(super) fn passes(&self, outgoing: &Outgoing) -> bool {
        let Some((stream, seq)) = outgoing.position else { return true };
        self.0.get(&stream).is_none_or(|last| seq > *last)
    }
}

/// Plans the start of a connection. A cursor that is not in its log's past (negative, in the future) is answered
/// with `reset`; one of a conversation that is not the user's is left.
pub(super) fn plan(user: UserRef, snapshot: ReadySnapshot, cursors: Option<&BTreeMap<String, i64>>) -> Plan {
    let mut seam: HashMap<Stream, Seq> =
        snapshot.marks.iter().map(|Mark(id, last, ..)| (Stream::Conversation(*id), *last)).collect();
    seam.insert(Stream::Inbox(user.id), snapshot.inbox_seq);

    let (mut replays, mut reset, mut budget) = (Vec::new(), HashSet::new(), REPLAY_EVENTS);
    for Mark(id, last, ..) in &snapshot.marks {
        let Some(cursor) = cursors.and_then(|cursors| cursors.get(&id.to_string())) else { continue };
        if *cursor == last.0 {
            continue;
        }
        if (0..last.0).contains(cursor) && last.0 - cursor <= budget {
            budget -= last.0 - cursor;
            replays.push(Replay { conversation: *id, after: Seq(*cursor), until: *last });
        } else {
            reset.insert(*id);
        }
    }
    Plan { parts: parts(&user, snapshot, &reset), replays, seam: Seam(seam) }
}

/// READY in parts of at most [`READY_PART`] conversations and about [`PART_BYTES`]; at least one.
fn parts(user: &UserRef, snapshot: ReadySnapshot, reset: &HashSet<ConversationId>) -> Vec<String> {
    let mut full: HashMap<ConversationId, Conversation> =
        snapshot.conversations.into_iter().map(|conversation| (conversation.id, conversation)).collect();
    let empty = || Ready {
        user: user.clone(),
        inbox: InboxState { s: snapshot.inbox_seq, reset: false },
        marks: Vec::new(),
        conversations: Vec::new(),
        reset: Vec::new(),
        part: 0,
        parts: 0,
    };
    let (mut parts, mut bytes) = (vec![empty()], 0);
    for mark in snapshot.marks {
        let conversation = full.remove(&mark.0);
        let size = 64 + conversation.as_ref().map_or(0, size_of_json);
        if parts.last().is_some_and(|part| part.marks.len() >= READY_PART || (bytes > 0 && bytes + size > PART_BYTES)) {
            parts.push(empty());
            bytes = 0;
        }
        bytes += size;
        let Some(part) = parts.last_mut() else { continue };
        part.marks.push(mark);
        part.conversations.extend(conversation);
        part.reset.extend(reset.contains(&mark.0).then_some(mark.0));
    }
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let numbered = (1..).zip(parts).map(|(part, ready)| Ready { part, parts: count, ..ready });
    numbered.map(|ready| ServerFrame::Ready(ready).encode()).collect()
}

/// About how many bytes it takes, from above.
fn size_of_json(conversation: &Conversation) -> usize {
    let members: usize = conversation.members.iter().map(|member| 40 + member.name.len()).sum();
    128 + conversation.title.as_ref().map_or(0, String::len) + members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationKind, UserId};
    use crate::server::chatters::Frame;

    fn ada() -> UserRef {
        UserRef { id: UserId(1), name: "ada".into() }
    }

    fn snapshot(lasts: &[i64]) -> ReadySnapshot {
        let marks = (1..).zip(lasts).map(|(id, last)| Mark(ConversationId(id), Seq(*last), Seq(0), 0)).collect();
        let conversation = |id| Conversation {
            id: ConversationId(id),
            kind: ConversationKind::Direct,
            title: None,
            members: vec![ada()],
            member_count: 1,
        };
        let count = i64::try_from(lasts.len()).unwrap();
        ReadySnapshot { inbox_seq: Seq(9), marks, conversations: (1..=count).map(conversation).collect() }
    }

    fn decoded(plan: &Plan) -> Vec<Ready> {
        let ready = |text: &String| match ServerFrame::decode(text, UserId(1)).unwrap() {
            ServerFrame::Ready(ready) => ready,
            other => panic!("{other:?}"),
        };
        plan.parts.iter().map(ready).collect()
    }

    #[test]
    fn cursors_decide_between_replay_and_reset() {
        // (the log's last seq, the cursor, replayed from, reset)
        let cases: &[(i64, Option<i64>, Option<i64>, bool)] = &[
            (10, None, None, false),
            (10, Some(10), None, false),
            (10, Some(7), Some(7), false),
            (10, Some(0), Some(0), false),
            (10, Some(11), None, true),
            (10, Some(-1), None, true),
            (10, Some(i64::MAX), None, true),
            (10, Some(i64::MIN), None, true),
            (2_000, Some(0), Some(0), false),
            (2_001, Some(0), None, true),
        ];
        for (last, cursor, replayed, reset) in cases {
            let cursors = cursor.map(|cursor| BTreeMap::from([("1".to_owned(), cursor)]));
            let plan = plan(ada(), snapshot(&[*last]), cursors.as_ref());
            let from: Vec<_> = plan.replays.iter().map(|replay| (replay.after.0, replay.until.0)).collect();
            assert_eq!(from, replayed.map(|from| (from, *last)).into_iter().collect::<Vec<_>>(), "{last} {cursor:?}");
            assert_eq!(!decoded(&plan)[0].reset.is_empty(), *reset, "{last} {cursor:?}");
        }
    }

    #[test]
    fn a_resume_replays_so_much_in_all() {
        let cursors = BTreeMap::from([("1".into(), 0), ("2".into(), 0), ("3".into(), 0), ("99".into(), 5)]);
        let plan = plan(ada(), snapshot(&[1_500, 600, 500]), Some(&cursors));
        let ids: Vec<_> = plan.replays.iter().map(|replay| replay.conversation.0).collect();
        assert_eq!(ids, [1, 3]);
        assert_eq!(decoded(&plan)[0].reset, [ConversationId(2)]);
    }

    #[test]
    fn parts_hold_so_many_conversations() {
        for (count, expected) in [(0, 1), (1, 1), (500, 1), (501, 2), (1_200, 3)] {
            let plan = plan(ada(), snapshot(&vec![1; count]), None);
            let parts = decoded(&plan);
            assert_eq!(parts.len(), expected, "{count}");
            assert!(parts.iter().all(|part| part.parts as usize == expected && part.inbox.s == Seq(9)));
            assert_eq!(parts.iter().map(|part| part.marks.len()).sum::<usize>(), count);
            assert_eq!(parts.iter().map(|part| part.conversations.len()).sum::<usize>(), count);
            assert!((1..).zip(&parts).all(|(number, part)| part.part == number));
        }
    }

    #[test]
    fn parts_hold_so_many_bytes() {
        let mut snapshot = snapshot(&[1; 40]);
        for conversation in &mut snapshot.conversations {
            conversation.members = vec![UserRef { id: UserId(7), name: "x".repeat(32) }; 1_000];
        }
        let plan = plan(ada(), snapshot, None);
        assert!(plan.parts.iter().all(|part| part.len() <= PART_BYTES), "{}", plan.parts[0].len());
        assert_eq!(decoded(&plan).iter().map(|part| part.marks.len()).sum::<usize>(), 40);
    }

    #[test]
    fn the_seam_leaves_out_what_the_snapshot_counts_in() {
        let plan = plan(ada(), snapshot(&[5]), None);
        let at = |position| Outgoing { position, frame: Frame::from(String::new()) };
        let conversation = Stream::Conversation(ConversationId(1));
        assert!(!plan.seam.passes(&at(Some((conversation, Seq(5))))));
        assert!(plan.seam.passes(&at(Some((conversation, Seq(6))))));
        assert!(!plan.seam.passes(&at(Some((Stream::Inbox(UserId(1)), Seq(9))))));
        assert!(plan.seam.passes(&at(Some((Stream::Conversation(ConversationId(2)), Seq(1))))));
        assert!(plan.seam.passes(&at(None)));
    }
}
