//! How a line is written: as much as the socket takes, many frames in one system call.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;

use super::state::State;

/// Frames in one system call.
const AT_ONCE: usize = 32;

impl State {
    /// Writes as much as the socket takes, and keeps account of it.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_lost {
            return Poll::Ready(());
        }
        let mut frames = 0_usize;
        match self.write_all(cx, &mut frames) {
            Poll::Ready(Ok(())) => {
                (self.blocked, self.told, self.is_listed) = (None, false, false);
            }
            Poll::Ready(Err(_)) => {
                self.is_lost = true;
                self.blocked = None;
                self.close([]);
            }
            Poll::Pending => {
                self.is_listed = true;
                self.owed = self.owed.saturating_sub(frames);
                // A queue's worth at a time: a reader that is slow and steady may be behind for as long as it likes.
                if self.blocked.is_none() || self.owed == 0 {
                    self.is_owed();
                }
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    /// Counts the frames whose last byte was taken.
    fn write_all(&mut self, cx: &mut Context<'_>, frames: &mut usize) -> Poll<io::Result<()>> {
        loop {
            if self.rest.is_empty() && !self.take_next() {
                return Poll::Ready(Ok(()));
            }
            let written = ready!(self.write_some(cx))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written, frames);
        }
    }

    fn write_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Self { writer, rest, pong, words, queue, is_open, .. } = self;
        let queued = queue.iter().take(if *is_open { AT_ONCE } else { 0 }).map(|outgoing| outgoing.frame.as_slice());
        let mut more = pong.iter().chain(words.iter()).map(|word| &word[..]).chain(queued);
        let Some(second) = more.next() else { return Pin::new(writer).poll_write(cx, rest) };
        let mut slices = [IoSlice::new(&[]); AT_ONCE];
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip([&rest[..], second].into_iter().chain(more)) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        Pin::new(writer).poll_write_vectored(cx, &slices[..count])
    }

    /// So many bytes were taken, in the order in which they stood.
    fn advance(&mut self, mut written: usize, frames: &mut usize) {
        loop {
            let part = written.min(self.rest.len());
            self.rest.advance(part);
            written -= part;
            if !self.rest.is_empty() {
                return;
            }
            *frames += 1;
            // A slice of nothing would keep the frame's memory.
            self.rest = Bytes::new();
            if written == 0 || !self.take_next() {
                return;
            }
        }
    }

    /// Begins the next frame, if one may be written.
    fn take_next(&mut self) -> bool {
        if let Some(word) = self.pong.take().or_else(|| self.words.pop_front()) {
            (self.rest, self.rest_was_said) = (word, true);
            if self.words.is_empty() {
                self.words = VecDeque::new();
            }
            return true;
        }
        let next = if self.is_open { self.queue.pop_front() } else { None };
        let Some(outgoing) = next else { return false };
        self.queued_bytes -= outgoing.frame.len();
        (self.rest, self.rest_was_said) = (outgoing.frame.into_bytes(), false);
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        true
    }
}
