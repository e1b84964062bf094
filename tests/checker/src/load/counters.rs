//! What a load counts while it runs.

use std::collections::BTreeMap;

use serde::Serialize;

/// Counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Posts that were begun, each counted once, however often it was tried.
    pub invoked: u64,
    /// Posts that were acknowledged, each counted once.
    pub acknowledged: u64,
    /// Tries that got no answer, or a 5xx.
    pub unknown: u64,
    /// Tries that were refused because they came too fast (429): tried again.
    pub limited: u64,
    /// Posts that were refused for good, without those that are made to be refused.
    pub refused: u64,
    /// Events that live readers saw, replayed ones included.
    pub events: u64,
    /// Conversations that a resume answered with `reset`.
    pub resets: u64,
    /// Sockets that were opened again after they had been READY.
    pub reconnects: u64,
    /// How sockets ended, by close code (1005: without one; 1006: without a close; 0: given up as silent).
    pub closes: BTreeMap<u16, u64>,
    /// From the loss of a socket to READY on the next, in milliseconds, in the order that they happened.
    pub ready_ms: Vec<u32>,
    /// From the loss of a socket until its reader had all that READY named, in milliseconds.
    pub caught_up_ms: Vec<u32>,
}
