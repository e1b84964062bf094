//! The way out to one client: what waits for it, in order and bounded, and the half of its socket that takes it.
//!
//! Two speak on a line. The connection's task says its words: HELLO, READY, a replay, answers, the close. Deliveries are
//! offered from outside, wait until the line is open, and are then written by whoever delivers ([`Line::flush`]): a
//! connection that only hears is never woken for it, so a fan-out costs one system call a reader and little else. What
//! the socket does not take at once is its task's: the line is *blocked*, and the task writes on when it can.
//!
//! No lock is held across an await; it is held while the socket is asked to take bytes, which never waits. Refuses to
//! know what frames mean.

mod state;
#[cfg(test)]
mod tests;
mod writing;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use state::State;
use tokio::io::AsyncWrite;
use tokio::time::Instant;

use super::frame::{Frame, Outgoing};
use super::seam::Seam;

/// The half of a socket that takes. What it took is on its way: it holds nothing back for a flush.
pub type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// Why the server ends a connection from outside its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The reader fell behind: 4010.
    FellBehind,
    /// Its session ended: 4011.
    SessionEnded,
    /// The node is about to go down, and others take its chatters: RECONNECT, then 1012.
    Moving,
}

/// What a connection's task must know of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It was ended from outside.
    Ended(End),
    /// The socket takes nothing any more.
    Lost,
    /// The reader does not keep up: [`Line::blocked_since`] says how long. Told once until it does again.
    Blocked,
}

/// The line. The map, a delivery and the connection's task share it.
pub struct Line(Mutex<State>);

impl Line {
    /// A line that holds back what is offered until it is opened.
    #[must_use]
    pub fn new(writer: Writer) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State::new(writer))))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held leaves a line that is written on or found lost.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame; a full queue ends the connection instead, and never waits. True: somebody must [`Line::flush`],
    /// and nobody else was told so.
    pub(super) fn offer(&self, outgoing: &Outgoing) -> bool {
        let mut state = self.lock();
        let must_flush = state.offer(outgoing);
        wake(state);
        must_flush
    }

    /// Writes what waits, as far as the socket takes it at once.
    pub(super) fn flush(&self) {
        let mut state = self.lock();
        // A blocked line is its task's: another's waker must not take the place of the task's own.
        if state.blocked.is_none() {
            let _ = state.write(&mut Context::from_waker(Waker::noop()));
        }
        wake(state);
    }

    /// Ends it; the first reason stays.
    pub(super) fn end(&self, reason: End) {
        let mut state = self.lock();
        state.end(reason);
        wake(state);
    }

    /// Takes a frame of the task's own: it comes before everything that is queued. Written by the next poll.
    pub fn say(&self, frame: &Frame) {
        self.lock().words.push_back(frame.bytes());
    }

    /// Takes the answer to a Ping; it takes the place of one that was not written yet (RFC 6455, section 5.5.3).
    pub fn pong(&self, frame: &Frame) {
        self.lock().pong = Some(frame.bytes());
    }

    /// From now on what is offered is written, but for what the seam leaves out.
    pub fn open(&self, seam: Seam) {
        self.lock().open(seam);
    }

    /// Gives back the seam's memory.
    pub fn forget_seam(&self) {
        self.lock().seam = None;
    }

    /// Says these last frames in place of all that waits, a frame that was begun apart; what is offered is left.
    pub fn close(&self, last: impl IntoIterator<Item = Frame>) {
        self.lock().close(last);
    }

    /// Since when the reader has had the time to take what waited then, and has not.
    #[must_use]
    pub fn blocked_since(&self) -> Option<Instant> {
        self.lock().blocked
    }

    /// Writes until everything is taken that was said; of what is queued, as much as goes with it.
    pub fn poll_said(&self, cx: &mut Context<'_>) -> Poll<Result<(), Turn>> {
        let mut state = self.lock();
        if let Some(turn) = state.over() {
            return Poll::Ready(Err(turn));
        }
        let _ = state.write(cx);
        match state.over() {
            Some(turn) => Poll::Ready(Err(turn)),
            None if state.is_said() => Poll::Ready(Ok(())),
            None => {
                state.wait(cx);
                Poll::Pending
            }
        }
    }

    /// Writes on where the line is blocked or a Pong waits. Resolves when the task has to act.
    pub fn poll_turn(&self, cx: &mut Context<'_>) -> Poll<Turn> {
        let mut state = self.lock();
        if state.blocked.is_some() || !state.is_said() {
            let _ = state.write(cx);
        }
        match state.over().or_else(|| state.newly_blocked()) {
            Some(turn) => Poll::Ready(turn),
            None => {
                state.wait(cx);
                Poll::Pending
            }
        }
    }

    /// Ends the stream on this side.
    pub fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.lock().writer).poll_shutdown(cx)
    }
}

/// Wakes the task where it has to act: with the lock released, as it asks for it at once.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.call();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
