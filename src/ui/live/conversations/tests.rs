//! The list: order, counts, and answers that were overtaken. READY is in `resume`, the property in `counts`.

mod counts;
mod resume;

use super::changes::created;
use super::*;
use crate::protocol::limits::UNREAD_MAX;
use crate::protocol::{
    Conversation, ConversationKind, ConversationList, Event, EventBody, Message, Mine, Stream, UserId, UserRef,
};

const ME: UserId = UserId(1);

fn id(n: i64) -> ConversationId {
    ConversationId(n)
}

fn conversation(n: i64) -> Conversation {
    Conversation { member_count: 2, ..Conversation::new(id(n), ConversationKind::Room, None, vec![]) }
}

fn entry(n: i64, last_seq: i64, read_seq: i64, unread: u32, active_ms: i64) -> ConversationSummary {
    let (last_seq, read_seq) = (Seq(last_seq), Seq(read_seq));
    ConversationSummary {
        conversation: conversation(n),
        last_seq,
        read_seq,
        unread,
        mentions: 0,
        active_ms,
        preview: None,
        mine: Mine::default(),
    }
}

fn by(author: i64, seq: i64) -> Message {
    let content = format!("one\ntwo {}", "x".repeat(200));
    Message::new(Seq(seq), UserRef::new(UserId(author), "somebody"), content, format!("n{seq}"), seq * 1_000)
}

fn two() -> List {
    vec![entry(1, 5, 5, 0, 5_000), entry(2, 3, 2, 1, 3_000)]
}

/// (id, last_seq, read_seq, unread) in order.
fn short(list: &List) -> Vec<(i64, i64, i64, u32)> {
    list.iter().map(|s| (s.conversation.id.0, s.last_seq.0, s.read_seq.0, s.unread)).collect()
}

fn happens(list: &mut List, n: i64, seq: i64, body: EventBody) -> Known {
    event(list, id(n), &Event { stream: Stream::Conversation(id(n)), seq: Seq(seq), body }, &UserRef::new(ME, "user1"))
}

fn arrives(list: &mut List, n: i64, message: Message) -> Known {
    happens(list, n, message.seq.0, EventBody::MessageCreate(message))
}

#[test]
fn a_message_moves_its_conversation_to_the_top() {
    let cases = [
        ("of another", by(2, 4), Known::Yes, vec![(2, 4, 2, 2), (1, 5, 5, 0)]),
        ("own", by(1, 4), Known::Yes, vec![(2, 4, 4, 0), (1, 5, 5, 0)]),
        ("counted in already", by(2, 3), Known::Yes, vec![(1, 5, 5, 0), (2, 3, 2, 1)]),
        ("one before it is missing", by(2, 5), Known::Fetch, vec![(1, 5, 5, 0), (2, 3, 2, 1)]),
    ];
    for (name, new, known, expected) in cases {
        let mut list = two();
        assert_eq!(arrives(&mut list, 2, new), known, "{name}");
        assert_eq!(short(&list), expected, "{name}");
    }
    let mut list = vec![entry(1, 5, 9, 0, 5_000)];
    arrives(&mut list, 1, by(2, 6));
    assert_eq!(short(&list), [(1, 6, 9, 0)], "read elsewhere before it came");
    let mut list = two();
    arrives(&mut list, 2, by(2, 4));
    let text = list[0].preview.clone().expect("a preview").text;
    assert!(text.starts_with("one two ") && text.chars().count() == 120, "{text}");
    assert_eq!(arrives(&mut list, 9, by(2, 1)), Known::Fetch);
}

#[test]
fn an_acknowledged_message_goes_ahead_of_its_event() {
    let mut list = two();
    let acknowledged = || Message { created_ms: 99_000, version: Seq::ZERO, ..by(1, 5) };
    assert_eq!(message(&mut list, id(2), &acknowledged(), ME), Known::Yes);
    assert_eq!(short(&list), [(2, 3, 5, 0), (1, 5, 5, 0)], "what was before it is read; the log is not known further");
    assert_eq!(list[0].active_ms, 99_000);
    arrives(&mut list, 2, by(2, 4));
    assert_eq!(short(&list)[0], (2, 4, 5, 0));
    arrives(&mut list, 2, by(1, 5));
    assert_eq!((short(&list)[0], list[0].active_ms), ((2, 5, 5, 0), 5_000), "the store's time");
    message(&mut list, id(2), &acknowledged(), ME);
    assert_eq!(list[0].active_ms, 5_000, "and never the other way round");
    assert_eq!(message(&mut list, id(9), &acknowledged(), ME), Known::Fetch);
}

#[test]
fn changes_and_deletions() {
    let update = |seq: i64, message: Message| (seq, EventBody::MessageUpdate(message));
    let delete = |seq: i64, gone: i64| (seq, EventBody::MessageDelete(by(2, gone).tombstone(Seq(seq))));
    let cases = [
        ("the latest changed", update(6, by(2, 5)), Known::Fetch, 5),
        ("an older one changed", update(6, by(2, 4)), Known::Yes, 6),
        ("one is gone", delete(6, 4), Known::Fetch, 5),
        ("created and gone meanwhile", delete(6, 6), Known::Yes, 6),
        ("of a newer server", (6, EventBody::Unknown("REACTION_ADD".into())), Known::Yes, 6),
        ("it was known already", delete(5, 5), Known::Yes, 5),
    ];
    for (name, (seq, body), known, last_seq) in cases {
        let mut list = vec![entry(1, 4, 1, 3, 0)];
        arrives(&mut list, 1, by(2, 5));
        assert_eq!(happens(&mut list, 1, seq, body), known, "{name}");
        assert_eq!(short(&list), [(1, last_seq, 1, 4)], "{name}: where it is fetched, it stays so until then");
    }
}

#[test]
fn unread_stops_at_its_bound() {
    let mut list = vec![entry(1, 5, 0, UNREAD_MAX, 0)];
    arrives(&mut list, 1, by(2, 6));
    assert_eq!(list[0].unread, UNREAD_MAX);
}

#[test]
fn conversations_come_and_go() {
    let mut list = two();
    assert_eq!(created(&mut list, conversation(3), 9_000), Known::Fetch, "it may have a past");
    assert_eq!(created(&mut list, conversation(3), 9_000), Known::Fetch, "nothing came yet");
    let earlier = Conversation { title: Some("Tea".into()), ..conversation(1) };
    assert_eq!(created(&mut list, earlier, 9_000), Known::Yes);
    assert_eq!(short(&list), [(3, 0, 0, 0), (1, 5, 5, 0), (2, 3, 2, 1)]);
    assert_eq!(list[1].conversation.title, None, "what was fetched may be further");
    deleted(&mut list, id(1));
    let ada = || UserRef::new(UserId(5), "ada");
    let steps = [
        (4, EventBody::MemberAdd(ada()), 3),
        (4, EventBody::MemberAdd(ada()), 3),
        (5, EventBody::MemberRemove(ada()), 2),
    ];
    for (seq, body, count) in steps {
        assert_eq!(happens(&mut list, 2, seq, body), Known::Yes);
        assert_eq!((list[1].conversation.member_count, list[1].last_seq), (count, Seq(seq)));
    }
    assert_eq!(short(&list), [(3, 0, 0, 0), (2, 5, 2, 1)]);
    assert_eq!(happens(&mut list, 9, 3, EventBody::MemberAdd(ada())), Known::Yes, "beyond the list's end");
}

#[test]
fn reading_here_and_elsewhere() {
    let mut list = vec![entry(1, 9, 2, 5, 0)];
    assert_eq!(read_elsewhere(&mut list, id(1), Seq(2)), Known::Yes, "no news");
    assert_eq!(read_elsewhere(&mut list, id(1), Seq(5)), Known::Fetch, "how many are left is not known");
    assert_eq!(short(&list), [(1, 9, 2, 5)]);
    let mut unknown = vec![entry(1, 0, 2, 0, 0)];
    assert_eq!(read_elsewhere(&mut unknown, id(1), Seq(5)), Known::Fetch, "nothing is known of the log");
    assert_eq!(short(&unknown), [(1, 0, 2, 0)]);
    assert_eq!(read_elsewhere(&mut list, id(1), Seq(9)), Known::Yes);
    assert_eq!(short(&list), [(1, 9, 9, 0)]);
    let mut list = vec![entry(1, 9, 2, 5, 0)];
    seen(&mut list, id(1), Seq(7), 2, Seq(9));
    seen(&mut list, id(1), Seq(7), 2, Seq(12));
    assert_eq!(short(&list), [(1, 9, 7, 2)]);
    let counted = list.clone();
    seen(&mut list, id(1), Seq(7), 1, Seq(7));
    assert_eq!(short(&list), [(1, 0, 7, 3)], "the list has counted two more than the timeline holds");
    // The mark is not told yet when the answer is read.
    let cases = [(9, 5, 9, 2), (11, 9, 0, 4), (11, 3, 0, 3)];
    for (last_seq, unread, known, expected) in cases {
        let mut list = counted.clone();
        fetched(&mut list, entry(1, last_seq, 2, unread, 0), false);
        assert_eq!(short(&list), [(1, known, 7, expected)], "{last_seq}, {unread}");
    }
}

#[test]
fn a_fetched_list_replaces_as_far_as_it_reaches() {
    let held = || vec![entry(1, 9, 9, 0, 9_000), entry(2, 3, 3, 0, 3_000), entry(3, 2, 2, 0, 2_000)];
    let fetch = |more| ConversationList {
        conversations: vec![entry(4, 1, 0, 1, 8_000), entry(1, 7, 7, 0, 7_000), entry(2, 4, 2, 2, 4_000)],
        more,
    };
    let mut list = held();
    created(&mut list, conversation(5), 9_500);
    let missing = merge(&mut list, fetch(false), &[]);
    assert_eq!(missing, [id(5), id(3)], "became the user's after the answer, or is gone");
    assert_eq!(short(&list), [(5, 0, 0, 0), (1, 9, 9, 0), (4, 1, 0, 1), (2, 0, 3, 1), (3, 2, 2, 0)], "1 went on");
    let mut list = held();
    assert_eq!(merge(&mut list.clone(), fetch(true), &[id(8), id(3), id(2)]), [id(8), id(3)], "of those 2 came");
    assert_eq!(merge(&mut list, fetch(true), &[]), [], "3 is beyond what it says");
    assert_eq!(short(&list), [(1, 9, 9, 0), (4, 1, 0, 1), (2, 0, 3, 1), (3, 2, 2, 0)]);
    fetched(&mut list, entry(3, 5, 2, 3, 8_500), true);
    assert_eq!(short(&list), [(1, 9, 9, 0), (3, 5, 2, 3), (4, 1, 0, 1), (2, 0, 3, 1)]);
}

#[test]
fn nothing_new_is_put_beyond_the_lists_end_while_there_is_more() {
    let cases = [
        ("between what is held", entry(7, 1, 0, 1, 4_000), true, vec![1, 7, 2], true),
        ("after all there is", entry(7, 1, 0, 1, 2_000), false, vec![1, 2, 7], true),
        ("beyond the end: the next page begins after 2", entry(7, 1, 0, 1, 2_000), true, vec![1, 2], false),
        ("it is the end", entry(2, 4, 0, 1, 3_000), true, vec![1, 2], true),
    ];
    for (name, new, more, expected, is_held) in cases {
        let mut list = two();
        assert_eq!(fetched(&mut list, new, more), is_held, "{name}");
        assert_eq!(list.iter().map(|s| s.conversation.id.0).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn what_was_opened_far_behind_stands_in_its_place_as_pages_come() {
    let mut list = two();
    assert!(!fetched(&mut list, entry(9, 1, 1, 0, 100), true), "the next page begins after the last");
    assert!(fetched(&mut list, entry(9, 1, 1, 0, 100), false), "opened");
    append(&mut list, vec![entry(3, 1, 1, 0, 2_000), entry(4, 1, 1, 0, 1_000), entry(2, 2, 2, 0, 2_500)]);
    assert_eq!(short(&list).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4, 9]);
    assert_eq!(list[1].last_seq, Seq(3), "what came live is newer");
    append(&mut list, vec![entry(9, 1, 1, 0, 100), entry(8, 1, 1, 0, 50)]);
    assert_eq!(short(&list).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4, 9, 8]);
}
