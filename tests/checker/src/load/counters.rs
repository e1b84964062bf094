//! What a load counts while it runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::Error;

/// Counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Posts that were begun, each counted once, however often it was tried.
    pub invoked: u64,
    /// Posts that were acknowledged, each counted once.
    pub acknowledged: u64,
    /// Changes of messages that were acknowledged, each counted once.
    pub changed: u64,
    /// People who came to a group or went from it, as was acknowledged.
    pub moved: u64,
    /// Times that somebody was blocked; and of these, with a socket of the blocker's that lived all the time.
    pub blocked: u64,
    pub blocked_live: u64,
    /// Tries that got no answer, or a 5xx.
    pub unknown: u64,
    /// Tries that were refused because they came too fast (429): tried again.
    pub limited: u64,
    /// Posts that were refused for good, without those that are made to be refused.
    pub refused: u64,
    /// Posts that were made to be refused, and were.
    pub refused_rightly: u64,
    /// Tries that carried a post again which was acknowledged, and were acknowledged with it.
    pub repeated: u64,
    /// Events that live readers saw, replayed ones included.
    pub events: u64,
    /// Conversations that a resume answered with `reset`.
    pub resets: u64,
    /// Sockets that were opened again after they had been READY.
    pub reconnects: u64,
    /// How sockets ended, by close code (1005: without one; 1006: without a close; 0: given up as silent, or not
    /// understood).
    pub closes: BTreeMap<u16, u64>,
    /// From the loss of a socket to READY on the next, in milliseconds, in the order that they happened.
    pub ready_ms: Vec<u32>,
    /// From the loss of a socket until its reader had all that READY named, in milliseconds.
    pub caught_up_ms: Vec<u32>,
}

/// The counters while many tasks count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) invoked: AtomicU64,
    pub(super) acknowledged: AtomicU64,
    pub(super) changed: AtomicU64,
    pub(super) moved: AtomicU64,
    pub(super) blocked: AtomicU64,
    pub(super) blocked_live: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) limited: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) refused_rightly: AtomicU64,
    pub(super) repeated: AtomicU64,
    pub(super) events: AtomicU64,
    pub(super) resets: AtomicU64,
    rare: Mutex<Rare>,
}

#[derive(Debug, Default)]
struct Rare {
    closes: BTreeMap<u16, u64>,
    ready_ms: Vec<u32>,
    caught_up_ms: Vec<u32>,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Tally {
    pub(super) fn ended(&self, error: &Error) {
        let code = match error {
            Error::Closed(code) => *code,
            _ => 0,
        };
        *self.rare().closes.entry(code).or_default() += 1;
    }

    pub(super) fn ready_again(&self, after: Duration) {
        self.rare().ready_ms.push(ms(after));
    }

    pub(super) fn caught_up(&self, after: Duration) {
        self.rare().caught_up_ms.push(ms(after));
    }

    pub(super) fn read(&self) -> Counters {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let rare = self.rare();
        Counters {
            invoked: get(&self.invoked),
            acknowledged: get(&self.acknowledged),
            changed: get(&self.changed),
            moved: get(&self.moved),
            blocked: get(&self.blocked),
            blocked_live: get(&self.blocked_live),
            unknown: get(&self.unknown),
            limited: get(&self.limited),
            refused: get(&self.refused),
            refused_rightly: get(&self.refused_rightly),
            repeated: get(&self.repeated),
            events: get(&self.events),
            resets: get(&self.resets),
            reconnects: rare.ready_ms.len() as u64,
            closes: rare.closes.clone(),
            ready_ms: rare.ready_ms.clone(),
            caught_up_ms: rare.caught_up_ms.clone(),
        }
    }

    fn rare(&self) -> std::sync::MutexGuard<'_, Rare> {
        self.rare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ms(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
