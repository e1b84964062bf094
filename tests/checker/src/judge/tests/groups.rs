//! A group's history, written out: what the judge says of changes, and of people who come and go, in the smallest cases.
//! Long because each fault stands beside the sound history that it is put into.

use std::collections::HashMap;

use crate::History;
use crate::history::{
    Change, Contradiction, Conversation, Count, Entry, Inbox, InboxEntry, Kind, Move, Op, Outcome, Spell, SpellEnd,
    State, Text, View, ViewKind, Writer,
};
use crate::judge::judge;
use crate::stamp::{ChangeId, EMOJI, OpId, Stamp, reaction};

/// The manager, who writes; and somebody who goes at 3, comes back at 5, and reads live.
const MANAGER: u32 = 0;
const COMER: u32 = 1;
const FIRST: OpId = OpId { writer: MANAGER, n: 0 };
const SECOND: OpId = OpId { writer: MANAGER, n: 1 };
const EDIT: ChangeId = ChangeId { writer: MANAGER, n: 0 };

/// A post, its deletion, going, a post, coming, an edit of the second post, a reaction to it.
fn log() -> [Entry; 7] {
    [
        Entry::Message(FIRST),
        Entry::Change { of: 1 },
        Entry::Member { person: COMER, is_in: false },
        Entry::Message(SECOND),
        Entry::Member { person: COMER, is_in: true },
        Entry::Message(OpId { writer: MANAGER, n: 2 }),
        Entry::Change { of: 6 },
    ]
}

fn states() -> HashMap<u32, State> {
    let gone = State { version: 2, text: Text::Gone, ..State::posted(1) };
    let edited = State { version: 7, text: Text::Edited(EDIT), is_edited: true, ..State::posted(6) };
    [(1, gone), (6, edited)].into()
}

fn sound() -> History {
    let op = |seq| Op {
        conversation: 0,
        invoked_us: u64::from(seq) * 10,
        must_be_refused: false,
        outcome: Outcome::Acknowledged { seq, at_us: u64::from(seq) * 10 + 5 },
    };
    let change = |kind, n: u32, of, version: u32| {
        let at_us = u64::from(version) * 10 + 5;
        let outcome = Outcome::Acknowledged { seq: version, at_us };
        let target = OpId { writer: MANAGER, n };
        let (invoked_us, answered_us) = (u64::from(version) * 10, at_us);
        let (conversation, is_retried, refused) = (0, false, None);
        Change { conversation, target, of, kind, invoked_us, outcome, answered_us, is_retried, refused }
    };
    let changes = vec![change(Kind::Edit, 2, 6, 7), change(Kind::Delete, 0, 1, 2)];
    let ops = vec![op(1), op(4), op(6)];
    let mut of = Conversation { id: 9, comers: vec![COMER], ..Conversation::default() };
    of.members = vec![(MANAGER, vec![MANAGER, COMER]), (COMER, vec![MANAGER, COMER])];
    of.versions = states().into_iter().map(|(seq, state)| ((seq, state.version), (state, MANAGER))).collect();
    let spans = |person: u32| if person == COMER { vec![(0, 1..=3), (1, 5..=7)] } else { vec![(0, 1..=7)] };
    for (person, kind) in [MANAGER, COMER].into_iter().flat_map(|person| {
        [(person, ViewKind::Live { reader: person }), (person, ViewKind::Events), (person, ViewKind::Messages)]
    }) {
        let mut view = View { end: 7, ..View::new(person, kind) };
        let is_live = matches!(kind, ViewKind::Live { .. });
        for (epoch, span) in spans(person).into_iter().filter(|(_, span)| is_live || span.contains(&7)) {
            for seq in span.clone() {
                let entry = log()[seq as usize - 1];
                if kind != ViewKind::Messages || entry.is_message() {
                    let other = of.claim(seq, entry);
                    view.saw(seq, if is_live { epoch } else { 0 }, other);
                }
            }
            let first = *span.start();
            view.states = states().into_iter().filter(|(of, _)| *of >= first).collect();
        }
        if person == COMER && is_live {
            let spell = |epoch, end| Spell { epoch, end };
            view.spells = vec![spell(0, SpellEnd::Told), spell(1, SpellEnd::Open)];
            view.members = Some(vec![MANAGER, COMER]);
        }
        of.views.push(view);
    }
    let count = |person, read_seq, unread| Count {
        person,
        conversation: 0,
        by_ready: true,
        last_seq: 7,
        read_seq,
        unread,
        marked: 0,
    };
    let goes =
        Move { conversation: 0, person: COMER, is_in: false, is_acknowledged: true, refused: None, read_seq: None };
    let told = |seq, is_create| InboxEntry { seq, conversation: 0, is_create, is_replayed: false };
    History {
        stamp: Stamp(1),
        people: vec!["manager".into(), "comer".into()],
        ids: vec![1, 2],
        writers: vec![Writer { person: MANAGER, ops, changes }, Writer { person: COMER, ..Writer::default() }],
        conversations: vec![of],
        counts: vec![count(MANAGER, 6, 0), count(COMER, 5, 1)],
        moves: vec![goes, Move { is_in: true, read_seq: Some(5), ..goes }],
        inboxes: vec![Inbox { person: COMER, entries: vec![told(2, false), told(3, true)], begin: 1, is_whole: true }],
        ..History::default()
    }
}

/// The comer's live view.
fn live(history: &mut History) -> &mut View {
    &mut history.conversations[0].views[3]
}

fn edit(history: &mut History) -> &mut Change {
    &mut history.writers[0].changes[0]
}

type Fault = (&'static str, &'static str, fn(&mut History));

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let verdict = judge(&sound());
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!((verdict.changed, verdict.moved), (2, 2));
}

#[test]
fn each_fault_is_found_in_its_class() {
    let faults: &[Fault] = &[
        ("a change more was acknowledged", "lost", |history| {
            let again = *edit(history);
            history.writers[0].changes.push(again);
        }),
        ("a change less was made", "phantom", |history| {
            history.writers[0].changes.pop();
            history.conversations[0].versions.remove(&(1, 2));
        }),
        ("a change was refused that was made", "doubled", |history| {
            edit(history).outcome = Outcome::Failed { status: 404 };
            history.conversations[0].versions.clear();
        }),
        ("a change is acknowledged as another version", "phantom", |history| {
            edit(history).outcome = Outcome::Acknowledged { seq: 5, at_us: 75 };
        }),
        ("a change is acknowledged before what stands before it is begun", "reordered", |history| {
            edit(history).outcome = Outcome::Acknowledged { seq: 7, at_us: 50 };
        }),
        ("a change was never answered", "unanswered", |history| edit(history).outcome = Outcome::Unknown),
        ("a change was refused when it was tried again", "refused", |history| {
            (edit(history).outcome, edit(history).refused) = (Outcome::Abandoned, Some(404));
        }),
        ("a text that nobody wrote", "phantom", |history| {
            for (state, _) in history.conversations[0].versions.values_mut() {
                state.text = Text::Edited(ChangeId { writer: MANAGER, n: 77 });
            }
        }),
        ("an edited text that is not marked so", "diverged", |history| {
            if let Some((state, _)) = history.conversations[0].versions.get_mut(&(6, 7)) {
                state.is_edited = false;
            }
        }),
        ("somebody holds an older version", "diverged", |history| {
            live(history).states.remove(&6);
        }),
        ("somebody holds another text", "diverged", |history| {
            live(history).states.insert(6, State { version: 7, ..State::posted(6) });
        }),
        ("somebody holds a reaction that nobody made", "diverged", |history| {
            let held = live(history).states.get_mut(&6).unwrap();
            held.reactions = reaction(EMOJI[0], 1);
        }),
        ("somebody holds what is deleted", "revived", |history| {
            let posted = State { version: 2, ..State::posted(1) };
            history.conversations[0].views[0].states.insert(1, posted);
        }),
        ("a version is not the same to all", "diverged", |history| {
            let (conversation, first, then) = (0, MANAGER, COMER);
            history.contradictions.push(Contradiction::Diverged { conversation, of: 6, version: 7, first, then });
        }),
        ("what is deleted counts as unread", "miscounted", |history| {
            (history.counts[0].read_seq, history.counts[0].unread) = (0, 1);
        }),
        ("going was acknowledged and is not in the log", "lost", |history| {
            let again = history.moves[0];
            history.moves.push(again);
        }),
        ("going is in the log and nobody did it", "doubled", |history| {
            history.moves.remove(0);
        }),
        ("who goes is not told of it", "lost", |history| live(history).stretches[0].length = 2),
        ("who goes is told nothing at all", "lost", |history| {
            live(history).stretches.remove(0);
        }),
        ("who is gone is told more", "leaked", |history| live(history).saw(4, 0, None)),
        ("who comes is not told what follows", "lost", |history| live(history).stretches[1].length = 2),
        ("who comes is never told of it", "lost", |history| {
            live(history).stretches.remove(1);
            live(history).spells.pop();
        }),
        ("a list shows what was before coming", "leaked", |history| {
            history.conversations[0].views[4].stretches[0] =
                crate::history::Stretch { first: 4, length: 4, epoch: 0, other: None };
        }),
        ("the inbox does not tell of going", "lost", |history| {
            history.inboxes[0].entries.remove(0);
        }),
        ("the inbox tells of it twice", "doubled", |history| {
            let again = history.inboxes[0].entries[1];
            history.inboxes[0].entries.push(again);
        }),
        ("the inbox says the contrary", "phantom", |history| history.inboxes[0].entries[0].is_create = true),
        ("a list of members lacks somebody", "diverged", |history| {
            history.conversations[0].members[0].1 = vec![MANAGER];
        }),
        ("somebody has other members by the events", "diverged", |history| {
            live(history).members = Some(vec![MANAGER]);
        }),
        ("who comes back finds the mark of before", "miscounted", |history| history.moves[1].read_seq = Some(2)),
        ("who is gone is answered", "leaked", |history| {
            history.contradictions.push(Contradiction::Shown { conversation: 0, person: COMER, how: "READY" });
        }),
    ];
    for (name, class, fault) in faults {
        let mut history = sound();
        fault(&mut history);
        let verdict = judge(&history);
        assert_eq!(verdict.classes(), [*class], "{name}\n{verdict}");
    }
}

#[test]
fn who_was_away_need_not_have_been_told_of_going() {
    let mut history = sound();
    live(&mut history).stretches[0].length = 2;
    live(&mut history).spells[0].end = SpellEnd::Away;
    let verdict = judge(&history);
    assert!(verdict.is_clean(), "{verdict}");
}

/// One whose change was left without an answer may find it made or not.
#[test]
fn an_unknown_change_is_made_or_not() {
    for is_made in [true, false] {
        let mut history = sound();
        edit(&mut history).outcome = Outcome::Abandoned;
        if !is_made {
            let of = &mut history.conversations[0];
            of.book.truncate(6);
            of.versions.remove(&(6, 7));
            for view in &mut of.views {
                (view.end, view.states) = (6, view.states.drain().filter(|(seq, _)| *seq == 1).collect());
                if let Some(last) = view.stretches.last_mut().filter(|last| last.first + last.length == 8) {
                    last.length -= 1;
                }
            }
            history.counts.iter_mut().for_each(|count| count.last_seq = 6);
        }
        let verdict = judge(&history);
        assert!(verdict.is_clean(), "{is_made}\n{verdict}");
    }
}
