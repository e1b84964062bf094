//! The promise "nothing is acknowledged or published before it is durable", checked on a trace of system calls.
//!
//! For every message that leaves on a socket – the author's answer or a frame – there must be a sync of the WAL that
//! *began* after a write of the message's content into the WAL had ended, and that succeeded before the sending call
//! began. Refuses to take silence for proof: the counts tell how much was really checked.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::faults::mark;
use crate::faults::trace::{Call, CallId, Event};

#[derive(Debug, Default)]
pub struct Promise {
    /// Marks by the write that brings them to the WAL, until that write has ended.
    writing: HashMap<CallId, Vec<u64>>,
    /// Marks that are in the WAL and not synced.
    written: HashSet<u64>,
    /// Marks that a running sync covers.
    syncing: HashMap<CallId, HashSet<u64>>,
    durable: HashSet<u64>,
    /// Messages that any write to the WAL held: only these can be there after a power cut.
    known: HashSet<u64>,
    sending: HashMap<CallId, Sending>,
    /// The end of what each connection was sent last.
    tails: HashMap<String, Vec<u8>>,
    sent: HashSet<u64>,
    pub counts: Counts,
    /// One sentence for each message that went out too early.
    pub broken: Vec<String>,
}

#[derive(Debug)]
struct Sending {
    peer: String,
    /// The tail of the send before, `tail` bytes, and what is sent now.
    text: Vec<u8>,
    tail: usize,
}

#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub wal_writes: u64,
    /// Syncs of the WAL that succeeded.
    pub wal_syncs: u64,
    pub failed_syncs: u64,
    pub sends: u64,
    /// Sent mentions of messages, each after its sync.
    pub kept: u64,
}

impl Promise {
    /// Messages that left on a socket.
    #[must_use]
    pub fn sent(&self) -> &HashSet<u64> {
        &self.sent
    }

    #[must_use]
    pub fn known(&self) -> &HashSet<u64> {
        &self.known
    }

    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Begins(id, Call::Write { path, bytes, .. }) if is_wal(path) => {
                self.counts.wal_writes += 1;
                let marks = mark::contents(bytes);
                self.known.extend(&marks);
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
    }

    fn sends(&mut self, id: CallId, peer: &str, bytes: &[u8]) {
        self.counts.sends += 1;
        let mut text = self.tails.get(peer).cloned().unwrap_or_default();
        let tail = text.len();
        text.extend_from_slice(bytes);
        for mark in mark::mentions(&text) {
            self.sent.insert(mark);
            if self.durable.contains(&mark) {
                self.counts.kept += 1;
            } else {
                self.broken.push(format!("message {mark} was sent to {peer} before it was synced"));
            }
        }
        self.sending.insert(id, Sending { peer: peer.to_owned(), text, tail });
    }

    fn ends(&mut self, id: CallId, result: i64) {
        if let Some(marks) = self.writing.remove(&id)
            && result >= 0
        {
            self.written.extend(marks.into_iter().filter(|mark| !self.durable.contains(mark)));
        }
        if let Some(covered) = self.syncing.remove(&id) {
            // After a failed sync the pages may count as clean although they never reached the disk, so a later sync
            // proves nothing about them: they would have to be written again.
            self.written.retain(|mark| !covered.contains(mark));
            if result >= 0 {
                self.counts.wal_syncs += 1;
                self.durable.extend(covered);
            } else {
                self.counts.failed_syncs += 1;
            }
        }
        if let Some(Sending { peer, text, tail }) = self.sending.remove(&id) {
            // Too short to hold a whole mark again, long enough to hold a part of one.
            let sent = usize::try_from(result).unwrap_or_default().saturating_add(tail).min(text.len());
            self.tails.insert(peer, text[sent.saturating_sub(mark::LENGTH - 1)..sent].to_vec());
        }
    }
}

fn is_wal(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-wal")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// `m` and `n` are message 1's content and nonce.
    const M: &[u8] = b"..m.000000001...";
    const N: &[u8] = b"{\"nonce\":\"n.000000001.\"}";

    fn write() -> Call {
        Call::Write { path: PathBuf::from("/data/chatter.db-wal"), offset: Some(0), bytes: M.to_vec() }
    }

    fn sync() -> Call {
        Call::Sync { path: PathBuf::from("/data/chatter.db-wal") }
    }

    fn send(bytes: &[u8]) -> Call {
        Call::Send { peer: "a->b".into(), bytes: bytes.to_vec() }
    }

    /// Calls that follow one another, with their results.
    fn broken(calls: &[(Call, i64)]) -> usize {
        let mut promise = Promise::default();
        for (id, (call, result)) in (0..).zip(calls) {
            promise.apply(&Event::Begins(id, call.clone()));
            promise.apply(&Event::Ends { id, result: *result });
        }
        promise.broken.len()
    }

    #[test]
    fn an_answer_comes_after_the_sync() {
        assert_eq!(broken(&[(write(), 16), (sync(), 0), (send(N), 23)]), 0);
        assert_eq!(broken(&[(write(), 16), (sync(), 0), (send(M), 16)]), 0);
    }

    #[test]
    fn a_doctored_trace_is_caught() {
        assert_eq!(broken(&[(write(), 16), (send(N), 23)]), 1, "the sync was taken out");
        assert_eq!(broken(&[(sync(), 0), (write(), 16), (send(M), 16)]), 1, "the sync came before the write");
        assert_eq!(broken(&[(write(), 16), (sync(), -1), (send(N), 23)]), 1, "the sync failed");
        assert_eq!(broken(&[(write(), 16), (sync(), -1), (sync(), 0), (send(N), 23)]), 1, "the page was not rewritten");
        assert_eq!(broken(&[(write(), 16), (send(&N[..14]), 14), (send(&N[14..]), 9)]), 1, "sent in two parts");
        assert_eq!(broken(&[(write(), -1), (sync(), 0), (send(N), 23)]), 1, "the write failed");
    }

    #[test]
    fn a_sync_that_began_before_the_write_ended_does_not_count() {
        let mut promise = Promise::default();
        promise.apply(&Event::Begins(0, write()));
        promise.apply(&Event::Begins(1, sync()));
        promise.apply(&Event::Ends { id: 0, result: 16 });
        promise.apply(&Event::Ends { id: 1, result: 0 });
        promise.apply(&Event::Begins(2, send(N)));
        assert_eq!(promise.broken.len(), 1);
    }
}
