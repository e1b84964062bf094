//! Edits, deletions and reactions: what was acknowledged against the logs, and against how everybody holds the messages.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::log::Log;
use super::{Verdict, named};
use crate::History;
use crate::history::{Change, Entry, Kind, Outcome};
use crate::stamp::ChangeId;

/// By conversation and message.
pub(super) type At = (u32, u32);

/// What was done to each message, and what the log says of it.
pub(super) struct Changes<'a> {
    pub(super) history: &'a History,
    pub(super) by_message: BTreeMap<At, Vec<(ChangeId, &'a Change)>>,
    /// The numbers of the log at which the message was changed, ascending.
    pub(super) logged: HashMap<At, Vec<u32>>,
    /// Messages whose changes are missing, or too many: what stands there says no more.
    pub(super) bad: HashSet<At>,
}

impl<'a> Changes<'a> {
    pub(super) fn new(history: &'a History, logs: &[Option<Log>]) -> Self {
        let mut by_message: BTreeMap<At, Vec<(ChangeId, &Change)>> = BTreeMap::new();
        for (writer, changes) in (0_u32..).zip(history.writers.iter().map(|writer| &writer.changes)) {
            for (n, change) in (0_u32..).zip(changes) {
                let number = ChangeId { writer, n };
                by_message.entry((change.conversation, change.of)).or_default().push((number, change));
            }
        }
        let mut logged: HashMap<At, Vec<u32>> = HashMap::new();
        for (conversation, log) in (0_u32..).zip(logs) {
            for (seq, entry) in log.iter().flat_map(Log::numbered) {
                if let Entry::Change { of } = entry {
                    logged.entry((conversation, of)).or_default().push(seq);
                }
            }
        }
        Self { history, by_message, logged, bad: HashSet::new() }
    }

    /// Every change is in the log once, in the order of real time, and was answered rightly.
    pub(super) fn judge_log(&mut self, logs: &[Option<Log>], verdict: &mut Verdict) {
        let is_read = |at: &At| usize::try_from(at.0).is_ok_and(|index| logs.get(index).is_some_and(Option::is_some));
        for at in self.logged.keys().filter(|at| !self.by_message.contains_key(at)) {
            self.bad.insert(*at);
            verdict.phantom.add(|| format!("{}: changed, by nobody of this run", self.place(*at)));
        }
        let nothing = Vec::new();
        for (at, changes) in self.by_message.iter().filter(|(at, _)| is_read(at)) {
            let logged = self.logged.get(at).unwrap_or(&nothing);
            let acknowledged =
                changes.iter().filter(|(_, c)| matches!(c.outcome, Outcome::Acknowledged { .. })).count();
            let unsure =
                changes.iter().filter(|(_, c)| matches!(c.outcome, Outcome::Unknown | Outcome::Abandoned)).count();
            verdict.changed += acknowledged as u64;
            let said = || {
                format!(
                    "{}: changed {acknowledged} times, as was acknowledged; in the log {} times",
                    self.place(*at),
                    logged.len()
                )
            };
            verdict.lost.add_many(acknowledged.saturating_sub(logged.len()) as u64, said);
            verdict.doubled.add_many(logged.len().saturating_sub(acknowledged + unsure) as u64, said);
            if !(acknowledged..=acknowledged + unsure).contains(&logged.len()) {
                self.bad.insert(*at);
                continue;
            }
            for (number, change) in changes {
                self.answer(*at, *number, change, changes, logged, verdict);
            }
        }
        self.real_time(verdict);
    }

    fn answer(
        &self,
        at: At,
        number: ChangeId,
        change: &Change,
        all: &[(ChangeId, &Change)],
        logged: &[u32],
        verdict: &mut Verdict,
    ) {
        match change.outcome {
            Outcome::Acknowledged { seq, .. } if logged.binary_search(&seq).is_err() => verdict.phantom.add(|| {
                format!("{}: {number} was acknowledged as version {seq}, at which it was not changed", self.place(at))
            }),
            Outcome::Unknown => verdict.unanswered.add(|| format!("{number} was never answered")),
            _ => {}
        }
        let Some(status) = change.refused else { return };
        // Of what is deleted nothing can be made any more.
        let may_be_gone = all.iter().any(|(_, other)| {
            other.kind == Kind::Delete
                && !matches!(other.outcome, Outcome::Failed { .. })
                && other.invoked_us <= change.answered_us
        });
        if !(status == 404 && may_be_gone) {
            verdict
                .refused
                .add(|| format!("{}: {number} ({:?}) was refused with {status}", self.place(at), change.kind));
        }
    }

    /// What was acknowledged before a change was invoked, or the other way round, stands before it.
    fn real_time(&self, verdict: &mut Verdict) {
        let mut logs: BTreeMap<u32, Vec<(u32, u64, u64, bool)>> = BTreeMap::new();
        for (at, changes) in self.by_message.iter().filter(|(at, _)| !self.bad.contains(at)) {
            let logged = self.logged.get(at);
            let (conversation, _) = at;
            for (_, change) in changes.iter().filter(|(_, change)| !change.is_retried) {
                if let Outcome::Acknowledged { seq, at_us } = change.outcome
                    && logged.is_some_and(|logged| logged.binary_search(&seq).is_ok())
                {
                    logs.entry(*conversation).or_default().push((seq, change.invoked_us, at_us, true));
                }
            }
        }
        for op in self.history.writers.iter().flat_map(|writer| &writer.ops) {
            if let (Outcome::Acknowledged { seq, at_us }, Some(log)) = (op.outcome, logs.get_mut(&op.conversation)) {
                log.push((seq, op.invoked_us, at_us, false));
            }
        }
        for (conversation, mut log) in logs {
            log.sort_unstable();
            // The latest invocation of all that stands before: of anything, and of changes.
            let (mut latest, mut latest_change) = ((0, 0), (0, 0));
            for (seq, invoked_us, at_us, is_change) in log {
                // Two posts are compared where posts are judged.
                let (before_us, before) = if is_change { latest } else { latest_change };
                if at_us < before_us {
                    let index = usize::try_from(conversation).unwrap_or(usize::MAX);
                    verdict.reordered.add(|| {
                        let late = before_us - at_us;
                        format!(
                            "{}: what is at seq {seq} was acknowledged {late} µs before what is at {before} was invoked",
                            named(self.history, index)
                        )
                    });
                }
                latest = latest.max((invoked_us, seq));
                if is_change {
                    latest_change = latest_change.max((invoked_us, seq));
                }
            }
        }
    }

    pub(super) fn place(&self, (conversation, of): At) -> String {
        let index = usize::try_from(conversation).unwrap_or(usize::MAX);
        format!("{}, message {of}", named(self.history, index))
    }
}
