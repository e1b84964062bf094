//! What the outbox promises: order, the same nonce, that a refusal holds up nobody, and that tabs agree.

mod tabs;

use super::answers::BROKEN_ATTEMPTS;
use super::record::{Change, Edit, Kept, Record};
use super::*;
use crate::api::ApiError;
use crate::protocol::{ConversationId, ErrorCode, Posted, Seq};

/// The shared disk, as IndexedDB is: each change one transaction, keys only grow.
#[derive(Debug, Default)]
struct Disk {
    kept: Vec<Kept>,
    last: i64,
}

impl Disk {
    /// Whether there was anything to change.
    fn change(&mut self, change: &Change) -> bool {
        let edits = change.edits(&self.kept);
        let found = !edits.is_empty();
        for edit in edits {
            match edit {
                Edit::Add(record) => {
                    self.last += 1;
                    self.kept.push(Kept { key: self.last, record });
                }
                Edit::Put(put) => self.kept.iter_mut().filter(|k| k.key == put.key).for_each(|k| *k = put.clone()),
                Edit::Delete(key) => self.kept.retain(|k| k.key != key),
            }
        }
        found
    }

    fn nonces(&self) -> Vec<&str> {
        self.kept.iter().map(|k| k.record.nonce.as_str()).collect()
    }
}

fn room(id: i64) -> Recipient {
    Recipient::Conversation(ConversationId(id))
}

fn name() -> Recipient {
    Recipient::Name("ada".into())
}

fn push(outbox: &mut Outbox, nonce: &str, recipient: Recipient) {
    outbox.push(nonce.into(), recipient, format!("text of {nonce}"), None, 0);
}

fn keep(outbox: &mut Outbox, disk: &mut Disk) {
    while let Some(record) = outbox.next_to_keep() {
        let nonce = record.nonce.clone();
        disk.change(&Change::Add(record));
        outbox.stored(&nonce, Some(disk.kept.clone()), 0);
    }
}

impl Outbox {
    /// Messages that are on the disk, each with whether it failed; the nonces are "1", "2", …
    pub(crate) fn of(rows: &[(Recipient, bool)]) -> Self {
        let kept = |(key, (recipient, failed)): (i64, &(Recipient, bool))| Kept {
            key,
            record: Record {
                nonce: key.to_string(),
                recipient: recipient.clone(),
                content: String::new(),
                created_ms: 0,
                reply_to: None,
                named: None,
                failed: failed.then(|| "No.".to_owned()),
            },
        };
        let mut outbox = Self::default();
        outbox.refresh((1..).zip(rows).map(kept).collect(), 0);
        outbox
    }
}

/// Messages that are on the disk, and a tab that follows it.
fn outbox(items: &[(&str, Recipient)]) -> (Outbox, Disk) {
    let (mut outbox, mut disk) = (Outbox::default(), Disk::default());
    for (nonce, recipient) in items {
        push(&mut outbox, nonce, recipient.clone());
    }
    keep(&mut outbox, &mut disk);
    (outbox, disk)
}

/// The nonces handed out now, and when to ask again.
fn drain(outbox: &mut Outbox, now_ms: i64) -> (Vec<String>, Option<i64>) {
    let mut nonces = Vec::new();
    loop {
        match outbox.next(now_ms) {
            Some(Action::Lane(lane)) => nonces.extend(outbox.begin(&lane, now_ms).map(|post| post.nonce)),
            Some(Action::Wait { until_ms }) => return (nonces, Some(until_ms)),
            None => return (nonces, None),
        }
    }
}

fn answer(outbox: &mut Outbox, disk: &mut Disk, nonce: &str, answer: Result<i64, Failure>, now_ms: i64, random: f64) {
    let lane = outbox.items().iter().find(|i| i.nonce == nonce).unwrap().recipient.clone();
    let posted = answer.map(|conversation| posted(nonce, conversation));
    let (_, change) = outbox.answered(nonce, posted.as_ref().map_err(Clone::clone), now_ms, random).unwrap();
    if let Some(change) = change {
        disk.change(&change);
        outbox.refresh(disk.kept.clone(), now_ms);
    }
    outbox.finish(&lane);
}

fn posted(nonce: &str, conversation: i64) -> Posted {
    Posted { conversation_id: ConversationId(conversation), seq: Seq(1), nonce: nonce.into() }
}

const LATER: Failure = Failure::Later;

fn refused() -> Failure {
    Failure::Refused("Too long.".into())
}

#[test]
fn one_on_its_way_for_each_recipient_and_in_order() {
    let (mut outbox, mut disk) = outbox(&[("a", room(1)), ("b", room(1)), ("c", room(2)), ("d", room(1))]);
    assert_eq!(drain(&mut outbox, 0).0, ["a", "c"]);
    assert_eq!(drain(&mut outbox, 0).0, [""; 0]);
    answer(&mut outbox, &mut disk, "a", Ok(1), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["b"]);
    answer(&mut outbox, &mut disk, "c", Ok(2), 0, 0.0);
    answer(&mut outbox, &mut disk, "b", Ok(1), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["d"]);
    answer(&mut outbox, &mut disk, "d", Ok(1), 0, 0.0);
    assert!(outbox.items().is_empty() && disk.kept.is_empty());
}

#[test]
fn nothing_is_sent_before_it_is_on_the_disk() {
    let (mut outbox, mut disk) = (Outbox::default(), Disk::default());
    push(&mut outbox, "a", room(1));
    push(&mut outbox, "b", room(2));
    assert!(outbox.holds_unkept());
    assert_eq!(drain(&mut outbox, 0), (vec![], None));
    assert_eq!(outbox.next_to_keep().unwrap().nonce, "a");
    assert_eq!(outbox.next_to_keep(), None, "one at a time");
    outbox.stored("a", None, 0);
    assert_eq!(outbox.next_to_keep(), None, "what follows one that the disk refused stays behind it");
    assert_eq!(drain(&mut outbox, 0).0, ["a", "b"], "from memory");
    assert!(outbox.holds_unkept());
    answer(&mut outbox, &mut disk, "a", Ok(1), 0, 0.0);
    answer(&mut outbox, &mut disk, "b", Ok(2), 0, 0.0);
    push(&mut outbox, "c", room(1));
    keep(&mut outbox, &mut disk);
    assert_eq!(disk.nonces(), ["c"], "the disk is tried again");
    assert!(!outbox.holds_unkept());
}

#[test]
fn what_may_have_arrived_is_tried_again_with_its_nonce_and_first() {
    let (mut outbox, mut disk) = outbox(&[("a", room(1)), ("b", room(1))]);
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    answer(&mut outbox, &mut disk, "a", Err(LATER), 1_000, 1.0);
    assert_eq!(drain(&mut outbox, 1_000), (vec![], Some(1_500)));
    assert_eq!(drain(&mut outbox, 1_500).0, ["a"]);
    answer(&mut outbox, &mut disk, "a", Err(LATER), 2_000, 1.0);
    assert_eq!(drain(&mut outbox, 2_000), (vec![], Some(3_000)));
    outbox.hurry();
    assert_eq!(drain(&mut outbox, 2_000).0, ["a"]);
}

#[test]
fn no_number_of_lost_connections_fails_a_message_but_a_broken_server_does() {
    for (failure, fails) in [(LATER, false), (Failure::Broken("Something went wrong.".into()), true)] {
        let (mut outbox, mut disk) = outbox(&[("a", room(1))]);
        let mut now_ms = 0;
        for _ in 0..BROKEN_ATTEMPTS {
            assert_eq!(drain(&mut outbox, now_ms).0, ["a"]);
            answer(&mut outbox, &mut disk, "a", Err(failure.clone()), now_ms, 1.0);
            now_ms += 30_000;
        }
        assert_eq!(outbox.items()[0].is_failed(), fails, "{failure:?}");
        assert_eq!(disk.kept[0].record.failed.is_some(), fails, "{failure:?}");
    }
}

#[test]
fn a_refusal_holds_up_nobody_and_can_be_tried_again_or_taken_back() {
    let (mut outbox, mut disk) = outbox(&[("a", room(1)), ("b", room(1))]);
    drain(&mut outbox, 0);
    answer(&mut outbox, &mut disk, "a", Err(refused()), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["b"]);
    assert!(!disk.change(&Change::Discard { nonce: "b".into() }), "only a failed one is taken back");
    assert!(disk.change(&Change::Retry { nonce: "a".into() }));
    assert!(!disk.change(&Change::Retry { nonce: "a".into() }), "another tab was first");
    assert!(!disk.change(&Change::Discard { nonce: "a".into() }), "another tab was first");
    outbox.refresh(disk.kept.clone(), 0);
    assert_eq!(drain(&mut outbox, 0).0, [""; 0], "behind what was written since");
    answer(&mut outbox, &mut disk, "b", Ok(1), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    answer(&mut outbox, &mut disk, "a", Err(refused()), 0, 0.0);
    assert!(disk.change(&Change::Discard { nonce: "a".into() }));
    outbox.refresh(disk.kept.clone(), 0);
    assert!(outbox.items().is_empty());
    assert_eq!(outbox.answered("a", Err(LATER), 0, 0.0), None);
}

#[test]
fn what_failed_in_memory_is_tried_again_or_taken_back_there() {
    let (mut outbox, mut disk) = (Outbox::default(), Disk::default());
    push(&mut outbox, "a", room(1));
    outbox.next_to_keep();
    outbox.stored("a", None, 0);
    for _ in 0..2 {
        assert_eq!(drain(&mut outbox, 0).0, ["a"]);
        answer(&mut outbox, &mut disk, "a", Err(refused()), 0, 0.0);
        assert!(outbox.retry("a"));
    }
    drain(&mut outbox, 0);
    answer(&mut outbox, &mut disk, "a", Err(refused()), 0, 0.0);
    assert_eq!(outbox.discard("a").unwrap().content, "text of a");
    assert!(outbox.items().is_empty() && !outbox.retry("a"));
}

#[test]
fn what_the_disk_refused_is_offered_again_in_order() {
    let (mut outbox, mut disk) = (Outbox::default(), Disk::default());
    for nonce in ["a", "b"] {
        push(&mut outbox, nonce, room(1));
    }
    outbox.next_to_keep();
    outbox.stored("a", None, 0);
    assert_eq!(outbox.next_to_keep(), None);
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    assert!(!outbox.offer(), "one is on its way");
    answer(&mut outbox, &mut disk, "a", Err(LATER), 0, 1.0);
    assert!(outbox.offer() && !outbox.offer());
    keep(&mut outbox, &mut disk);
    assert_eq!(disk.nonces(), ["a", "b"]);
    assert!(!outbox.holds_unkept());
    assert_eq!(drain(&mut outbox, 30_000).0, ["a"]);
}

#[test]
fn those_behind_a_first_message_follow_it_into_its_conversation() {
    let (mut outbox, mut disk) = outbox(&[("a", name()), ("b", name())]);
    push(&mut outbox, "c", name());
    let writing = outbox.next_to_keep().unwrap();
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    answer(&mut outbox, &mut disk, "a", Ok(5), 0, 0.0);
    outbox.finish(&name());
    // It was on its way to the disk when the name became a conversation.
    disk.change(&Change::Add(writing));
    outbox.stored("c", Some(disk.kept.clone()), 0);
    assert!(disk.kept.iter().all(|k| k.record.recipient == room(5)), "{disk:?}");
    assert_eq!(drain(&mut outbox, 0).0, ["b"]);
}

#[test]
fn what_the_disk_took_without_saying_so_stays_before_what_follows() {
    let (mut outbox, mut disk) = outbox(&[("a", name())]);
    for nonce in ["b", "c"] {
        push(&mut outbox, nonce, name());
    }
    let writing = outbox.next_to_keep().unwrap();
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    answer(&mut outbox, &mut disk, "a", Ok(5), 0, 0.0);
    outbox.finish(&name());
    // On the disk it is addressed to a name still, of which the disk knows nothing any more.
    disk.change(&Change::Add(writing));
    outbox.stored("b", None, 0);
    assert_eq!(outbox.next_to_keep(), None, "what is written behind it stays in memory, too");
    outbox.refresh(disk.kept.clone(), 0);
    assert_eq!(drain(&mut outbox, 0).0, ["b"], "and not beside it what was written after it");
}

#[test]
fn a_tab_that_comes_later_finds_what_was_on_its_way_to_the_disk_in_one_lane_with_what_follows() {
    let (mut first, mut disk) = outbox(&[("a", name())]);
    for nonce in ["b", "c"] {
        push(&mut first, nonce, name());
    }
    let writing = first.next_to_keep().unwrap();
    assert_eq!(drain(&mut first, 0).0, ["a"]);
    answer(&mut first, &mut disk, "a", Ok(5), 0, 0.0);
    disk.change(&Change::Add(writing));
    first.stored("b", Some(disk.kept.clone()), 0);
    keep(&mut first, &mut disk);
    let mut second = Outbox::default();
    second.refresh(disk.kept.clone(), 0);
    assert_eq!(drain(&mut second, 0).0, ["b"], "and not \"c\" beside it");
}

#[test]
fn an_echo_ends_the_tries_unless_one_is_on_its_way() {
    let (mut outbox, mut disk) = outbox(&[("a", room(1)), ("b", room(2)), ("c", name())]);
    drain(&mut outbox, 0);
    for nonce in ["a", "c"] {
        answer(&mut outbox, &mut disk, nonce, Err(LATER), 0, 1.0);
    }
    assert_eq!(outbox.echoed("a", ConversationId(2)), None, "a nonce counts in its own conversation only");
    assert_eq!(outbox.echoed("b", ConversationId(2)), None);
    for (nonce, conversation) in [("a", 1), ("c", 5)] {
        let (_, change) = outbox.echoed(nonce, ConversationId(conversation)).unwrap();
        assert!(disk.change(&change));
    }
    assert_eq!(disk.nonces(), ["b"]);
}

#[test]
fn a_page_starts_from_what_was_kept_and_leaves_to_others_what_they_write() {
    let (_, mut disk) = outbox(&[("a", room(1)), ("b", room(2))]);
    disk.change(&Change::Fail { nonce: "b".into(), reason: "No.".into() });
    let mut second = Outbox::default();
    second.refresh(disk.kept.clone(), 0);
    assert!(second.items()[1].is_failed());
    assert_eq!(drain(&mut second, 0).0, ["a"]);
    disk.change(&Change::Add(Record { nonce: "c".into(), ..disk.kept[1].record.clone() }));
    disk.change(&Change::Retry { nonce: "b".into() });
    disk.change(&Change::Add(Record {
        nonce: "d".into(),
        recipient: room(3),
        failed: None,
        ..disk.kept[0].record.clone()
    }));
    second.refresh(disk.kept.clone(), 100);
    assert_eq!(drain(&mut second, 100), (vec!["b".into()], Some(100 + GRACE_MS)));
}

#[test]
fn what_is_written_is_read_again_and_what_another_version_wrote_is_passed_over() {
    let cases = [(room(7), None, None), (name(), None, Some("No.".to_owned())), (room(7), Some(Seq(9)), None)];
    for (recipient, reply_to, failed) in cases {
        let content = "two\nlines\n".to_owned();
        let record = Record { nonce: "n".into(), recipient, content, created_ms: 1, reply_to, named: None, failed };
        assert_eq!(Record::decode(&record.encode()), Some(record));
    }
    let two_lines = Record::decode("1\nn\nc7\n1\n\n").map(|r| Record { failed: Some("a\nb".into()), ..r }).unwrap();
    assert_eq!(Record::decode(&two_lines.encode()).unwrap().failed.as_deref(), Some("a b"));
    for other in ["", "3\nn\nc7\n1\n\nx", "2\nn\nc7\n1\n\n\nx", "1\nn\nt7\n1\n\nx", "1\nn\nc7\n1\n", "1\nn\ncx\n1\n\nx"]
    {
        assert_eq!(Record::decode(other), None, "{other:?}");
    }
}

#[test]
fn which_errors_are_tried_again() {
    let cases = [
        (ErrorCode::Unavailable, LATER),
        (ErrorCode::RateLimited, LATER),
        (ErrorCode::WrongSession, LATER),
        (ErrorCode::Internal, Failure::Broken("No.".into())),
        (ErrorCode::NotFound, Failure::Refused("No.".into())),
        (ErrorCode::ContentTooLong, Failure::Refused("No.".into())),
        (ErrorCode::NonceReused, Failure::Refused("No.".into())),
    ];
    for (code, expected) in cases {
        assert_eq!(Failure::from(&ApiError::new(code, "No.")), expected, "{code:?}");
    }
}
