//! What the clients of a run share: who and where, what was noted so far, and the phase that all are in.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use super::counters::{Tally, count};
use crate::client::Client;
use crate::frames::{Body, Frame, UserRef};
use crate::history::{Contradiction, Conversation, Entry, Op, Outcome};
use crate::stamp::{OpId, Stamp, digest};
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
    ids: Mutex<Vec<i64>>,
    /// Posts by writer; writer i is person i.
    pub(super) ops: Vec<Mutex<Vec<Op>>>,
    pub(super) conversations: Vec<Mutex<Conversation>>,
    /// By the installation's id.
    pub(super) by_id: HashMap<i64, u32>,
    /// Of each person, the conversations that they are in.
    pub(super) memberships: Vec<Vec<u32>>,
    pub(super) contradictions: Mutex<Vec<Contradiction>>,
    /// The highest acknowledged read mark of each person, by conversation.
    pub(super) marks: Vec<Mutex<HashMap<u32, u32>>>,
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
    pub(super) fn new(
        site: Site,
        people: Vec<Person>,
        plan: Plan,
        stamp: Stamp,
        conversations: Vec<Conversation>,
        memberships: Vec<Vec<u32>>,
    ) -> Self {
        let count = people.len();
        let writers = plan.writers.min(count);
        Self {
            site,
            plan,
            stamp,
            began: Instant::now(),
            tally: Tally::default(),
            ids: Mutex::new(vec![0; count]),
            ops: (0..writers).map(|_| Mutex::default()).collect(),
            by_id: (0..).zip(&conversations).map(|(index, of)| (of.id, index)).collect(),
            conversations: conversations.into_iter().map(Mutex::new).collect(),
            memberships,
            contradictions: Mutex::default(),
            marks: people.iter().map(|_| Mutex::default()).collect(),
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

    /// The next post of a writer.
    pub(super) fn invoke(&self, writer: usize) -> (OpId, Op) {
        let conversations = &self.memberships[writer];
        count(&self.tally.invoked);
        let mut ops = locked(&self.ops[writer]);
        let conversation = conversations[ops.len() % conversations.len()];
        let id = OpId { writer: seq(writer as i64), n: seq(ops.len() as i64) };
        let must_be_refused = self.plan.invalid_every > 0 && (id.n + 1).is_multiple_of(self.plan.invalid_every);
        let op = Op { conversation, invoked_us: self.now_us(), must_be_refused, outcome: Outcome::Unknown };
        ops.push(op);
        (id, op)
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
            }
        }
    }

    /// It is valid, or was acknowledged, and was refused when it was sent again.
    pub(super) fn contradicted(&self, id: OpId, status: u16) {
        locked(&self.contradictions).push(Contradiction::Refused { op: id, status });
    }

    /// Somebody was told of a conversation that they are not in.
    pub(super) fn leaked(&self, conversation: u32, person: usize) {
        let person = seq(person as i64);
        locked(&self.contradictions).push(Contradiction::Leaked { conversation, person });
    }

    /// Whether the outcome of some post is not known.
    pub(super) fn is_unsure(&self) -> bool {
        let is_unsure = |op: &Op| matches!(op.outcome, Outcome::Unknown | Outcome::Abandoned);
        self.ops.iter().any(|ops| locked(ops).iter().any(is_unsure))
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

    /// What an event of a log is.
    pub(super) fn entry(&self, frame: &Frame) -> Entry {
        let Body { content, author, nonce, user, .. } = &frame.d;
        if frame.op == "MESSAGE_CREATE" {
            let author = author.clone().unwrap_or(UserRef { id: 0, name: String::new() });
            return self.message(&author, nonce.as_deref().unwrap_or(""), content.as_deref().unwrap_or(""));
        }
        Entry::Membership { digest: digest(&[&frame.op, user.as_ref().map_or("", |user| user.get())]) }
    }

    /// What a message is: a post of this run with the right text and author, or something else.
    pub(super) fn message(&self, author: &UserRef, nonce: &str, content: &str) -> Entry {
        let Some(op) = self.stamp.op(nonce) else {
            return Entry::Foreign { digest: digest(&[&author.name, nonce, content]) };
        };
        if self.is(author, op.writer) && self.stamp.content(op) == content {
            return Entry::Message(op);
        }
        Entry::Altered { op, digest: digest(&[&author.name, &author.id.to_string(), content]) }
    }

    fn is(&self, author: &UserRef, person: u32) -> bool {
        let Some(named) = self.people.get(person as usize) else { return false };
        let mut ids = locked(&self.ids);
        let id = &mut ids[person as usize];
        if *id == 0 && named.name == author.name {
            *id = author.id;
        }
        named.name == author.name && *id == author.id
    }
}

pub(super) fn is_draining(phase: Phase) -> bool {
    matches!(phase, Phase::Draining(_) | Phase::Ended)
}
