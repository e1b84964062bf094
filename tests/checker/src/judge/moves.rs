//! Coming and going: what was acknowledged against the log, the inboxes, and who is in a group in the end.

use std::collections::{HashMap, HashSet};

use super::log::Log;
use super::spans::Spans;
use super::{Verdict, named, person};
use crate::History;
use crate::history::{Entry, Inbox, Move};

/// Moves of one person in one conversation.
#[derive(Default)]
struct Moves {
    acknowledged: u64,
    unsure: u64,
}

type ByPerson = HashMap<(u32, u32), Moves>;

/// Answers whose moves are missing, or too many, and where: what they were shown from outside says no more.
pub(super) fn judge(
    history: &History,
    logs: &[Option<Log>],
    spans: &[Spans],
    verdict: &mut Verdict,
) -> HashSet<(u32, u32)> {
    let mut bad = HashSet::new();
    let moves = moves(history, verdict);
    let mut entries: HashMap<(u32, u32), Vec<(u32, bool)>> = HashMap::new();
    for ((index, log), conversation) in logs.iter().enumerate().zip(&history.conversations) {
        let Some(log) = log.as_ref().filter(|_| !conversation.comers.is_empty()) else { continue };
        let at = u32::try_from(index).unwrap_or(u32::MAX);
        for comer in &conversation.comers {
            entries.entry((at, *comer)).or_default();
        }
        for (seq, entry) in log.numbered() {
            if let Entry::Member { person, is_in } = entry
                && let Some(entries) = entries.get_mut(&(at, person))
            {
                entries.push((seq, is_in));
            }
        }
        let present = spans[index].present();
        for (by, members) in &conversation.members {
            let told: Vec<u32> =
                members.iter().copied().filter(|member| conversation.comers.contains(member)).collect();
            if told != present {
                verdict.diverged.add(|| {
                    let names =
                        |people: &[u32]| people.iter().map(|p| person(history, *p)).collect::<Vec<_>>().join(", ");
                    let (whose, told, present) = (person(history, *by), names(&told), names(&present));
                    format!(
                        "{}: the member-list of {whose} names {told}; by the log there are {present}",
                        named(history, index)
                    )
                });
            }
        }
    }
    for ((conversation, who), entries) in &entries {
        let index = usize::try_from(*conversation).unwrap_or(usize::MAX);
        let none = Moves::default();
        let Moves { acknowledged, unsure } = moves.get(&(*conversation, *who)).unwrap_or(&none);
        let place = || format!("{}: {}", named(history, index), person(history, *who));
        let found = entries.len() as u64;
        let said =
            || format!("{} came and went {acknowledged} times, as was acknowledged; in the log {found} times", place());
        verdict.lost.add_many(acknowledged.saturating_sub(found), said);
        verdict.doubled.add_many(found.saturating_sub(acknowledged + unsure), said);
        let is_counted = (*acknowledged..=acknowledged + unsure).contains(&found);
        if is_counted {
            arrivals(history, *conversation, *who, entries, verdict);
        } else {
            bad.insert((*conversation, *who));
        }
        // All are in it at first.
        let strange =
            entries.iter().zip([false, true].into_iter().cycle()).find(|((_, is_in), wanted)| is_in != wanted);
        if let (Some(((seq, _), _)), true) = (strange, is_counted) {
            verdict.phantom.add(|| format!("{} comes or goes twice, the second time at seq {seq}", place()));
        }
        for inbox in history.inboxes.iter().filter(|inbox| inbox.person == *who && inbox.is_whole) {
            self::inbox(history, inbox, *conversation, entries, *unsure, verdict);
        }
    }
    bad
}

/// Who comes back starts over: nothing of before is marked as unread.
fn arrivals(history: &History, conversation: u32, who: u32, entries: &[(u32, bool)], verdict: &mut Verdict) {
    let theirs = |m: &&Move| (m.conversation, m.person, m.is_in) == (conversation, who, true);
    let arrivals = entries.iter().filter(|(_, is_in)| *is_in);
    for ((seq, _), arrival) in arrivals.zip(history.moves.iter().filter(theirs)) {
        if let Some(read_seq) = arrival.read_seq.filter(|read_seq| *read_seq < i64::from(*seq)) {
            let index = usize::try_from(conversation).unwrap_or(usize::MAX);
            verdict.miscounted.add(|| {
                let who = person(history, who);
                format!("{}: {who} came at seq {seq}, and their read mark was at {read_seq}", named(history, index))
            });
        }
    }
}

fn moves(history: &History, verdict: &mut Verdict) -> ByPerson {
    let mut by_person = ByPerson::new();
    for Move { conversation, person: who, is_in, is_acknowledged, refused, .. } in &history.moves {
        let moves = by_person.entry((*conversation, *who)).or_default();
        let said = || {
            let index = usize::try_from(*conversation).unwrap_or(usize::MAX);
            let what = if *is_in { "coming" } else { "going" };
            format!("{}: the {what} of {}", named(history, index), person(history, *who))
        };
        if *is_acknowledged {
            moves.acknowledged += 1;
            verdict.moved += 1;
        } else {
            moves.unsure += 1;
            match refused {
                Some(status) => verdict.refused.add(|| format!("{} was refused with {status}", said())),
                None => verdict.unanswered.add(|| format!("{} was never answered", said())),
            }
        }
    }
    by_person
}

/// What a reader's inbox said of a group, against when they came and went.
fn inbox(
    history: &History,
    inbox: &Inbox,
    conversation: u32,
    entries: &[(u32, bool)],
    unsure: u64,
    verdict: &mut Verdict,
) {
    let index = usize::try_from(conversation).unwrap_or(usize::MAX);
    let place = || format!("{} in the inbox of {}", named(history, index), person(history, inbox.person));
    let told: Vec<_> = inbox.entries.iter().filter(|entry| entry.conversation == conversation).collect();
    for pair in told.windows(2) {
        if pair[0].seq == pair[1].seq {
            verdict.doubled.add(|| format!("{}: its entry {} twice", place(), pair[0].seq));
        } else if pair[0].seq > pair[1].seq {
            verdict.reordered.add(|| format!("{}: {} after {}", place(), pair[1].seq, pair[0].seq));
        }
    }
    let (found, wanted) = (told.len() as u64, entries.len() as u64);
    let said = || format!("{}: {found} entries, of {wanted} times that they came or went", place());
    // One that was never answered may be too late for the end.
    verdict.lost.add_many(wanted.saturating_sub(found + unsure), said);
    verdict.doubled.add_many(found.saturating_sub(wanted), said);
    // What is read from the store says how things stand then: gone again, perhaps.
    let is_wrong = |(told, (_, is_in)): &(&&crate::history::InboxEntry, &(u32, bool))| told.is_create && !is_in;
    if found == wanted
        && let Some((told, _)) = told.iter().zip(entries).find(is_wrong)
    {
        verdict.phantom.add(|| format!("{}: its entry {} says the contrary of the log", place(), told.seq));
    }
}
