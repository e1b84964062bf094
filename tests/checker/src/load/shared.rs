//! What the clients of a run share: who and where, what was noted so far, and the phase that all are in.
//! Long because all that is noted is noted here, each kind in a few lines.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use super::counters::{Tally, count};
use super::places::{Group, Places, Standing};
use super::targets::{Job, Targets};
use crate::client::Client;
use crate::history::{Change, Contradiction, Conversation, Move, Op, Outcome};
use crate::stamp::{ChangeId, OpId, Stamp};
use crate::{Person, Plan, Site};

/// Where the run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Writing,
    Paused,
    /// No new posts; those under way are brought to an end until then.
    Draining(Instant),
    Ended,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) site: Site,
    pub(super) people: Vec<Person>,
    pub(super) plan: Plan,
    pub(super) stamp: Stamp,
    /// Zero of the run's clock.
    pub(super) began: Instant,
    pub(super) tally: Tally,
    /// The installation's id of each person, as first seen; 0 until then.
    pub(super) ids: Mutex<Vec<i64>>,
    pub(super) by_name: HashMap<String, u32>,
    /// Posts by writer; writer i is person i. Of those who do not write, too: they may come to a group, and write there.
    pub(super) ops: Vec<Mutex<Vec<Op>>>,
    /// Changes of messages, likewise.
    pub(super) changes: Vec<Mutex<Vec<Change>>>,
    /// What is changed of each conversation.
    pub(super) targets: Vec<Mutex<Targets>>,
    /// Messages that were deleted.
    pub(super) deleted: AtomicUsize,
    pub(super) conversations: Vec<Mutex<Conversation>>,
    /// By the installation's id.
    pub(super) by_id: HashMap<i64, u32>,
    /// Of each person, the conversations that they are in from beginning to end.
    pub(super) memberships: Vec<Vec<u32>>,
    /// Of each person, the groups that they come to and go from.
    pub(super) comings: Vec<Vec<u32>>,
    pub(super) groups: Vec<Group>,
    pub(super) moves: Mutex<Vec<Move>>,
    /// Of each person, whether their socket was READY once: before that, nobody need have told them of anything.
    pub(super) opened: Vec<AtomicBool>,
    /// By conversation and person.
    pub(super) standings: Mutex<HashMap<(u32, usize), Standing>>,
    pub(super) contradictions: Mutex<Vec<Contradiction>>,
    /// The highest acknowledged read mark of each person, by conversation.
    pub(super) marks: Vec<Mutex<HashMap<u32, u32>>>,
    /// The highest read mark that anybody was told of, by the installation's ids of the conversation and of whose it is.
    pub(super) told_marks: Mutex<HashMap<(i64, i64), i64>>,
    pub(super) phase: watch::Sender<Phase>,
    /// Posts whose first try was left without an answer.
    pub(super) unsure: AtomicUsize,
    next_source: AtomicUsize,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number on the wire as the records hold it; what cannot be one becomes one that no log reaches.
pub(super) fn seq(wire: i64) -> u32 {
    u32::try_from(wire).unwrap_or(u32::MAX)
}

impl Shared {
    pub(super) fn new(site: Site, people: Vec<Person>, plan: Plan, stamp: Stamp, places: Places) -> Self {
        let Places { conversations, memberships, comings, groups, ids } = places;
        let everybody_in = groups.iter().flat_map(|g| g.comers.iter().map(|c| ((g.conversation, *c), Standing::In)));
        Self {
            site,
            plan,
            stamp,
            began: Instant::now(),
            tally: Tally::default(),
            ids: Mutex::new(ids),
            by_name: (0..).zip(&people).map(|(index, person)| (person.name.clone(), index)).collect(),
            ops: people.iter().map(|_| Mutex::default()).collect(),
            changes: people.iter().map(|_| Mutex::default()).collect(),
            targets: conversations.iter().map(|_| Mutex::default()).collect(),
            deleted: AtomicUsize::new(0),
            by_id: (0..).zip(&conversations).map(|(index, of)| (of.id, index)).collect(),
            conversations: conversations.into_iter().map(Mutex::new).collect(),
            memberships,
            comings,
            standings: Mutex::new(everybody_in.collect()),
            groups,
            moves: Mutex::default(),
            opened: people.iter().map(|_| AtomicBool::new(false)).collect(),
            contradictions: Mutex::default(),
            marks: people.iter().map(|_| Mutex::default()).collect(),
            told_marks: Mutex::default(),
            phase: watch::Sender::new(Phase::Writing),
            unsure: AtomicUsize::new(0),
            next_source: AtomicUsize::new(0),
            people,
        }
    }

    pub(super) fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn source(&self) -> Option<Ipv4Addr> {
        let sources = &self.plan.sources;
        let turn = self.next_source.fetch_add(1, Ordering::Relaxed);
        (!sources.is_empty()).then(|| sources[turn % sources.len()])
    }

    pub(super) fn client(&self, person: usize) -> Client {
        Client::new(&self.site, &self.people[person], self.source(), self.plan.answer_timeout)
    }

    /// The people who are in a conversation from beginning to end.
    pub(super) fn members(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let index = seq(index as i64);
        (0..self.people.len()).filter(move |person| self.memberships[*person].contains(&index))
    }

    pub(super) fn stands(&self, conversation: u32, person: usize) -> Standing {
        locked(&self.standings).get(&(conversation, person)).copied().unwrap_or(Standing::Unsure)
    }

    /// Whether the person has a socket, if they are to have one.
    pub(super) fn is_told(&self, person: usize) -> bool {
        person + self.plan.readers.min(self.people.len()) < self.people.len()
            || self.opened[person].load(Ordering::Relaxed)
    }

    /// How many of the people write.
    pub(super) fn writers(&self) -> usize {
        self.plan.writers.min(self.people.len())
    }

    /// The next post of a writer: to `conversation`, or to each of theirs in turn.
    pub(super) fn invoke(&self, writer: usize, conversation: Option<u32>) -> (OpId, Op) {
        let conversations = &self.memberships[writer];
        count(&self.tally.invoked);
        let mut ops = locked(&self.ops[writer]);
        let conversation = conversation.unwrap_or_else(|| conversations[ops.len() % conversations.len()]);
        let id = OpId { writer: seq(writer as i64), n: seq(ops.len() as i64) };
        let must_be_refused = self.plan.invalid_every > 0 && (id.n + 1).is_multiple_of(self.plan.invalid_every);
        let op = Op { conversation, invoked_us: self.now_us(), must_be_refused, outcome: Outcome::Unknown };
        ops.push(op);
        (id, op)
    }

    /// The next change that a writer makes.
    pub(super) fn invoke_change(&self, writer: usize, conversation: u32, job: &Job) -> (ChangeId, Change) {
        let mut changes = locked(&self.changes[writer]);
        let id = ChangeId { writer: seq(writer as i64), n: seq(changes.len() as i64) };
        let (target, of, kind, invoked_us) = (job.op, job.seq, job.kind, self.now_us());
        let (outcome, answered_us, is_retried, refused) = (Outcome::Unknown, 0, false, None);
        let change = Change { conversation, target, of, kind, invoked_us, outcome, answered_us, is_retried, refused };
        changes.push(change);
        (id, change)
    }

    /// Notes an acknowledgement; a second one must say the same.
    pub(super) fn acknowledged(&self, id: OpId, op: &Op, conversation: i64, nonce: &str, at: u32) {
        let at_us = self.now_us();
        let wanted = locked(&self.conversations[op.conversation as usize]).id;
        if wanted != conversation || self.stamp.op(nonce) != Some(id) {
            locked(&self.contradictions).push(Contradiction::OtherMessage { op: id });
        }
        let mut ops = locked(&self.ops[id.writer as usize]);
        let outcome = &mut ops[id.n as usize].outcome;
        match *outcome {
            Outcome::Acknowledged { seq: first, .. } if first != at => {
                locked(&self.contradictions).push(Contradiction::OtherSeq { op: id, first, then: at });
            }
            Outcome::Acknowledged { .. } => count(&self.tally.repeated),
            Outcome::Unknown | Outcome::Abandoned | Outcome::Failed { .. } => {
                *outcome = Outcome::Acknowledged { seq: at, at_us };
                count(&self.tally.acknowledged);
                drop(ops);
                if self.plan.change_share > 0.0 && !op.must_be_refused {
                    locked(&self.targets[op.conversation as usize]).posted(id, at);
                }
            }
        }
    }

    /// It is valid, or was acknowledged, and was refused when it was sent again.
    pub(super) fn contradicted(&self, id: OpId, status: u16) {
        locked(&self.contradictions).push(Contradiction::Refused { op: id, status });
    }

    /// A read mark was acknowledged.
    pub(super) fn marked(&self, person: usize, conversation: u32, at: u32) {
        let mut marks = locked(&self.marks[person]);
        let mark = marks.entry(conversation).or_default();
        *mark = at.max(*mark);
    }

    /// Somebody was told of a conversation that they are not in.
    pub(super) fn leaked(&self, conversation: u32, person: usize) {
        let person = seq(person as i64);
        locked(&self.contradictions).push(Contradiction::Leaked { conversation, person });
    }

    /// Whether the outcome of some post, change or move is not known.
    pub(super) fn is_unsure(&self) -> bool {
        let is_unsure = |outcome: &Outcome| matches!(outcome, Outcome::Unknown | Outcome::Abandoned);
        self.ops.iter().any(|ops| locked(ops).iter().any(|op| is_unsure(&op.outcome)))
            || self.changes.iter().any(|changes| locked(changes).iter().any(|change| is_unsure(&change.outcome)))
            || locked(&self.standings).values().any(|standing| *standing == Standing::Unsure)
    }

    /// Every try was refused for good.
    pub(super) fn failed(&self, id: OpId, status: u16) {
        self.settle(id, Outcome::Failed { status });
    }

    /// It is not tried any more.
    pub(super) fn abandoned(&self, id: OpId) {
        self.settle(id, Outcome::Abandoned);
    }

    fn settle(&self, id: OpId, settled: Outcome) {
        let mut ops = locked(&self.ops[id.writer as usize]);
        let outcome = &mut ops[id.n as usize].outcome;
        if *outcome == Outcome::Unknown {
            *outcome = settled;
        }
    }
}

pub(super) fn is_draining(phase: Phase) -> bool {
    matches!(phase, Phase::Draining(_) | Phase::Ended)
}

/// Whether this post or change, unanswered at its first try, is one of those that are left so.
pub(super) fn abandons(shared: &Shared) -> bool {
    let every = shared.plan.abandon_every as usize;
    let nth = shared.unsure.fetch_add(1, Ordering::Relaxed) + 1;
    every > 0 && nth.is_multiple_of(every)
}
