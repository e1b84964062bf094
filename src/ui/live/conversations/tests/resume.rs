//! Cursors, and READY: every kind of conversation that it may name or not name.

use super::*;
use crate::protocol::Sorted;
use crate::protocol::frame::{InboxState, Mark, Ready};
use crate::protocol::limits::READY_PART;

fn mark(n: i64, last_seq: i64, read_seq: i64, unread: u32) -> Mark {
    Mark(id(n), Seq(last_seq), Seq(read_seq), unread)
}

fn of(marks: Vec<Mark>) -> Ready {
    let user = UserRef::new(ME, "me");
    let inbox = InboxState { s: Seq(3), reset: false };
    Ready {
        user,
        inbox,
        marks,
        conversations: Vec::new(),
        reset: Vec::new(),
        mine: Vec::new(),
        mentions: Vec::new(),
        part: 1,
        parts: 1,
        present: Vec::new(),
    }
}

fn wanted(ids: &[i64]) -> Wanted {
    Wanted { conversations: ids.iter().copied().map(id).collect(), list: false }
}

fn sent(cursors: &[(i64, i64)]) -> Sorted<String, i64> {
    cursors.iter().map(|(id, seq)| (id.to_string(), *seq)).collect()
}

#[test]
fn cursors_complete_both_the_list_and_the_timeline() {
    let list = vec![entry(1, 5, 5, 0, 3), entry(2, 3, 2, 1, 2), entry(3, 0, 0, 0, 1)];
    let beyond = Beyond::from([(id(8), Seq(30)), (id(2), Seq(1))]);
    let cases = [
        (None, vec![(1, 5), (2, 3), (8, 30)]),
        (Some((id(1), Seq(4))), vec![(1, 4), (2, 3), (8, 30)]),
        (Some((id(1), Seq(9))), vec![(1, 5), (2, 3), (8, 30)]),
        (Some((id(8), Seq(40))), vec![(1, 5), (2, 3), (8, 40)]),
        (Some((id(3), Seq(7))), vec![(1, 5), (2, 3), (3, 7), (8, 30)]),
        (Some((id(9), Seq(40))), vec![(1, 5), (2, 3), (8, 30), (9, 40)]),
    ];
    for (open, expected) in cases {
        assert_eq!(cursors(&list, &beyond, open, None), sent(&expected), "{open:?}");
    }
    assert_eq!(cursors(&[], &Beyond::default(), None, Some(Seq(3))), Sorted::from([("inbox".to_owned(), 3)]));
    let long: List = (1..3_000).map(|n| entry(n, i64::MAX, 0, 0, -n)).collect();
    let open = Some((id(2_999), Seq(9)));
    let cursors = cursors(&long, &Beyond::default(), open, Some(Seq(3)));
    assert!(["1", "2999", "inbox"].iter().all(|log| cursors.contains_key(*log)));
    assert_eq!(cursors.len(), 1_000);
}

#[test]
fn what_ready_says_of_a_conversation_of_the_list() {
    // (held, mark, whether a cursor was sent, held then, fetched)
    let held = |last_seq, read_seq, unread| entry(1, last_seq, read_seq, unread, 0);
    let cases = [
        ("nothing new", held(9, 6, 3), mark(1, 9, 6, 3), true, (1, 9, 6, 3), false),
        ("a count that went wrong", held(9, 6, 1), mark(1, 9, 6, 3), true, (1, 9, 6, 3), false),
        ("read elsewhere", held(9, 6, 3), mark(1, 9, 8, 1), true, (1, 9, 8, 1), false),
        ("read here, not told yet", held(9, 8, 1), mark(1, 9, 6, 3), true, (1, 9, 8, 1), false),
        ("missed: the replay counts", held(9, 6, 3), mark(1, 12, 6, 6), true, (1, 9, 6, 3), false),
        ("missed, and all read elsewhere", held(9, 6, 3), mark(1, 12, 11, 1), true, (1, 9, 11, 0), false),
        ("missed, and some read elsewhere", held(9, 6, 3), mark(1, 12, 8, 4), true, (1, 9, 6, 3), true),
        ("missed, and not replayed", held(9, 6, 3), mark(1, 12, 6, 6), false, (1, 9, 6, 3), true),
        ("nothing known yet", held(0, 0, 0), mark(1, 0, 0, 0), false, (1, 0, 0, 0), true),
        ("nothing known, but replayed to the timeline", held(0, 0, 0), mark(1, 9, 0, 4), true, (1, 0, 0, 0), true),
        ("fetched since, further than READY", held(14, 6, 8), mark(1, 12, 6, 6), true, (1, 14, 6, 8), false),
    ];
    for (name, held, mark, is_sent, expected, fetch) in cases {
        let mut list = vec![held];
        let sent = if is_sent { sent(&[(1, 9)]) } else { Sorted::default() };
        let wants = ready(&mut list, &mut Beyond::default(), &sent, of(vec![mark]), true);
        assert_eq!(short(&list), [expected], "{name}");
        assert_eq!(wants, wanted(if fetch { &[1] } else { &[] }), "{name}");
    }
}

#[test]
fn what_is_not_named_is_gone() {
    let mut list = vec![entry(1, 5, 5, 0, 3), entry(2, 3, 2, 1, 2), entry(3, 1, 1, 0, 1)];
    let wants = ready(&mut list, &mut Beyond::default(), &sent(&[(1, 5), (2, 3)]), of(vec![mark(1, 5, 5, 0)]), true);
    assert_eq!(short(&list), [(1, 5, 5, 0), (3, 1, 0, 0)], "a mark of before a backup is none");
    assert_eq!(wants, wanted(&[3]), "it came after IDENTIFY: READY may be older");
}

#[test]
fn what_is_in_full_is_taken_over() {
    let mut list = two();
    let renamed = |n| Conversation { title: Some("Tea".into()), ..conversation(n) };
    let ready_ = Ready { conversations: vec![renamed(1), renamed(2)], ..of(vec![mark(1, 5, 5, 0), mark(2, 4, 2, 1)]) };
    ready(&mut list, &mut Beyond::default(), &sent(&[(2, 3)]), ready_, true);
    let titles: Vec<_> = list.iter().map(|entry| entry.conversation.title.as_deref()).collect();
    assert_eq!(titles, [Some("Tea"), None], "what is replayed begins at what is held");
}

#[test]
fn a_reset_conversation_is_replaced_by_what_is_fetched() {
    let mut list = two();
    let ready_ = Ready { reset: vec![id(1)], ..of(vec![mark(1, 3, 2, 1), mark(2, 3, 2, 1)]) };
    let wants = ready(&mut list, &mut Beyond::default(), &sent(&[(1, 5), (2, 3)]), ready_, true);
    assert_eq!(wants, wanted(&[1]));
    assert_eq!(arrives(&mut list, 1, by(2, 4)), Known::Fetch, "it says nothing without the rest");
    fetched(&mut list, entry(1, 3, 2, 1, 100), false);
    assert_eq!(short(&list), [(2, 3, 2, 1), (1, 3, 2, 1)], "although it held more");
    let lost = Ready { inbox: InboxState { s: Seq(1), reset: true }, ..of(vec![mark(1, 3, 2, 1), mark(2, 3, 2, 1)]) };
    assert!(ready(&mut list, &mut Beyond::default(), &Sorted::default(), lost, true).list);
}

#[test]
fn what_is_beyond_the_lists_end_comes_in_when_it_moves() {
    let marks = |last_seq| of(vec![mark(1, 5, 5, 0), mark(2, 3, 2, 1), mark(8, last_seq, 0, 9)]);
    let of_list = [(1, 5), (2, 3)];
    let (mut list, mut beyond) = (two(), Beyond::default());
    // The list says that it is all there is: then this one is new.
    assert_eq!(ready(&mut list, &mut beyond, &sent(&of_list), marks(30), true), wanted(&[8]));
    assert_eq!(beyond, Beyond::default(), "asked for again where it does not come");
    // The first READY of a longer list: it may have moved while the page was on its way.
    let wants = ready(&mut list, &mut beyond, &sent(&of_list), marks(30), false);
    assert_eq!((wants, &beyond), (Wanted { list: true, ..Wanted::default() }, &Beyond::from([(id(8), Seq(30))])));
    let with_cursor = sent(&[(1, 5), (2, 3), (8, 30)]);
    assert_eq!(ready(&mut list, &mut beyond, &with_cursor, marks(30), false), wanted(&[]));
    assert_eq!(
        ready(&mut list, &mut beyond, &with_cursor, marks(31), false),
        wanted(&[]),
        "a replayed event fetches it"
    );
    assert_eq!(*beyond.get(&id(8)).unwrap(), Seq(30), "from where the replay is asked for again");
    assert_eq!(ready(&mut list, &mut beyond, &sent(&of_list), marks(31), false), wanted(&[8]), "no cursor had room");
    let reset = Ready { reset: vec![id(8)], ..marks(31) };
    assert_eq!(ready(&mut list, &mut beyond, &with_cursor, reset, false), wanted(&[8]));
    let joined = of(vec![mark(1, 5, 5, 0), mark(2, 3, 2, 1), mark(8, 30, 0, 9), mark(9, 1, 0, 1)]);
    assert_eq!(ready(&mut list, &mut beyond, &with_cursor, joined, false), wanted(&[9]), "became theirs meanwhile");
    let left = of(vec![mark(1, 5, 5, 0), mark(2, 3, 2, 1)]);
    assert_eq!(ready(&mut list, &mut beyond, &with_cursor, left, false), wanted(&[]));
    assert_eq!(beyond, Beyond::default());
}

#[test]
fn many_are_fetched_at_once() {
    let marks: Vec<Mark> = (1..=20).map(|n| mark(n, 1, 0, 1)).collect();
    assert!(ready(&mut two(), &mut Beyond::default(), &Sorted::default(), of(marks), true).list);
}

#[test]
fn ready_is_whole_with_its_last_part() {
    let part = |part, first: i64| Ready {
        reset: vec![id(first)],
        part,
        parts: 3,
        ..of((first..first + 2).map(|n| mark(n, 1, 1, 0)).collect())
    };
    let mut parts = None;
    assert_eq!(whole(&mut parts, part(1, 1)), None);
    // The connection was lost: the next one begins anew.
    assert_eq!(whole(&mut parts, part(1, 1)), None);
    assert_eq!(whole(&mut parts, part(2, 3)), None);
    let all = whole(&mut parts, part(3, 5)).expect("the last part");
    assert_eq!(all.marks.iter().map(|mark| mark.0.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(all.reset, [id(1), id(3), id(5)]);
    assert!(parts.is_none() && all.marks.len() < READY_PART);
}
