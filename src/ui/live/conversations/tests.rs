//! The list: order, counts, and answers that were overtaken.

use super::*;

const ME: UserId = UserId(1);

fn id(n: i64) -> ConversationId {
    ConversationId(n)
}

fn conversation(n: i64) -> Conversation {
    Conversation { id: id(n), kind: ConversationKind::Room, title: None, members: vec![], member_count: 2 }
}

fn entry(n: i64, last_seq: i64, read_seq: i64, unread: u32, active_ms: i64) -> ConversationSummary {
    let (last_seq, read_seq) = (Seq(last_seq), Seq(read_seq));
    ConversationSummary { conversation: conversation(n), last_seq, read_seq, unread, active_ms, preview: None }
}

fn by(author: i64, seq: i64) -> Message {
    Message {
        seq: Seq(seq),
        version: Seq(seq),
        author: UserRef { id: UserId(author), name: "somebody".into() },
        content: format!("one\ntwo {}", "x".repeat(200)),
        created_ms: seq * 1_000,
        nonce: format!("n{seq}"),
        reply_to: None,
    }
}

fn two() -> List {
    vec![entry(1, 5, 5, 0, 5_000), entry(2, 3, 2, 1, 3_000)]
}

/// (id, last_seq, read_seq, unread) in order.
fn short(list: &List) -> Vec<(i64, i64, i64, u32)> {
    list.iter().map(|s| (s.conversation.id.0, s.last_seq.0, s.read_seq.0, s.unread)).collect()
}

#[test]
fn a_message_moves_its_conversation_to_the_top() {
    let cases = [
        ("of another", by(2, 7), vec![(2, 7, 2, 2), (1, 5, 5, 0)]),
        ("own", by(1, 7), vec![(2, 7, 7, 0), (1, 5, 5, 0)]),
        ("counted in already", by(2, 3), vec![(1, 5, 5, 0), (2, 3, 2, 1)]),
    ];
    for (name, new, expected) in cases {
        let mut list = two();
        assert_eq!(message(&mut list, id(2), &new, ME), Known::Yes, "{name}");
        assert_eq!(short(&list), expected, "{name}");
    }
    let mut list = vec![entry(1, 5, 9, 0, 5_000)];
    message(&mut list, id(1), &by(2, 8), ME);
    assert_eq!(short(&list), [(1, 8, 9, 0)], "read elsewhere before it came");
    let acknowledged = || Message { created_ms: 99_000, version: Seq::ZERO, ..by(1, 9) };
    for (own, at_ms) in [(acknowledged(), 99_000), (by(1, 9), 9_000), (acknowledged(), 9_000)] {
        message(&mut list, id(1), &own, ME);
        assert_eq!((list[0].active_ms, list[0].preview.as_ref().map(|p| p.author.id)), (at_ms, Some(ME)));
    }
    let mut list = two();
    message(&mut list, id(2), &by(2, 7), ME);
    let text = list[0].preview.clone().expect("a preview").text;
    assert!(text.starts_with("one two ") && text.chars().count() == 120, "{text}");
    assert_eq!(message(&mut list, id(9), &by(2, 1), ME), Known::Fetch);
}

#[test]
fn unread_stops_at_its_bound() {
    let mut list = vec![entry(1, 5, 0, UNREAD_MAX, 0)];
    message(&mut list, id(1), &by(2, 6), ME);
    assert_eq!(list[0].unread, UNREAD_MAX);
}

#[test]
fn conversations_come_and_go() {
    let mut list = two();
    created(&mut list, conversation(3), 9_000);
    created(&mut list, Conversation { title: Some("Tea".into()), ..conversation(1) }, 9_000);
    assert_eq!(short(&list), [(3, 0, 0, 0), (1, 5, 5, 0), (2, 3, 2, 1)]);
    assert_eq!(list[1].conversation.title.as_deref(), Some("Tea"));
    deleted(&mut list, id(1));
    let ada = UserRef { id: UserId(5), name: "ada".into() };
    for (seq, joined, count) in [(4, true, 3), (4, true, 3), (5, false, 2)] {
        member(&mut list, id(2), Seq(seq), &ada, joined);
        assert_eq!((list[1].conversation.member_count, list[1].last_seq), (count, Seq(seq)));
    }
    assert_eq!(short(&list), [(3, 0, 0, 0), (2, 5, 2, 1)]);
}

#[test]
fn reading_here_and_elsewhere() {
    let mut list = vec![entry(1, 9, 2, 5, 0)];
    assert_eq!(read_elsewhere(&mut list, id(1), Seq(2)), Known::Yes, "no news");
    assert_eq!(read_elsewhere(&mut list, id(1), Seq(5)), Known::Fetch, "how many are left is not known");
    assert_eq!(read_elsewhere(&mut list, id(1), Seq(9)), Known::Yes);
    assert_eq!(short(&list), [(1, 9, 9, 0)]);
    let mut list = vec![entry(1, 9, 2, 5, 0)];
    seen(&mut list, id(1), Seq(7), 2);
    seen(&mut list, id(1), Seq(7), 2);
    assert_eq!(short(&list), [(1, 9, 7, 2)]);
    marks(&mut list, &[Mark(id(1), Seq(9), Seq(6), 3), Mark(id(4), Seq(1), Seq(1), 0)]);
    assert_eq!(short(&list), [(1, 9, 7, 2)], "a mark never goes back");
    marks(&mut list, &[Mark(id(1), Seq(11), Seq(8), 3)]);
    assert_eq!(short(&list), [(1, 9, 8, 3)], "the messages themselves are fetched");
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
    let missing = merge(&mut list, fetch(false));
    assert_eq!(missing, [id(5), id(3)], "became the user's after the answer, or is gone");
    assert_eq!(short(&list), [(5, 0, 0, 0), (1, 9, 9, 0), (4, 1, 0, 1), (2, 4, 3, 0), (3, 2, 2, 0)], "1 went on");
    let mut list = held();
    assert_eq!(merge(&mut list, fetch(true)), [], "3 is beyond what it says");
    assert_eq!(short(&list), [(1, 9, 9, 0), (4, 1, 0, 1), (2, 4, 3, 0), (3, 2, 2, 0)]);
    fetched(&mut list, entry(3, 5, 2, 3, 8_500));
    assert_eq!(short(&list), [(1, 9, 9, 0), (3, 5, 2, 3), (4, 1, 0, 1), (2, 4, 3, 0)]);
}
