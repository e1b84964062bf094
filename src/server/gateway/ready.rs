//! What READY says, in parts, and where the seam between it and the queue is. Pure: a snapshot and a decision in, a plan
//! out.

use std::collections::HashMap;

use super::resume::{Cursors, Replay, Resume};
use crate::protocol::frame::{InboxState, Mark, Ready};
use crate::protocol::limits::READY_PART;
use crate::protocol::{Conversation, ConversationId, Mine, Present, Seq, ServerFrame, Stream, UserRef};
use crate::server::chatters::Seam;
use crate::server::store::ReadySnapshot;

/// About how many bytes one part holds, so that it fits the socket's write buffer several times over.
const PART_BYTES: usize = 128 * 1024;
/// Most bytes of one contact who is there.
const PRESENT_BYTES: usize = 31;

/// What a new connection sends before its queue.
pub(super) struct Plan {
    /// The parts of READY, encoded.
    pub(super) parts: Vec<String>,
    pub(super) replays: Vec<Replay>,
    pub(super) seam: Seam,
}

/// Plans the start of a connection.
pub(super) fn plan(user: &UserRef, snapshot: ReadySnapshot, cursors: Option<&Cursors>, present: Vec<Present>) -> Plan {
    let mut seam: HashMap<Stream, Seq> =
        snapshot.marks.iter().map(|Mark(id, last, ..)| (Stream::Conversation(*id), *last)).collect();
    seam.insert(Stream::Inbox(user.id), snapshot.inbox_seq);
    let mut resume = Resume::decide(user.id, &snapshot, cursors);
    let replays = std::mem::take(&mut resume.replays);
    Plan { parts: parts(user, snapshot, &resume, present), replays, seam: Seam::new(seam) }
}

/// READY in parts of at most [`READY_PART`] conversations and about [`PART_BYTES`]; at least one.
fn parts(user: &UserRef, snapshot: ReadySnapshot, resume: &Resume, present: Vec<Present>) -> Vec<String> {
    let mut full: HashMap<ConversationId, Conversation> =
        snapshot.conversations.into_iter().map(|conversation| (conversation.id, conversation)).collect();
    let empty = || Ready {
        user: user.clone(),
        inbox: InboxState { s: snapshot.inbox_seq, reset: resume.inbox_reset },
        marks: Vec::new(),
        conversations: Vec::new(),
        reset: Vec::new(),
        mine: Vec::new(),
        mentions: Vec::new(),
        part: 0,
        parts: 0,
        present: Vec::new(),
    };
    let mine: HashMap<ConversationId, Mine> = snapshot.mine.into_iter().collect();
    let mentions: HashMap<ConversationId, u32> = snapshot.mentions.into_iter().collect();
    let mut bytes = PRESENT_BYTES * present.len();
    let mut parts = vec![Ready { present, ..empty() }];
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
        part.mine.extend(mine.get(&mark.0).map(|mine| (mark.0, *mine)));
        part.mentions.extend(mentions.get(&mark.0).map(|count| (mark.0, *count)));
        part.reset.extend(resume.reset.contains(&mark.0).then_some(mark.0));
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
    use crate::protocol::limits::CONTACTS;
    use crate::protocol::{ConversationKind, Event, EventBody, Status, UserId};
    use crate::server::chatters::{Frame, Outgoing};

    const BOB: Present = Present(UserId(2), Status::Away);

    fn ada() -> UserRef {
        UserRef::new(UserId(1), "ada")
    }

    fn snapshot(lasts: &[i64]) -> ReadySnapshot {
        let marks = (1..).zip(lasts).map(|(id, last)| Mark(ConversationId(id), Seq(*last), Seq(0), 0)).collect();
        let conversation = |id| Conversation::new(ConversationId(id), ConversationKind::Direct, None, vec![ada()]);
        let count = i64::try_from(lasts.len()).unwrap();
        let joined = vec![Seq(0); lasts.len()];
        ReadySnapshot {
            inbox_seq: Seq(9),
            marks,
            joined,
            floors: Vec::new(),
            mine: Vec::new(),
            mentions: Vec::new(),
            conversations: (1..=count).map(conversation).collect(),
        }
    }

    fn decoded(plan: &Plan) -> Vec<Ready> {
        let ready = |text: &String| match ServerFrame::decode(text, UserId(1)).unwrap() {
            ServerFrame::Ready(ready) => ready,
            other => panic!("{other:?}"),
        };
        plan.parts.iter().map(ready).collect()
    }

    #[test]
    fn ready_says_what_was_decided() {
        let cursors = [("1", 3), ("2", -1), ("inbox", 10)].map(|(log, seq)| (log.to_owned(), seq)).into();
        let plan = plan(&ada(), snapshot(&[5, 5]), Some(&cursors), Vec::new());
        let ready = &decoded(&plan)[0];
        assert_eq!((ready.inbox, &ready.reset), (InboxState { s: Seq(9), reset: true }, &vec![ConversationId(2)]));
        let stream = Stream::Conversation(ConversationId(1));
        assert_eq!(plan.replays, [Replay { stream, after: Seq(3), until: Seq(5), floor: Seq(0) }]);
    }

    #[test]
    fn parts_hold_so_many_conversations() {
        for (count, expected) in [(0, 1), (1, 1), (500, 1), (501, 2), (1_200, 3)] {
            let plan = plan(&ada(), snapshot(&vec![1; count]), None, vec![BOB; 3]);
            let parts = decoded(&plan);
            assert_eq!(parts.len(), expected, "{count}");
            assert_eq!(
                parts.iter().flat_map(|part| &part.present).collect::<Vec<_>>(),
                [&BOB; 3],
                "in the first alone"
            );
            assert_eq!(parts[0].present.len(), 3);
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
            conversation.members = vec![UserRef::new(UserId(7), "x".repeat(32)); 1_000];
        }
        let plan = plan(&ada(), snapshot, None, vec![Present(UserId(i64::MAX), Status::Online); CONTACTS]);
        assert!(plan.parts.iter().all(|part| part.len() <= PART_BYTES), "{}", plan.parts[0].len());
        assert_eq!(decoded(&plan).iter().map(|part| part.marks.len()).sum::<usize>(), 40);
    }

    #[test]
    fn the_seam_leaves_out_what_the_snapshot_counts_in() {
        let mut seam = plan(&ada(), snapshot(&[5]), None, Vec::new()).seam;
        let mut passes = |position, text: String| seam.passes(&Outgoing { position, frame: Frame::from(text) });
        let (inbox, theirs) = (Stream::Inbox(UserId(1)), Stream::Conversation(ConversationId(1)));
        assert!(!passes(Some((theirs, Seq(5))), String::new()));
        assert!(passes(Some((theirs, Seq(6))), String::new()));
        assert!(passes(None, String::new()));
        let other = Conversation::new(ConversationId(2), ConversationKind::Direct, None, vec![ada()]);
        let created = |seq| {
            let body = EventBody::ConversationCreate(other.clone());
            Event { stream: inbox, seq: Seq(seq), body }.encode()
        };
        let other = Stream::Conversation(other.id);
        assert!(!passes(Some((inbox, Seq(9))), created(9)));
        assert!(!passes(Some((other, Seq(1))), String::new()), "theirs no longer");
        assert!(passes(Some((inbox, Seq(10))), created(10)));
        assert!(passes(Some((other, Seq(1))), String::new()), "theirs again");
    }
}
