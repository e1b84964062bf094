//! Each fault, put into the history of a server that keeps its word.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;

use super::{PEOPLE, history, steps};
use crate::History;
use crate::history::{Contradiction, Entry, Op, Outcome, Stretch, View, ViewKind};
use crate::judge::judge;
use crate::stamp::OpId;

/// A fault: puts itself into a history at a place of choice; whether there was a place.
type Mutation = fn(&mut History, &Index) -> bool;

const MUTATIONS: [(&str, &str, Mutation); 23] = [
    ("an acknowledged post is gone from the log", "lost", |history, at| {
        let Some((_, conversation, seq)) = acknowledged(history, at) else { return false };
        // As if another had its number.
        let entry = Entry::Membership { digest: 77 };
        replace_everywhere(history, conversation, seq, Some(entry));
        history.counts.retain(|count| count.conversation != conversation);
        true
    }),
    ("an acknowledged post leaves a hole", "lost", |history, at| {
        let Some((_, conversation, seq)) = acknowledged(history, at) else { return false };
        replace_everywhere(history, conversation, seq, None);
        history.counts.retain(|count| count.conversation != conversation);
        true
    }),
    ("a live reader misses one", "lost", |history, at| drop_sighting(history, at, live)),
    ("an event-list misses one", "lost", |history, at| drop_sighting(history, at, |kind| kind == ViewKind::Events)),
    ("a message-list misses one", "lost", |history, at| drop_sighting(history, at, |kind| kind == ViewKind::Messages)),
    ("a log says that it is longer than it is", "lost", |history, at| {
        let conversation = at.index(history.conversations.len());
        for view in &mut history.conversations[conversation].views {
            view.end += u32::from(view.kind == ViewKind::Events);
        }
        history.counts.retain(|count| count.conversation as usize != conversation);
        true
    }),
    ("a post is acknowledged that is nowhere", "lost", |history, at| {
        let absent = |op: &Op| matches!(op.outcome, Outcome::Failed { .. });
        let Some(op) = pick(history, at, absent) else { return false };
        let op = &mut history.writers[op.writer as usize].ops[op.n as usize];
        let end = history.conversations[op.conversation as usize].views.iter().map(|view| view.end).max();
        op.outcome = Outcome::Acknowledged { seq: end.unwrap() + 5, at_us: op.invoked_us + 1 };
        true
    }),
    ("a post that was shown is gone again", "lost", |history, at| {
        let unknown = |op: &Op| op.outcome == Outcome::Abandoned;
        let Some(id) = pick(history, at, unknown) else { return false };
        let op = history.writers[id.writer as usize].ops[id.n as usize];
        let of = &mut history.conversations[op.conversation as usize];
        let last = of.views.iter().map(|view| view.end).max().unwrap();
        let in_log = of.book.contains(&Some(Entry::Message(id)));
        let view = of.views.iter_mut().find(|view| live(view.kind)).unwrap();
        view.saw(last + 1, 0, Some(Entry::Message(id)));
        !in_log
    }),
    ("a live reader gets one twice", "doubled", |history, at| {
        let Some((view, index, _)) = sighting(history, at, live) else { return false };
        let again = view.stretches[index];
        let last = again.first + again.length - 1;
        view.stretches.insert(index + 1, Stretch { first: last, length: 1, ..again });
        true
    }),
    ("a live reader gets one of before its first cursor", "doubled", |history, at| {
        let conversation = at.index(history.conversations.len());
        let of = &mut history.conversations[conversation];
        let baseline = of.baseline;
        of.views[0].saw(baseline, 0, Some(Entry::Foreign { digest: 5 }));
        baseline > 0
    }),
    ("a post stands in the log twice", "doubled", |history, at| {
        let Some((id, conversation, _)) = acknowledged(history, at) else { return false };
        append_everywhere(history, conversation, Entry::Message(id));
        true
    }),
    ("a duplicate is answered with another number", "doubled", |history, at| {
        let Some((op, _, first)) = acknowledged(history, at) else { return false };
        history.contradictions.push(Contradiction::OtherSeq { op, first, then: first + 1 });
        true
    }),
    ("an earlier post stands after a later one", "reordered", |history, at| {
        let Some((_, conversation, seq)) = acknowledged(history, at) else { return false };
        let of = &history.conversations[conversation as usize];
        let index = of.index(seq).unwrap();
        // The next in the log was begun after this one was acknowledged: they change places.
        let (Some(Some(Entry::Message(one))), Some(Some(Entry::Message(other)))) =
            (of.book.get(index).copied(), of.book.get(index + 1).copied())
        else {
            return false;
        };
        for (id, to) in [(one, seq + 1), (other, seq)] {
            replace_everywhere(history, conversation, to, Some(Entry::Message(id)));
            let op = &mut history.writers[id.writer as usize].ops[id.n as usize];
            if let Outcome::Acknowledged { seq, .. } = &mut op.outcome {
                *seq = to;
            }
        }
        true
    }),
    ("a live reader gets one after the next", "reordered", |history, at| {
        let Some((view, index, _)) = sighting(history, at, live) else { return false };
        let of = view.stretches[index];
        if of.length < 2 {
            return false;
        }
        let one = |first| Stretch { first, length: 1, ..of };
        let rest = Stretch { first: of.first + 2, length: of.length - 2, ..of };
        view.stretches.splice(index..=index, [one(of.first + 1), one(of.first)]);
        if rest.length > 0 {
            view.stretches.insert(index + 2, rest);
        }
        true
    }),
    ("a post stands there that nobody made", "phantom", |history, at| {
        let conversation = at.index(history.conversations.len()) as u32;
        append_everywhere(history, conversation, Entry::Message(OpId { writer: 0, n: 9_999 }));
        true
    }),
    ("a post stands there with another text", "phantom", |history, at| {
        let Some((op, conversation, seq)) = acknowledged(history, at) else { return false };
        replace_everywhere(history, conversation, seq, Some(Entry::Altered { op, digest: 1 }));
        true
    }),
    ("a live reader sees another text", "phantom", |history, at| {
        let Some((op, conversation, seq)) = acknowledged(history, at) else { return false };
        replace(history, conversation, seq, Some(Entry::Altered { op, digest: 1 }), |view| {
            view.kind == ViewKind::Live { reader: 1 }
        });
        true
    }),
    ("a refused post stands there", "phantom", |history, at| {
        let Some(id) = pick(history, at, |op| matches!(op.outcome, Outcome::Failed { .. })) else { return false };
        let conversation = history.writers[id.writer as usize].ops[id.n as usize].conversation;
        append_everywhere(history, conversation, Entry::Message(id));
        true
    }),
    ("an acknowledgement names another number", "phantom", |history, at| {
        let Some((id, ..)) = acknowledged(history, at) else { return false };
        match &mut history.writers[id.writer as usize].ops[id.n as usize].outcome {
            Outcome::Acknowledged { seq, .. } => *seq += 1,
            _ => return false,
        }
        true
    }),
    ("a valid post is refused for good", "refused", |history, at| {
        let Some(id) = pick(history, at, |op| matches!(op.outcome, Outcome::Failed { .. })) else { return false };
        history.writers[id.writer as usize].ops[id.n as usize].must_be_refused = false;
        true
    }),
    ("an invalid post is refused as nobody's", "refused", |history, at| {
        let Some(id) = pick(history, at, |op| matches!(op.outcome, Outcome::Failed { .. })) else { return false };
        history.writers[id.writer as usize].ops[id.n as usize].outcome = Outcome::Failed { status: 401 };
        true
    }),
    ("a post is refused when it is tried again", "refused", |history, at| {
        let Some((op, ..)) = acknowledged(history, at) else { return false };
        history.contradictions.push(Contradiction::Refused { op, status: 409 });
        true
    }),
    ("a post is never answered", "unanswered", |history, at| {
        let Some(id) = pick(history, at, |op| op.outcome == Outcome::Abandoned) else { return false };
        history.writers[id.writer as usize].ops[id.n as usize].outcome = Outcome::Unknown;
        true
    }),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn each_fault_is_found_in_its_class(steps in steps(), at in any::<Index>()) {
        let sound = history(&steps);
        for (name, class, mutate) in MUTATIONS {
            let mut broken = sound.clone();
            if mutate(&mut broken, &at) {
                let verdict = judge(&broken);
                prop_assert_eq!(verdict.classes(), [class], "{}\n{}", name, verdict);
            }
        }
    }

    #[test]
    fn a_wrong_count_is_found(steps in steps(), at in any::<Index>(), field in 0..3) {
        let mut broken = history(&steps);
        let at = at.index(broken.counts.len());
        let count = &mut broken.counts[at];
        match field {
            0 => count.unread += 1,
            1 => count.last_seq += 1,
            _ => count.marked += 1,
        }
        prop_assert_eq!(judge(&broken).classes(), ["miscounted"]);
    }
}

/// Every fault finds a place in some history: none of them passes for want of one.
#[test]
fn each_fault_has_its_place() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut struck = [0; MUTATIONS.len()];
    for _ in 0..200 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let at = any::<Index>().new_tree(&mut runner).unwrap().current();
        for (count, (.., mutate)) in struck.iter_mut().zip(MUTATIONS) {
            *count += u32::from(mutate(&mut history(&steps), &at));
        }
    }
    let rare: Vec<_> = MUTATIONS.iter().zip(struck).filter(|(_, count)| *count < 10).map(|(m, n)| (m.0, n)).collect();
    assert!(rare.is_empty(), "{rare:?}");
}

fn live(kind: ViewKind) -> bool {
    matches!(kind, ViewKind::Live { .. })
}

fn pick(history: &History, at: &Index, wanted: impl Fn(&Op) -> bool) -> Option<OpId> {
    let mut ids = Vec::new();
    for (writer, ops) in (0_u32..).zip(history.writers.iter().map(|writer| &writer.ops)) {
        let found = (0_u32..).zip(ops).filter(|(_, op)| wanted(op)).map(|(n, _)| OpId { writer, n });
        ids.extend(found);
    }
    (!ids.is_empty()).then(|| ids[at.index(ids.len())])
}

fn acknowledged(history: &History, at: &Index) -> Option<(OpId, u32, u32)> {
    let id = pick(history, at, |op| matches!(op.outcome, Outcome::Acknowledged { .. }))?;
    let op = history.writers[id.writer as usize].ops[id.n as usize];
    let Outcome::Acknowledged { seq, .. } = op.outcome else { return None };
    Some((id, op.conversation, seq))
}

/// A stretch of one of the views that are wanted.
fn sighting<'a>(
    history: &'a mut History,
    at: &Index,
    wanted: fn(ViewKind) -> bool,
) -> Option<(&'a mut View, usize, u32)> {
    let mut views: Vec<&mut View> = history
        .conversations
        .iter_mut()
        .flat_map(|of| &mut of.views)
        .filter(|view| wanted(view.kind) && !view.stretches.is_empty())
        .collect();
    let view = (!views.is_empty()).then(|| views.swap_remove(at.index(views.len())))?;
    let index = at.index(view.stretches.len());
    let first = view.stretches[index].first;
    Some((view, index, first))
}

fn drop_sighting(history: &mut History, at: &Index, wanted: fn(ViewKind) -> bool) -> bool {
    let Some((view, index, _)) = sighting(history, at, wanted) else { return false };
    let stretch = view.stretches[index];
    view.stretches.remove(index);
    if stretch.length > 1 {
        let rest = Stretch { first: stretch.first + 1, length: stretch.length - 1, ..stretch };
        view.stretches.insert(index, rest);
    }
    true
}

/// What all views have at a number becomes something else, or nothing.
fn replace_everywhere(history: &mut History, conversation: u32, seq: u32, entry: Option<Entry>) {
    replace(history, conversation, seq, entry, |_| true);
    let of = &mut history.conversations[conversation as usize];
    // A book that agrees: the views hold what differs by themselves, and the judge must not care which.
    let index = of.index(seq).unwrap();
    of.book[index] = entry;
}

fn replace(history: &mut History, conversation: u32, seq: u32, entry: Option<Entry>, wanted: fn(&View) -> bool) {
    let of = &mut history.conversations[conversation as usize];
    for view in of.views.iter_mut().filter(|view| wanted(view)) {
        let Some(index) = view.stretches.iter().position(|s| (s.first..s.first + s.length).contains(&seq)) else {
            continue;
        };
        let stretch = view.stretches[index];
        let part = |first, end| Stretch { first, length: end - first, ..stretch };
        let mut parts = vec![part(stretch.first, seq), part(seq + 1, stretch.first + stretch.length)];
        // A message-list does not show who joined.
        let shown = entry.is_some_and(|e| !matches!(e, Entry::Membership { .. }) || view.kind != ViewKind::Messages);
        if shown {
            parts.insert(1, Stretch { first: seq, length: 1, epoch: 0, other: entry });
        }
        parts.retain(|part| part.length > 0);
        view.stretches.splice(index..=index, parts);
    }
}

/// One more entry at a log's end, for all to see and counted.
fn append_everywhere(history: &mut History, conversation: u32, entry: Entry) {
    let of = &mut history.conversations[conversation as usize];
    let seq = of.views.iter().map(|view| view.end).max().unwrap() + 1;
    for index in 0..of.views.len() {
        let other = of.claim(seq, entry);
        of.views[index].saw(seq, 0, other);
        if !live(of.views[index].kind) {
            of.views[index].end = seq;
        }
    }
    let Entry::Message(id) = entry else { return };
    assert!(id.writer < PEOPLE);
    // One that was never invoked is nobody's own.
    let known = (id.n as usize) < history.writers[id.writer as usize].ops.len();
    for count in history.counts.iter_mut().filter(|count| count.conversation == conversation) {
        count.last_seq += 1;
        count.unread += i64::from(!known || count.person != id.writer);
    }
}
