//! What a line holds, and whom it concerns that it does.

use std::collections::VecDeque;
use std::task::{Context, Waker};

use bytes::Bytes;
use tokio::time::Instant;

use super::{End, Turn, Writer};
use crate::protocol::limits::{QUEUE_BYTES, QUEUE_FRAMES};
use crate::server::chatters::frame::{Frame, Outgoing};
use crate::server::chatters::seam::Seam;

/// Idle connections keep one of these each, so what is empty holds no memory.
pub(super) struct State {
    pub(super) writer: Writer,
    /// What is left of the frame that is being written. Also the first frame of a queue that was empty: it needs no
    /// queue then. In the order of the fields, these are written:
    pub(super) rest: Bytes,
    pub(super) pong: Option<Bytes>,
    pub(super) words: VecDeque<Bytes>,
    pub(super) queue: VecDeque<Outgoing>,
    /// Whether `rest` was said, and not queued.
    pub(super) rest_was_said: bool,
    pub(super) queued_bytes: usize,
    /// Whether the queue is written.
    pub(super) is_open: bool,
    /// Whether the last frames were said: nothing is queued any more.
    is_closing: bool,
    /// Whether somebody will flush, or the line is blocked.
    pub(super) is_listed: bool,
    pub(super) is_lost: bool,
    pub(super) end: Option<End>,
    pub(super) seam: Option<Seam>,
    /// Since when the socket has owed the taking of what waited then, and how many frames of it are still to be taken.
    pub(super) blocked: Option<Instant>,
    pub(super) owed: usize,
    /// Whether the task knows that it is blocked.
    pub(super) told: bool,
    waker: Option<Waker>,
}

impl State {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            writer,
            rest: Bytes::new(),
            pong: None,
            words: VecDeque::new(),
            queue: VecDeque::new(),
            rest_was_said: false,
            queued_bytes: 0,
            is_open: false,
            is_closing: false,
            is_listed: false,
            is_lost: false,
            end: None,
            seam: None,
            blocked: None,
            owed: 0,
            told: false,
            waker: None,
        }
    }

    /// Queues a frame. True: it must be flushed, and nobody will yet.
    pub(super) fn offer(&mut self, outgoing: &Outgoing) -> bool {
        if self.is_closing || self.is_lost || self.end.is_some() {
            return false;
        }
        if self.is_open && self.seam.as_mut().is_some_and(|seam| !seam.passes(outgoing)) {
            return false;
        }
        if self.is_open && self.rest.is_empty() && self.queue.is_empty() {
            (self.rest, self.rest_was_said) = (outgoing.frame.bytes(), false);
        } else if self.queue.len() >= QUEUE_FRAMES || self.queued_bytes + outgoing.frame.len() > QUEUE_BYTES {
            self.end(End::FellBehind);
            return false;
        } else {
            self.queued_bytes += outgoing.frame.len();
            self.queue.push_back(outgoing.clone());
            // On a busy machine the flush may come late, and a full queue is to say that the *reader* fell behind.
            let half = self.queue.len() >= QUEUE_FRAMES / 2 || self.queued_bytes >= QUEUE_BYTES / 2;
            if half && self.is_open && self.blocked.is_none() {
                let _ = self.write(&mut Context::from_waker(Waker::noop()));
                return false;
            }
        }
        self.is_open && !std::mem::replace(&mut self.is_listed, true)
    }

    pub(super) fn end(&mut self, reason: End) {
        self.end.get_or_insert(reason);
    }

    pub(super) fn open(&mut self, mut seam: Seam) {
        let Self { queue, queued_bytes, .. } = self;
        queue.retain(|outgoing| seam.passes(outgoing));
        *queued_bytes = queue.iter().map(|outgoing| outgoing.frame.len()).sum();
        self.seam = Some(seam);
        self.is_open = true;
        // What waited is written by the task's next poll, as if it had been blocked.
        if !self.queue.is_empty() {
            self.is_listed = true;
            self.is_owed();
        }
    }

    pub(super) fn close(&mut self, last: impl IntoIterator<Item = Frame>) {
        self.is_closing = true;
        self.queue = VecDeque::new();
        self.words = last.into_iter().map(|frame| frame.bytes()).collect();
        self.pong = None;
        self.queued_bytes = 0;
    }

    /// All that waits is to be taken, counted from now.
    pub(super) fn is_owed(&mut self) {
        self.blocked = Some(Instant::now());
        self.owed = usize::from(!self.rest.is_empty()) + self.words.len() + self.queue.len();
    }

    /// Whether the task has nothing more to write here, and why.
    pub(super) fn over(&self) -> Option<Turn> {
        match self.end {
            _ if self.is_lost => Some(Turn::Lost),
            Some(end) if !self.is_closing => Some(Turn::Ended(end)),
            _ => None,
        }
    }

    /// Once for each time that it is blocked.
    pub(super) fn newly_blocked(&mut self) -> Option<Turn> {
        (self.blocked.is_some() && !std::mem::replace(&mut self.told, true)).then_some(Turn::Blocked)
    }

    pub(super) fn is_said(&self) -> bool {
        self.pong.is_none() && self.words.is_empty() && (self.rest.is_empty() || !self.rest_was_said)
    }

    /// The task waits for a turn.
    pub(super) fn wait(&mut self, cx: &Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
        }
    }

    /// Whom to wake, if there is a turn.
    pub(super) fn call(&mut self) -> Option<Waker> {
        let turn = self.over().is_some() || (self.blocked.is_some() && !self.told);
        if turn { self.waker.take() } else { None }
    }
}
