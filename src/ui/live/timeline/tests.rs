//! What the timeline must hold: tables here, the property of the join in `joins`.

mod joins;

use super::*;
use crate::protocol::{MessageList, Posted};
use crate::ui::live::model::{HERE, ME, NOON_MS, message, user};

fn create(message: Message) -> Event {
    Event { stream: Stream::Conversation(HERE), seq: message.seq, body: EventBody::MessageCreate(message) }
}

fn page(messages: Vec<Message>, as_of: i64, more: bool) -> MessageList {
    MessageList { messages, quoted: Vec::new(), as_of: Seq(as_of), more, newer: false }
}

fn pending(nonce: &str) -> Pending {
    Pending {
        author: user(1),
        nonce: nonce.into(),
        content: "mine".into(),
        created_ms: NOON_MS + 9_000,
        reply_to: None,
        state: SendState::Pending,
    }
}

fn failed(nonce: &str) -> Pending {
    Pending { state: SendState::Failed("No.".into()), ..pending(nonce) }
}

fn posted(seq: i64, nonce: &str) -> Posted {
    Posted { conversation_id: HERE, seq: Seq(seq), nonce: nonce.into() }
}

/// The rows in short: `day`, `new`, or `seq` with `+` where it leads and `?`/`!` for pending and failed.
fn short(timeline: &Timeline, offset: i32, new_after: Option<i64>) -> Vec<String> {
    let rows = timeline.rows(ME, |_| offset, new_after.map(Seq));
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

fn oldest_seq(timeline: &Timeline) -> Option<Seq> {
    timeline.messages.keys().next().copied()
}

#[test]
fn a_mark_is_reached_when_all_that_follows_it_is_held() {
    let page = |more| page((11..=12).map(|seq| message(seq, 2)).collect(), 12, more);
    for (mark, more, reached) in [(9, true, false), (10, true, true), (12, true, true), (0, false, true)] {
        assert_eq!(Timeline::from_page(HERE, page(more)).reaches(Seq(mark)), reached, "{mark} {more}");
    }
}

#[test]
fn nobody_has_read_beyond_a_hole() {
    let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2), message(2, 2)], 3, false));
    assert_eq!(timeline.newest_complete(), Seq(2), "the log's last entry is no message");
    timeline.apply(&create(message(5, 2)), ME);
    timeline.pend(pending("a"));
    timeline.sent(&posted(6, "a"));
    assert_eq!((timeline.newest_seq(), timeline.newest_complete()), (Some(Seq(6)), Seq(2)));
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
    let Some(Row::Day { local_midnight_ms }) = timeline.rows(ME, |_| 60, None).into_iter().next() else {
        panic!("a day first")
    };
    assert_eq!(local_midnight_ms, NOON_MS - 43_200_000);
}

#[test]
fn a_message_is_of_the_day_that_it_was_for_the_viewer_then() {
    // Half an hour before midnight in summer and half an hour after it; then the clocks are changed.
    let late = |seq, hours: i64| Message { created_ms: NOON_MS + (hours * 60 - 30) * 60_000, ..message(seq, 2) };
    let timeline = Timeline::from_page(HERE, page(vec![late(1, 10), late(2, 11), late(3, 34)], 3, false));
    let changed_ms = NOON_MS + 24 * 3_600_000;
    let days = |offset: &dyn Fn(i64) -> i32| {
        let rows = timeline.rows(ME, offset, None);
        rows.iter().map(|row| if matches!(row, Row::Day { .. }) { "day" } else { "message" }).collect::<Vec<_>>()
    };
    let summer = |ms| if ms < changed_ms { 120 } else { 60 };
    assert_eq!(days(&summer), ["day", "message", "day", "message", "message"]);
    assert_eq!(days(&|_| 60), ["day", "message", "message", "day", "message"], "by today's clock alone");
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
        if !order.contains(&"other") {
            timeline.apply(&create(message(2, 2)), ME);
        }
        timeline.pend(pending("a"));
        let key = |t: &Timeline| match t.rows(ME, |_| 0, None).pop() {
            Some(Row::Message(row)) => row.key,
            other => panic!("a message last, not {other:?}"),
        };
        let before = key(&timeline);
        for step in *order {
            match *step {
                "echo" => timeline.apply(&echo(), ME),
                "ack" => timeline.sent(&posted(3, "a")),
                "page" => timeline.replace(fetched(), ME),
                "other" => timeline.apply(&create(message(2, 2)), ME),
                "fail" => timeline.set_pending([failed("a")]),
                _ => timeline.set_pending([pending("a")]),
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
    timeline.set_pending([failed("a"), pending("b")]);
    assert_eq!(timeline.failed(), 1);
    timeline.apply(&create(message(2, 2)), ME);
    assert_eq!(short(&timeline, 0, None), ["day", "1+", "2", "a!+", "b?"]);
    timeline.set_pending([pending("b"), pending("a")]);
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

fn update(seq: i64, message: Message) -> Event {
    let message = Message { version: Seq(seq), content: format!("version {seq}"), ..message };
    Event { stream: Stream::Conversation(HERE), seq: Seq(seq), body: EventBody::MessageUpdate(message) }
}

fn delete(seq: i64, gone: i64) -> Event {
    Event {
        stream: Stream::Conversation(HERE),
        seq: Seq(seq),
        body: EventBody::MessageDelete(message(gone, 2).tombstone(Seq(seq))),
    }
}

/// Messages 11 to 20 of a longer log.
fn held() -> Timeline {
    Timeline::from_page(HERE, page((11..=20).map(|s| message(s, 2)).collect(), 20, true))
}

fn numbers(timeline: &Timeline) -> Vec<i64> {
    timeline.messages.values().filter(|message| !message.deleted).map(|message| message.seq.0).collect()
}

#[test]
fn what_came_ahead_waits_and_what_is_missing_is_asked_for() {
    let mut timeline = held();
    assert_eq!(timeline.missing(Seq(20)), None);
    assert_eq!(timeline.missing(Seq(23)), Some(Missing::Events(Seq(20))), "the list knows of more");
    assert_eq!(timeline.missing(Seq(521)), Some(Missing::Page), "far");
    timeline.apply(&create(message(23, 2)), ME);
    assert_eq!((timeline.newest_seq(), timeline.as_of()), (Some(Seq(20)), Seq(20)));
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Events(Seq(20))));
    timeline.fetched(Seq(20), &[create(message(21, 2))], Seq(23), ME);
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Events(Seq(21))));
    timeline.fetched(Seq(21), &[create(message(22, 2))], Seq(24), ME);
    assert_eq!(numbers(&timeline)[8..], [19, 20, 21, 22, 23]);
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Events(Seq(23))), "the answer knew of more");
    timeline.fetched(Seq(23), &[], Seq(23), ME);
    assert_eq!(timeline.missing(Seq::ZERO), None, "there is none");
}

#[test]
fn what_waits_is_bounded_and_nothing_is_lost_by_it() {
    let mut timeline = held();
    for seq in (22..=22 + 2 * i64::try_from(WAITING).unwrap()).rev() {
        timeline.apply(&create(message(seq, 2)), ME);
        assert!(timeline.waiting.len() <= WAITING);
    }
    timeline.apply(&create(message(21, 2)), ME);
    let reached = timeline.as_of();
    assert_eq!(reached.0, 21 + i64::try_from(WAITING).unwrap());
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Events(reached)));
}

#[test]
fn a_resume_begins_after_what_is_counted_in() {
    let mut timeline = held();
    timeline.apply(&create(message(30, 2)), ME);
    assert_eq!(timeline.cursor(), Some(Seq(20)));
    timeline.resumed(Seq(30), false);
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Events(Seq(20))), "opened since IDENTIFY");
    timeline.resumed(Seq(30), true);
    assert_eq!(timeline.missing(Seq::ZERO), None, "it is being replayed");
    for seq in 21..=30 {
        timeline.apply(&create(message(seq, 2)), ME);
    }
    assert_eq!((timeline.as_of(), numbers(&timeline).len()), (Seq(30), 20));
    timeline.resumed(Seq(531), true);
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Page), "far");
}

#[test]
fn a_replay_from_beyond_what_is_held_leaves_a_hole() {
    for (cursor, expected) in [(None, false), (Some(0), true), (Some(19), true), (Some(20), true), (Some(21), false)] {
        assert_eq!(held().continues_at(cursor.map(Seq)), expected, "{cursor:?}");
    }
}

#[test]
fn what_was_missed_is_on_its_way_until_the_last_of_it_has_come() {
    for (last, is_replayed) in [(5, true), (5, false)] {
        let mut timeline = held();
        let held = timeline.as_of().0;
        assert!(!timeline.is_behind());
        timeline.resumed(Seq(held), is_replayed);
        assert!(!timeline.is_behind(), "nothing was missed");
        timeline.resumed(Seq(held + last), is_replayed);
        for seq in held + 1..=held + last {
            assert!(timeline.is_behind(), "before {seq}");
            timeline.apply(&create(message(seq, 2)), ME);
        }
        assert!(!timeline.is_behind());
    }
    let mut timeline = held();
    timeline.resumed(Seq(timeline.as_of().0 + 501), true);
    assert!(timeline.is_behind());
    timeline.replace(page(vec![message(505, 2)], 505, true), ME);
    assert!(!timeline.is_behind(), "a page is all there is");
    timeline.reset();
    assert!(timeline.is_behind());
    timeline.replace(page(vec![message(5, 2)], 5, true), ME);
    assert!(!timeline.is_behind(), "of the shorter log");
    // What follows is not the reader's to see: a page tells.
    timeline.resumed(Seq(9), false);
    timeline.fetched(Seq(5), &[], Seq(5), ME);
    assert!(!timeline.is_behind());
}

#[test]
fn after_a_reset_only_the_new_page_counts() {
    let mut timeline = held();
    timeline.pend(pending("a"));
    timeline.sent(&posted(21, "a"));
    timeline.reset();
    assert_eq!(timeline.cursor(), None);
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Page));
    assert_eq!(numbers(&timeline).len(), 10, "shown meanwhile, but not what the store has forgotten");
    // Live before the page's answer: of the new log, after what the page knows.
    timeline.apply(&create(message(6, 3)), ME);
    timeline.replace(page(vec![message(4, 2), message(5, 2)], 5, true), ME);
    assert_eq!((numbers(&timeline), timeline.as_of()), (vec![4, 5, 6], Seq(6)));
    assert_eq!(timeline.cursor(), Some(Seq(6)));
    let mut unread = Timeline::unread(HERE);
    assert_eq!((unread.cursor(), unread.missing(Seq::ZERO)), (None, Some(Missing::Page)));
    unread.apply(&create(message(1, 2)), ME);
    unread.replace(page(vec![], 0, false), ME);
    assert_eq!(numbers(&unread), [1]);
}

#[test]
fn a_log_that_goes_on_elsewhere_is_begun_anew() {
    // A group that was left and joined again: what was between is not the reader's to see.
    let mut timeline = held();
    timeline.fetched(Seq(20), &[create(message(40, 2))], Seq(40), ME);
    assert_eq!(timeline.missing(Seq::ZERO), Some(Missing::Page));
    timeline.replace(page(vec![message(40, 2)], 40, false), ME);
    assert_eq!((numbers(&timeline), timeline.missing(Seq::ZERO)), (vec![40], None));
}

#[test]
fn a_page_replaces_what_is_held_unless_it_was_overtaken() {
    let fetched =
        |range: std::ops::RangeInclusive<i64>, as_of| page(range.map(|s| message(s, 2)).collect(), as_of, true);
    let mut timeline = held();
    timeline.replace(fetched(1..=9, 9), ME);
    timeline.replace(fetched(5..=20, 20), ME);
    assert_eq!(timeline, held(), "nothing new");
    timeline.apply(&delete(21, 15), ME);
    timeline.replace(fetched(18..=30, 30), ME);
    assert!(numbers(&timeline).into_iter().eq(18..=30));
    assert_eq!((timeline.begins(), timeline.as_of()), (Seq(18), Seq(30)));
}

#[test]
fn changes_and_deletions_in_any_order() {
    let content = |t: &Timeline| t.messages.get(&Seq(21)).filter(|m| !m.deleted).map(|m| m.content.clone());
    let created = || create(message(21, 2));
    let changed = |seq| update(seq, message(21, 2));
    let stories: &[(&str, Vec<Event>, Option<&str>)] = &[
        ("in order", vec![created(), changed(22), changed(23)], Some("version 23")),
        ("the creation last", vec![changed(23), changed(22), created()], Some("version 23")),
        (
            "a replay is ahead",
            vec![
                Event {
                    seq: Seq(21),
                    ..create(Message { version: Seq(23), content: "version 23".into(), ..message(21, 2) })
                },
                changed(22),
                changed(23),
            ],
            Some("version 23"),
        ),
        ("deleted", vec![created(), changed(22), delete(23, 21)], None),
        ("the deletion first", vec![delete(23, 21), changed(22), created()], None),
        ("no creation brings it back", vec![created(), changed(22), delete(23, 21), created(), changed(22)], None),
        ("gone in the replay", vec![delete(21, 21), delete(22, 21), delete(23, 21), created()], None),
    ];
    for (name, events, expected) in stories {
        let mut timeline = held();
        for event in events {
            timeline.apply(event, ME);
        }
        assert_eq!((content(&timeline).as_deref(), timeline.as_of()), (*expected, Seq(23)), "{name}");
    }
    let mut timeline = held();
    let row = |t: &Timeline| t.row_of(Seq(20), ME).map(|row| (row.key, row.content, t.versions_of(Seq(20))));
    let before = row(&timeline).unwrap();
    timeline.apply(&update(21, message(20, 2)), ME);
    let after = row(&timeline).unwrap();
    assert_eq!((&after.0, after.1.as_str()), (&before.0, "version 21"), "the same row, and what it says now");
    assert_ne!(after.2, before.2);
}

#[test]
fn an_older_page_that_a_change_has_overtaken_is_left() {
    let older = |as_of| page((4..=10).map(|s| message(s, 2)).collect(), as_of, true);
    for change in [delete(21, 7), update(21, message(7, 2))] {
        let mut timeline = held();
        timeline.apply(&change, ME);
        assert!(!timeline.older(Seq(11), older(20), ME), "read before {change:?}");
        assert!(timeline.older(Seq(11), older(21), ME));
    }
    let mut timeline = held();
    timeline.apply(&delete(21, 15), ME);
    assert!(timeline.older(Seq(11), older(20), ME), "a change within the stretch does not matter");
    timeline.apply(&delete(22, 7), ME);
    assert!(timeline.older(Seq(11), older(22), ME), "asked for twice");
    assert_eq!(numbers(&timeline)[..6], [4, 5, 6, 8, 9, 10]);
}

#[test]
fn older_pages_join_or_are_left() {
    let mut timeline = held();
    timeline.older(Seq(5), page(vec![message(4, 2)], 20, true), ME);
    assert_eq!(oldest_seq(&timeline), Some(Seq(11)));
    timeline.older(Seq(11), page((4..=10).map(|s| message(s, 2)).collect(), 20, true), ME);
    assert_eq!((oldest_seq(&timeline), timeline.has_older()), (Some(Seq(4)), true));
    timeline.older(Seq(4), page((1..=3).map(|s| message(s, 2)).collect(), 20, false), ME);
    assert_eq!((oldest_seq(&timeline), timeline.has_older()), (Some(Seq(1)), false));
    assert_eq!(timeline.newest_seq(), Some(Seq(20)));
    assert_eq!(timeline.unread_after(Seq(18), ME), 2);
}

#[test]
fn the_highest_version_stays() {
    let version = |v: i64| Message { version: Seq(v), content: format!("version {v}"), ..message(2, 2) };
    let content = |t: &Timeline| t.messages.get(&Seq(2)).unwrap().content.clone();
    let mut timeline = Timeline::from_page(HERE, page(vec![message(1, 2)], 1, false));
    for (arrives, stays) in [(2, 2), (5, 5), (4, 5), (5, 5), (6, 6)] {
        timeline.apply(&create(version(arrives)), ME);
        assert_eq!(content(&timeline), format!("version {stays}"));
    }
    timeline.replace(page(vec![version(4)], 4, true), ME);
    assert_eq!(content(&timeline), "version 6");
    timeline.replace(page(vec![version(8)], 8, true), ME);
    assert_eq!(content(&timeline), "version 8");
}
