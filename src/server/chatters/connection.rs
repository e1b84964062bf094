//! One connection as the map knows it: a bounded queue, and how the server ends it from outside.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::{SetOnce, mpsc};

use crate::protocol::limits::QUEUE_BYTES;
use crate::protocol::{Seq, SessionId, Stream};

/// A frame's text, encoded once and shared by all its receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame(Bytes);

impl Frame {
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

/// A frame on its way to one connection.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Where it stands in a log; nothing for state and passing things.
    pub position: Option<(Stream, Seq)>,
    pub frame: Frame,
}

/// Why the server ends a connection from outside its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The reader fell behind: 4010.
    FellBehind,
    /// Its session ended: 4011.
    SessionEnded,
}

/// A chatter's connection as the map knows it: the sending half.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: u64,
    pub(super) session: SessionId,
    pub(super) queue: mpsc::Sender<Outgoing>,
    pub(super) queued_bytes: AtomicUsize,
    pub(super) end: SetOnce<End>,
}

impl Connection {
    /// Queues a frame; a full queue ends the connection instead, and never waits.
    pub(super) fn offer(&self, outgoing: &Outgoing) {
        if self.end.initialized() {
            return;
        }
        let bytes = outgoing.frame.len();
        let queued = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if queued > QUEUE_BYTES || self.queue.try_send(outgoing.clone()).is_err() {
            self.end(End::FellBehind);
        }
    }

    /// Ends it; the first reason stays.
    pub(super) fn end(&self, reason: End) {
        let _ = self.end.set(reason);
    }
}
