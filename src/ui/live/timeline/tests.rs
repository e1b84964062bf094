//! What the timeline must hold: tables for the rows and the own messages, one property for the join.

use proptest::prelude::*;

use super::*;
use crate::protocol::Posted;

const ME: UserId = UserId(1);
const HERE: ConversationId = ConversationId(7);
const NOON_MS: i64 = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000 + 43_200_000;

fn user(id: i64) -> UserRef {
    UserRef { id: UserId(id), name: format!("user{id}") }
}

fn message(seq: i64, author: i64) -> Message {
    Message {
        seq: Seq(seq),
        version: Seq(seq),
        author: user(author),
        content: format!("text {seq}"),
        created_ms: NOON_MS + seq * 1_000,
        nonce: format!("n{seq}"),
        reply_to: None,
    }
}

fn create(message: Message) -> Event {
    Event { stream: Stream::Conversation(HERE), seq: message.seq, body: EventBody::MessageCreate(message) }
}

fn page(messages: Vec<Message>, as_of: i64, more: bool) -> MessageList {
    MessageList { messages, as_of: Seq(as_of), more }
}

fn pending(nonce: &str) -> Pending {
    Pending {
        author: user(1),
        nonce: nonce.into(),
        content: "mine".into(),
        created_ms: NOON_MS + 9_000,
        state: SendState::Pending,
    }
}

fn posted(seq: i64, nonce: &str) -> Posted {
    Posted { conversation_id: HERE, seq: Seq(seq), nonce: nonce.into() }
}

/// The rows in short: `day`, `new`, or `seq` with `+` where it leads and `?`/`!` for pending and failed.
fn short(timeline: &Timeline, offset: i32, new_after: Option<i64>) -> Vec<String> {
    let rows = timeline.rows(ME, offset, new_after.map(Seq));
    rows.into_iter()
        .map(|row| match row {
            Row::Day { .. } => "day".into(),
            Row::New => "new".into(),
            Row::Message(row) => {
                let name = row.seq.map_or(row.nonce, |s| s.to_string());
                let state = match row.state {
                    SendState::Pending => "?",
                    SendState::Sent => "",
                    SendState::Failed(_) => "!",
                };
                format!("{name}{state}{}", if row.leads { "+" } else { "" })
            }
        })
        .collect()
}

#[test]
fn nobody_has_read_beyond_a_hole() {
    let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2), message(2, 2)], 3, false));
    assert_eq!(timeline.newest_complete(), Seq(2), "the log's last entry is no message");
    timeline.apply(&create(message(5, 2)), ME);
    assert_eq!((timeline.newest_seq(), timeline.newest_complete()), (Some(Seq(5)), Seq(3)));
    timeline.apply(&create(message(4, 2)), ME);
    assert_eq!(timeline.newest_complete(), Seq(5));
    assert_eq!(Timeline::default().newest_complete(), Seq::ZERO);
}

#[test]
fn days_divider_and_groups() {
    let at = |seq, author, minutes: i64| Message { created_ms: NOON_MS + minutes * 60_000, ..message(seq, author) };
    let timeline = Timeline::from_page(
        HERE,
        page(
            vec![at(1, 2, 0), at(2, 2, 4), at(3, 2, 5), at(4, 1, 6), at(5, 2, 7), at(6, 2, 721), at(7, 1, 722)],
            7,
            false,
        ),
    );
    let cases: &[(i32, Option<i64>, &[&str])] = &[
        (0, None, &["day", "1+", "2", "3+", "4+", "5+", "day", "6+", "7+"]),
        (0, Some(1), &["day", "1+", "new", "2+", "3", "4+", "5+", "day", "6+", "7+"]),
        (0, Some(3), &["day", "1+", "2", "3+", "4+", "new", "5+", "day", "6+", "7+"]),
        (0, Some(5), &["day", "1+", "2", "3+", "4+", "5+", "day", "new", "6+", "7+"]),
        (0, Some(6), &["day", "1+", "2", "3+", "4+", "5+", "day", "6+", "7+"]),
        (-120, None, &["day", "1+", "2", "3+", "4+", "5+", "6+", "7+"]),
        (715, None, &["day", "1+", "2", "day", "3+", "4+", "5+", "6+", "7+"]),
    ];
    for (offset, new_after, expected) in cases {
        assert_eq!(short(&timeline, *offset, *new_after), *expected, "offset {offset}, new after {new_after:?}");
    }
    let Some(Row::Day { local_midnight_ms }) = timeline.rows(ME, 60, None).into_iter().next() else {
        panic!("a day first")
    };
    assert_eq!(local_midnight_ms, NOON_MS - 43_200_000);
}

#[test]
fn an_own_message_is_one_row_in_any_order_of_echo_and_acknowledgement() {
    let echo = || create(Message { nonce: "a".into(), created_ms: NOON_MS + 9_100, ..message(3, 1) });
    let fetched = || page(vec![Message { nonce: "a".into(), ..message(3, 1) }], 3, false);
    let steps: &[&[&str]] = &[
        &["echo", "ack"],
        &["ack", "echo"],
        &["echo", "echo", "ack"],
        &["ack", "page"],
        &["page", "ack"],
        &["ack", "other", "echo"],
        &["fail", "retry", "ack", "echo"],
    ];
    for order in steps {
        let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2)], 1, false));
        timeline.pend(pending("a"));
        let key = |t: &Timeline| match t.rows(ME, 0, None).pop() {
            Some(Row::Message(row)) => row.key,
            other => panic!("a message last, not {other:?}"),
        };
        let before = key(&timeline);
        for step in *order {
            match *step {
                "echo" => timeline.apply(&echo(), ME),
                "ack" => timeline.sent(&posted(3, "a")),
                "page" => timeline.merge_page(fetched(), ME),
                "other" => timeline.apply(&create(message(2, 2)), ME),
                "fail" => timeline.fail("a", "No.".into()),
                _ => timeline.retry("a"),
            }
        }
        assert_eq!(key(&timeline), before, "{order:?}");
        let rows = short(&timeline, 0, None);
        assert_eq!(rows.iter().filter(|r| r.contains('3')).count(), 1, "{order:?}: {rows:?}");
        assert!(!rows.iter().any(|r| r.contains('?')), "{order:?}: {rows:?}");
        timeline.pend(pending("a"));
        assert_eq!(short(&timeline, 0, None), rows, "{order:?}: pended again");
    }
}

#[test]
fn own_messages_stand_last_in_the_order_of_sending() {
    let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2)], 1, false));
    timeline.pend(pending("a"));
    timeline.pend(pending("b"));
    timeline.fail("a", "No.".into());
    timeline.apply(&create(message(2, 2)), ME);
    assert_eq!(short(&timeline, 0, None), ["day", "1+", "2", "a!+", "b?"]);
    timeline.retry("a");
    assert_eq!(short(&timeline, 0, None), ["day", "1+", "2", "b?+", "a?"]);
    timeline.discard("b");
    assert_eq!(short(&timeline, 0, None), ["day", "1+", "2", "a?+"]);
}

#[test]
fn what_is_of_another_log_is_left() {
    let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2)], 1, false));
    timeline.pend(pending("n2"));
    let before = timeline.clone();
    for stream in [Stream::Conversation(ConversationId(8)), Stream::Inbox(ME)] {
        timeline.apply(&Event { stream, ..create(message(2, 1)) }, ME);
    }
    // The same nonce, but of somebody else.
    timeline.apply(&create(message(2, 2)), ME);
    assert_eq!(timeline.pending, before.pending);
    assert_eq!(timeline.messages.len(), 2);
}

#[test]
fn a_hole_is_never_hidden() {
    let held = || Timeline::from_page(HERE, page((11..=20).map(|s| message(s, 2)).collect(), 20, true));
    // (the new latest page, what is held then, whether there is older)
    let cases: &[(std::ops::RangeInclusive<i64>, bool, std::ops::RangeInclusive<i64>, bool)] = &[
        (21..=30, true, 11..=30, true),
        (22..=30, true, 22..=30, true),
        (15..=30, true, 11..=30, true),
        (5..=30, true, 5..=30, true),
        (1..=30, false, 1..=30, false),
        (1..=9, true, 11..=20, true),
        (1..=10, false, 1..=20, false),
    ];
    for (fetched, more, expected, older) in cases {
        let mut timeline = held();
        timeline.merge_page(page(fetched.clone().map(|s| message(s, 2)).collect(), *fetched.end(), *more), ME);
        assert!(timeline.messages.keys().map(|s| s.0).eq(expected.clone()), "{fetched:?}");
        assert_eq!(timeline.has_older(), *older, "{fetched:?}");
        assert_eq!(timeline.as_of(), Seq(*expected.end()), "{fetched:?}");
    }
    // A live event that came ahead does not make the missed ones look counted in.
    let mut timeline = held();
    timeline.apply(&create(message(40, 2)), ME);
    timeline.merge_page(page((31..=40).map(|s| message(s, 2)).collect(), 40, true), ME);
    assert!(timeline.messages.keys().map(|s| s.0).eq(31..=40));
}

#[test]
fn older_pages_join_or_are_left() {
    let mut timeline = Timeline::from_page(HERE, page((11..=20).map(|s| message(s, 2)).collect(), 20, true));
    timeline.older(Seq(5), page(vec![message(4, 2)], 20, true), ME);
    assert_eq!(timeline.oldest_seq(), Some(Seq(11)));
    timeline.older(Seq(11), page((4..=10).map(|s| message(s, 2)).collect(), 20, true), ME);
    assert_eq!((timeline.oldest_seq(), timeline.has_older()), (Some(Seq(4)), true));
    timeline.older(Seq(4), page((1..=3).map(|s| message(s, 2)).collect(), 20, false), ME);
    assert_eq!((timeline.oldest_seq(), timeline.has_older()), (Some(Seq(1)), false));
    assert_eq!(timeline.newest_seq(), Some(Seq(20)));
    assert_eq!(timeline.unread_after(Seq(18), ME), 2);
}

#[test]
fn the_highest_version_stays() {
    let version = |v: i64| Message { version: Seq(v), content: format!("version {v}"), ..message(2, 2) };
    let content = |t: &Timeline| t.messages[&Seq(2)].content.clone();
    let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2)], 1, false));
    for (arrives, stays) in [(2, 2), (5, 5), (4, 5), (5, 5), (6, 6)] {
        timeline.apply(&create(version(arrives)), ME);
        assert_eq!(content(&timeline), format!("version {stays}"));
    }
    timeline.merge_page(page(vec![version(4)], 4, true), ME);
    assert_eq!(content(&timeline), "version 6");
    timeline.merge_page(page(vec![version(8)], 8, true), ME);
    assert_eq!(content(&timeline), "version 8");
}

/// One entry of a made-up log.
#[derive(Debug, Clone)]
enum Entry {
    /// By this author.
    Message(i64),
    Member,
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![4 => (1_i64..4).prop_map(Entry::Message), 1 => Just(Entry::Member)]
}

#[derive(Debug, Clone)]
enum Step {
    /// The event of this seq (modulo the log).
    Live(i64),
    /// The latest page as the log stood at that seq (modulo the log), of so many messages.
    Latest(i64, usize),
    Older(usize),
    Pend(i64),
    Ack(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_i64..1_000).prop_map(Step::Live),
        2 => (0_i64..1_000, 1_usize..12).prop_map(|(k, n)| Step::Latest(k, n)),
        1 => (1_usize..12).prop_map(Step::Older),
        1 => (0_i64..1_000).prop_map(Step::Pend),
        1 => (0_i64..1_000).prop_map(Step::Ack),
    ]
}

struct Log(Vec<Entry>);

impl Log {
    fn last(&self) -> i64 {
        i64::try_from(self.0.len()).expect("a short log")
    }

    fn message(&self, seq: i64) -> Option<Message> {
        match self.0[usize::try_from(seq - 1).expect("from 1")] {
            Entry::Message(author) => Some(message(seq, author)),
            Entry::Member => None,
        }
    }

    fn event(&self, seq: i64) -> Event {
        let body = self.message(seq).map_or(EventBody::MemberAdd(user(9)), EventBody::MessageCreate);
        Event { stream: Stream::Conversation(HERE), seq: Seq(seq), body }
    }

    /// At most `limit` messages before `before`, as the log stood at `at`.
    fn page(&self, before: i64, at: i64, limit: usize) -> MessageList {
        let mut all: Vec<_> = (1..before.min(at + 1)).filter_map(|s| self.message(s)).collect();
        let messages = all.split_off(all.len().saturating_sub(limit));
        page(messages, at, !all.is_empty())
    }
}

proptest! {
    /// State + missed events = a fresh fetch, whatever came, how often and in which order.
    #[test]
    fn any_interleaving_ends_as_a_fresh_fetch(
        log in proptest::collection::vec(entry(), 1..60),
        first in 0_i64..1_000,
        steps in proptest::collection::vec(step(), 0..80),
        limit in 1_usize..20,
    ) {
        let log = Log(log);
        let last = log.last();
        let mut timeline = Timeline::from_page(HERE, log.page(i64::MAX, first % (last + 1), limit));
        let mut pended = Vec::new();
        for step in steps {
            match step {
                Step::Live(seq) => timeline.apply(&log.event(seq % last + 1), ME),
                Step::Latest(at, limit) => timeline.merge_page(log.page(i64::MAX, at % (last + 1), limit), ME),
                Step::Older(limit) => if let Some(before) = timeline.oldest_seq().filter(|_| timeline.has_older()) {
                    timeline.older(before, log.page(before.0, last, limit), ME);
                }
                Step::Pend(seq) => if let Some(m) = log.message(seq % last + 1).filter(|m| m.author.id == ME) {
                    timeline.pend(pending(&m.nonce));
                    pended.push(posted(m.seq.0, &m.nonce));
                }
                Step::Ack(n) => if let Some(at) = usize::try_from(n).ok().and_then(|n| n.checked_rem(pended.len())) {
                    timeline.sent(&pended[at]);
                }
            }
        }
        timeline.merge_page(log.page(i64::MAX, last, limit), ME);
        for posted in &pended {
            timeline.sent(posted);
        }
        let shown = timeline.messages.len();
        let fresh = Timeline::from_page(HERE, log.page(i64::MAX, last, shown));
        prop_assert_eq!(timeline.rows(ME, 0, Some(Seq(3))), fresh.rows(ME, 0, Some(Seq(3))));
        prop_assert_eq!(timeline, fresh);
    }

    /// Events alone are enough: every one after the page, in any order and with repetitions.
    #[test]
    fn all_events_after_a_page_make_a_fresh_fetch(
        log in proptest::collection::vec(entry(), 1..40),
        first in 0_i64..1_000,
        order in proptest::collection::vec(0_i64..1_000, 0..60),
    ) {
        let log = Log(log);
        let last = log.last();
        let first = first % (last + 1);
        let mut timeline = Timeline::from_page(HERE, log.page(i64::MAX, first, 100));
        for seq in order.into_iter().map(|n| n % last + 1).chain((first + 1..=last).rev()) {
            timeline.apply(&log.event(seq), ME);
        }
        prop_assert_eq!(timeline.as_of(), Seq(last));
        prop_assert!(timeline.messages.keys().map(|s| s.0).eq((1..=last).filter(|s| log.message(*s).is_some())));
        prop_assert!(timeline.ahead.is_empty());
    }
}
