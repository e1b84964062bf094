//! The promise "nothing is acknowledged or published before it is durable", checked on a trace of system calls.
//!
//! For every message that leaves on a socket – the author's answer or a frame – there must be a sync of the WAL that
//! *began* after a write of the message's content into the WAL had ended, and that succeeded before the sending call
//! began. Refuses to take silence for proof: the counts tell how much was really checked.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::faults::Result;
use crate::faults::trace::{Call, CallId, Event};

/// Finds the messages that bytes mention. A mark is what a message's content holds and no other message's.
pub trait Marks {
    fn marks(&self, bytes: &[u8]) -> Vec<u64>;
}

/// Longest mark in bytes: what may be cut in two by two sends, so what is kept of the one for the next.
const LONGEST: usize = 512;

#[derive(Debug, Default)]
pub struct Promise<M> {
    marks: M,
    /// Marks by the write that brings them to the WAL, until that write has ended.
    writing: HashMap<CallId, Vec<u64>>,
    /// Marks that are in the WAL and not synced.
    written: HashSet<u64>,
    /// Marks that a running sync covers.
    syncing: HashMap<CallId, HashSet<u64>>,
    durable: HashSet<u64>,
    sending: HashMap<CallId, (String, Vec<u8>)>,
    /// The end of what each connection was sent last.
    tails: HashMap<String, Vec<u8>>,
    sent: HashSet<u64>,
    pub counts: Counts,
    /// One sentence for each message that went out too early.
    pub broken: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub wal_writes: u64,
    /// Syncs of the WAL that succeeded.
    pub wal_syncs: u64,
    pub sends: u64,
    /// Sent mentions of messages, each after its sync.
    pub kept: u64,
}

impl<M: Marks> Promise<M> {
    pub fn new(marks: M) -> Self {
        Self {
            marks,
            writing: HashMap::new(),
            written: HashSet::new(),
            syncing: HashMap::new(),
            durable: HashSet::new(),
            sending: HashMap::new(),
            tails: HashMap::new(),
            sent: HashSet::new(),
            counts: Counts::default(),
            broken: Vec::new(),
        }
    }

    /// Messages that left on a socket.
    #[must_use]
    pub fn sent(&self) -> &HashSet<u64> {
        &self.sent
    }

    pub fn apply(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::Begins(id, Call::Write { path, bytes, .. }) if is_wal(path) => {
                self.counts.wal_writes += 1;
                let marks = self.marks.marks(bytes);
                if !marks.is_empty() {
                    self.writing.insert(*id, marks);
                }
            }
            Event::Begins(id, Call::Sync { path }) if is_wal(path) => {
                self.syncing.insert(*id, self.written.clone());
            }
            Event::Begins(id, Call::Send { peer, bytes }) => self.sends(*id, peer, bytes),
            Event::Begins(..) => {}
            Event::Ends { id, result } => self.ends(*id, *result),
        }
        Ok(())
    }

    fn sends(&mut self, id: CallId, peer: &str, bytes: &[u8]) {
        self.counts.sends += 1;
        let mut text = self.tails.get(peer).cloned().unwrap_or_default();
        text.extend_from_slice(bytes);
        for mark in self.marks.marks(&text) {
            self.sent.insert(mark);
            if self.durable.contains(&mark) {
                self.counts.kept += 1;
            } else {
                self.broken.push(format!("message {mark} was sent to {peer} before it was synced"));
            }
        }
        self.sending.insert(id, (peer.to_owned(), text));
    }

    fn ends(&mut self, id: CallId, result: i64) {
        if let Some(marks) = self.writing.remove(&id)
            && result >= 0
        {
            self.written.extend(marks.into_iter().filter(|mark| !self.durable.contains(mark)));
        }
        if let Some(covered) = self.syncing.remove(&id)
            && result >= 0
        {
            self.counts.wal_syncs += 1;
            self.written.retain(|mark| !covered.contains(mark));
            self.durable.extend(covered);
        }
        if let Some((peer, text)) = self.sending.remove(&id) {
            // A mark that went out whole must not count again with the next send; a part of one must stay.
            let from = text.len().saturating_sub(LONGEST).max(self.marks.end_of_last(&text));
            self.tails.insert(peer, text[from..].to_vec());
        }
    }
}

fn is_wal(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-wal")
}
