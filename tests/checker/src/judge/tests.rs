//! Random histories of a server that keeps its word pass; each single fault that is put into one is found, in its
//! class.

mod groups;
mod mutations;

use proptest::prelude::*;

use super::judge;
use crate::History;
use crate::history::{Conversation, Count, Entry, Op, Outcome, View, ViewKind, Writer};
use crate::stamp::{OpId, Stamp};

/// What a step of the model does.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A writer's post; where it goes, and how it is answered.
    Post { writer: u32, conversation: u32, answer: Answer },
    /// A reader gets what it lacks of a conversation.
    Deliver { reader: u32, conversation: u32 },
    /// Somebody joins.
    Join { conversation: u32 },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Acknowledged,
    /// Stored, and nobody was told.
    Lost,
    /// Not stored, and nobody was told.
    NotStored,
    Refused,
}

pub(super) const PEOPLE: u32 = 3;
const CONVERSATIONS: u32 = 2;

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let answer = prop_oneof![
        8 => Just(Answer::Acknowledged), 1 => Just(Answer::Lost), 1 => Just(Answer::NotStored), 1 => Just(Answer::Refused)
    ];
    let step = prop_oneof![
        8 => (0..PEOPLE, 0..CONVERSATIONS, answer)
            .prop_map(|(writer, conversation, answer)| Step::Post { writer, conversation, answer }),
        4 => (0..PEOPLE, 0..CONVERSATIONS).prop_map(|(reader, conversation)| Step::Deliver { reader, conversation }),
        1 => (0..CONVERSATIONS).prop_map(|conversation| Step::Join { conversation }),
    ];
    prop::collection::vec(step, 0..80)
}

/// The history of a server that keeps its word. Everybody is in every conversation, writes and reads live.
pub(super) fn history(steps: &[Step]) -> History {
    let mut history = History { stamp: Stamp(1), ..History::default() };
    history.people = (0..PEOPLE).map(|n| format!("user{n}")).collect();
    history.writers = (0..PEOPLE).map(|person| Writer { person, ..Writer::default() }).collect();
    for id in 0..CONVERSATIONS {
        let views = (0..PEOPLE).map(|person| View::new(person, ViewKind::Live { reader: person })).collect();
        let baseline = id * 7;
        history.conversations.push(Conversation { id: i64::from(id), baseline, views, ..Conversation::default() });
    }
    // The logs as they are; at index i what stands at baseline + 1 + i.
    let mut logs: Vec<Vec<Entry>> = vec![Vec::new(); CONVERSATIONS as usize];
    for (time, step) in (1_u64..).zip(steps) {
        match *step {
            Step::Post { writer, conversation, answer } => {
                let ops = &mut history.writers[writer as usize].ops;
                let id = OpId { writer, n: ops.len() as u32 };
                let log = &mut logs[conversation as usize];
                let seq = history.conversations[conversation as usize].baseline + 1 + log.len() as u32;
                let outcome = match answer {
                    Answer::Acknowledged => Outcome::Acknowledged { seq, at_us: time * 10 + 5 },
                    Answer::Lost | Answer::NotStored => Outcome::Abandoned,
                    Answer::Refused => Outcome::Failed { status: 400 },
                };
                if matches!(answer, Answer::Acknowledged | Answer::Lost) {
                    log.push(Entry::Message(id));
                }
                let must_be_refused = matches!(answer, Answer::Refused);
                ops.push(Op { conversation, invoked_us: time * 10, must_be_refused, outcome });
            }
            Step::Deliver { reader, conversation } => deliver(&mut history, &logs, reader, conversation),
            Step::Join { conversation } => logs[conversation as usize].push(Entry::Membership { digest: time as u32 }),
        }
    }
    finish(&mut history, &logs);
    history
}

fn deliver(history: &mut History, logs: &[Vec<Entry>], reader: u32, conversation: u32) {
    let of = &mut history.conversations[conversation as usize];
    let mut view = of.views[reader as usize].clone();
    let seen: u32 = view.stretches.iter().map(|stretch| stretch.length).sum();
    for (index, entry) in (0_u32..).zip(&logs[conversation as usize]).skip(seen as usize) {
        let seq = of.baseline + 1 + index;
        view.saw(seq, 0, of.claim(seq, *entry));
    }
    of.views[reader as usize] = view;
}

/// All readers come to the end, and lists and counts are read.
fn finish(history: &mut History, logs: &[Vec<Entry>]) {
    for conversation in 0..CONVERSATIONS {
        for reader in 0..PEOPLE {
            deliver(history, logs, reader, conversation);
        }
        let of = &mut history.conversations[conversation as usize];
        let log = &logs[conversation as usize];
        let last = of.baseline + log.len() as u32;
        for (person, kind) in [0, 1].into_iter().flat_map(|p| [(p, ViewKind::Events), (p, ViewKind::Messages)]) {
            let mut view = View { end: last, ..View::new(person, kind) };
            for (seq, entry) in (of.baseline + 1..).zip(log) {
                if kind == ViewKind::Events || matches!(entry, Entry::Message(_)) {
                    view.saw(seq, 0, of.claim(seq, *entry));
                }
            }
            of.views.push(view);
        }
        for person in 0..PEOPLE {
            let of_others = |entry: &&Entry| matches!(entry, Entry::Message(id) if id.writer != person);
            let unread = log.iter().filter(of_others).count().min(1_000) as i64;
            let (last_seq, read_seq) = (i64::from(last), i64::from(of.baseline));
            let marked = of.baseline;
            let by_ready = person == 0;
            history.counts.push(Count { person, conversation, by_ready, last_seq, read_seq, unread, marked });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_server_that_keeps_its_word_passes(steps in steps()) {
        let verdict = judge(&history(&steps));
        prop_assert!(verdict.is_clean(), "{}", verdict);
    }
}

#[test]
fn nothing_read_is_nothing_judged() {
    let mut history = history(&[Step::Post { writer: 0, conversation: 0, answer: Answer::Acknowledged }]);
    history.conversations[0].views.retain(|view| view.kind != ViewKind::Events);
    assert_eq!(judge(&history).classes(), ["unjudged"]);
}

#[test]
fn judging_a_million_takes_little() {
    let post = |n: u32| Step::Post { writer: n % PEOPLE, conversation: n / 3 % 2, answer: Answer::Acknowledged };
    let history = history(&(0..1_000_000).map(post).collect::<Vec<_>>());
    let began = std::time::Instant::now();
    let verdict = judge(&history);
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!((verdict.acknowledged, verdict.seen_live), (1_000_000, 3_000_000));
    // About 50 ms in a release build; this bound only tells a quadratic judge from a linear one.
    assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
}
