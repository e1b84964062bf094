//! Posts against the logs: each where it was acknowledged, once, in the order of real time.

use super::log::Log;
use super::{Verdict, named};
use crate::History;
use crate::history::{Contradiction, Entry, Op, Outcome};
use crate::stamp::OpId;

/// Where each post stands: the first number at which it was found, 0 for nowhere.
#[derive(Debug)]
pub(super) struct Places(Vec<Vec<u32>>);

/// A post, if somebody invoked it.
pub(super) fn op(history: &History, id: OpId) -> Option<&Op> {
    history.writers.get(usize::try_from(id.writer).ok()?)?.ops.get(usize::try_from(id.n).ok()?)
}

impl Places {
    pub(super) fn new(history: &History) -> Self {
        Self(history.writers.iter().map(|writer| vec![0; writer.ops.len()]).collect())
    }

    pub(super) fn of(&self, id: OpId) -> Option<u32> {
        let place = self.0.get(usize::try_from(id.writer).ok()?)?.get(usize::try_from(id.n).ok()?)?;
        (*place != 0).then_some(*place)
    }

    fn enter_one(&mut self, id: OpId, seq: u32) {
        let writer = usize::try_from(id.writer).ok().and_then(|writer| self.0.get_mut(writer));
        if let (Some(writer), Ok(n)) = (writer, usize::try_from(id.n))
            && let Some(place) = writer.get_mut(n)
        {
            *place = seq;
        }
    }

    /// Enters a log, and finds what is in it twice and what should not be in it.
    pub(super) fn enter(&mut self, history: &History, index: usize, log: &Log, verdict: &mut Verdict) {
        let place = |seq: u32| format!("{} seq {seq}", named(history, index));
        for (seq, entry) in log.numbered() {
            let id = match entry {
                Entry::Membership { .. } | Entry::Change { .. } | Entry::Member { .. } => continue,
                Entry::Foreign { .. } => {
                    verdict.phantom.add(|| format!("{}: a message that nobody of this run posted", place(seq)));
                    continue;
                }
                Entry::Altered { op: id, .. } => {
                    verdict.phantom.add(|| format!("{}: {id} with another text or author", place(seq)));
                    self.enter_one(id, seq);
                    continue;
                }
                Entry::Message(id) => id,
            };
            let Some(op) = op(history, id) else {
                verdict.phantom.add(|| format!("{}: {id}, which was never invoked", place(seq)));
                continue;
            };
            if usize::try_from(op.conversation) != Ok(index) {
                let wanted = usize::try_from(op.conversation).unwrap_or(usize::MAX);
                verdict.phantom.add(|| format!("{}: {id}, which was posted to {}", place(seq), named(history, wanted)));
                continue;
            }
            if matches!(op.outcome, Outcome::Failed { .. }) {
                verdict.phantom.add(|| format!("{}: {id}, which was refused", place(seq)));
            }
            if let Some(first) = self.of(id) {
                verdict.doubled.add(|| format!("{}: {id}, which is at seq {first} already", place(seq)));
                continue;
            }
            if matches!(op.outcome, Outcome::Unknown | Outcome::Abandoned) {
                verdict.unknown_in_log += 1;
            }
            self.enter_one(id, seq);
        }
    }
}

/// Every valid post was taken in the end, and every invalid one refused for its own sake.
pub(super) fn answers(history: &History, verdict: &mut Verdict) {
    for (writer, n, op) in all(history) {
        let id = OpId { writer, n };
        match op.outcome {
            Outcome::Failed { status } if !op.must_be_refused => {
                verdict.refused.add(|| format!("{id} is valid and was refused ({status})"));
            }
            Outcome::Failed { status: status @ (401 | 403 | 404) } => {
                verdict.refused.add(|| format!("{id} was refused, but as if nobody might post there ({status})"));
            }
            Outcome::Unknown => verdict.unanswered.add(|| format!("{id} was tried to the end and never answered")),
            _ => {}
        }
    }
}

/// Every acknowledged post stands where its acknowledgement says.
pub(super) fn acknowledgements(history: &History, logs: &[Option<Log>], places: &Places, verdict: &mut Verdict) {
    for (writer, n, op) in all(history) {
        let Outcome::Acknowledged { seq, .. } = op.outcome else { continue };
        let index = usize::try_from(op.conversation).unwrap_or(usize::MAX);
        let Some(log) = logs.get(index).and_then(Option::as_ref) else { continue };
        let id = OpId { writer, n };
        let there = match log.at(seq) {
            Some(Entry::Message(found) | Entry::Altered { op: found, .. }) => found == id,
            _ => false,
        };
        match places.of(id) {
            _ if there => {}
            Some(place) => verdict
                .phantom
                .add(|| format!("{}: {id} was acknowledged as seq {seq} and stands at {place}", named(history, index))),
            None => verdict
                .lost
                .add(|| format!("{}: {id} was acknowledged as seq {seq} and is not in the log", named(history, index))),
        }
    }
}

/// Numbers at which nothing stands, but for those whose post was found to be lost.
pub(super) fn holes(history: &History, index: usize, log: &Log, places: &Places, verdict: &mut Verdict) {
    let holes = (log.baseline + 1..).zip(&log.entries).filter(|(_, entry)| entry.is_none()).map(|(seq, _)| seq);
    let holes: Vec<u32> = holes.collect();
    if holes.is_empty() {
        return;
    }
    let lost: std::collections::HashSet<u32> = all(history)
        .filter(|(writer, n, op)| {
            usize::try_from(op.conversation) == Ok(index) && places.of(OpId { writer: *writer, n: *n }).is_none()
        })
        .filter_map(|(.., op)| match op.outcome {
            Outcome::Acknowledged { seq, .. } => Some(seq),
            _ => None,
        })
        .collect();
    for seq in holes.into_iter().filter(|seq| !lost.contains(seq)) {
        verdict.lost.add(|| format!("{} seq {seq}: nothing stands there", named(history, index)));
    }
}

/// What was acknowledged before something else was invoked stands before it.
pub(super) fn real_time(history: &History, index: usize, log: &Log, verdict: &mut Verdict) {
    // The latest invocation of all that stands before.
    let mut latest: Option<(u64, OpId, u32)> = None;
    for (seq, entry) in log.numbered() {
        let Entry::Message(id) = entry else { continue };
        let Some(op) = op(history, id) else { continue };
        // Only where it was acknowledged: a second copy is doubled, not late.
        if let (Outcome::Acknowledged { seq: own, at_us }, Some((invoked_us, other, before))) = (op.outcome, latest)
            && own == seq
            && at_us < invoked_us
        {
            verdict.reordered.add(|| {
                format!(
                    "{} seq {seq}: {id} was acknowledged {} µs before {other} was invoked, which stands before it at {before}",
                    named(history, index),
                    invoked_us - at_us
                )
            });
        }
        if latest.is_none_or(|(invoked_us, ..)| op.invoked_us > invoked_us) {
            latest = Some((op.invoked_us, id, seq));
        }
    }
}

pub(super) fn contradictions(history: &History, verdict: &mut Verdict) {
    for contradiction in &history.contradictions {
        match contradiction {
            Contradiction::OtherSeq { op, first, then } => {
                verdict.doubled.add(|| format!("{op} was acknowledged as seq {first}, and again as seq {then}"));
            }
            Contradiction::Refused { op, status } => {
                verdict.refused.add(|| format!("{op} was refused ({status}) when it was sent again as it was"));
            }
            Contradiction::Leaked { conversation, person } => {
                let place = named(history, usize::try_from(*conversation).unwrap_or(usize::MAX));
                verdict
                    .leaked
                    .add(|| format!("{place}: {} is not in it and was told of it", super::person(history, *person)));
            }
            Contradiction::Outdated { conversation, seq, person } => {
                let place = named(history, usize::try_from(*conversation).unwrap_or(usize::MAX));
                let who = super::person(history, *person);
                verdict.diverged.add(|| format!("{place} seq {seq}: {who} was shown a version of before it"));
            }
            Contradiction::MarkedBack { conversation, person, read_seq, marked } => {
                let place = named(history, usize::try_from(*conversation).unwrap_or(usize::MAX));
                let who = super::person(history, *person);
                verdict.miscounted.add(|| {
                    format!("{place} in the READY of {who}: read_seq is {read_seq}, acknowledged was {marked}")
                });
            }
            Contradiction::OtherMark { conversation, person, of, how, told, stands } => {
                let place = named(history, usize::try_from(*conversation).unwrap_or(usize::MAX));
                let (who, of) = (super::person(history, *person), super::person(history, *of));
                verdict
                    .miscounted
                    .add(|| format!("{place}, to {who} by {how}: {of} has read {told}, and it is {stands}"));
            }
            // Judged with the changes, the moves and the blocks.
            Contradiction::Diverged { .. }
            | Contradiction::Revived { .. }
            | Contradiction::Shown { .. }
            | Contradiction::Blocking { .. } => {}
            Contradiction::OtherMessage { op } => {
                verdict.phantom.add(|| format!("{op} was acknowledged with another conversation or nonce"));
            }
        }
    }
}

fn all(history: &History) -> impl Iterator<Item = (u32, u32, &Op)> {
    let numbered = |(writer, ops): (u32, _)| (0_u32..).zip(ops).map(move |(n, op)| (writer, n, op));
    (0_u32..).zip(history.writers.iter().map(|writer| &writer.ops)).flat_map(numbered)
}
