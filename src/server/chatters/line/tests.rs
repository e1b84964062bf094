//! A line on a socket that takes as much as a test allows.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::pin::Pin;

use proptest::prelude::*;

use super::*;
use crate::protocol::limits::QUEUE_FRAMES;
use crate::protocol::{ConversationId, Seq, Stream};

/// A socket that takes so many bytes and no more until there is room again.
#[derive(Clone, Default)]
struct Socket(Arc<Mutex<(usize, Vec<u8>)>>);

impl Socket {
    fn line(&self) -> Arc<Line> {
        Line::new(Box::new(self.clone()))
    }

    fn room(&self, bytes: usize) {
        self.0.lock().unwrap().0 = bytes;
    }

    /// Takes what arrived.
    fn arrived(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut inner = self.0.lock().unwrap();
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(inner.0).collect();
        if bytes.is_empty() {
            return Poll::Pending;
        }
        inner.0 -= bytes.len();
        inner.1.extend(&bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn frame(text: &str) -> Frame {
    Frame::from(text.to_owned())
}

fn queued(text: &str) -> Outgoing {
    Outgoing { position: None, frame: frame(text) }
}

fn bytes(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| frame.as_slice().to_vec()).collect()
}

fn turn(line: &Line) -> Poll<Turn> {
    line.poll_turn(&mut Context::from_waker(Waker::noop()))
}

fn said(line: &Line) -> Poll<Result<(), Turn>> {
    line.poll_said(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn what_is_offered_before_the_line_opens_comes_after_what_was_said() {
    let socket = Socket::default();
    let line = socket.line();
    socket.room(1_000);
    assert!(!line.offer(&queued("live")), "nobody need flush a line that is not open");
    line.say(&frame("READY"));
    assert_eq!(said(&line), Poll::Ready(Ok(())));
    assert_eq!(socket.arrived(), bytes(&[frame("READY")]));
    line.open(Seam::default());
    assert_eq!(turn(&line), Poll::Pending);
    assert_eq!(socket.arrived(), bytes(&[frame("live")]));
    assert!(line.offer(&queued("more")) && !line.offer(&queued("and more")), "flushed once for both");
    assert!(socket.arrived().is_empty());
    line.flush();
    assert_eq!(socket.arrived(), bytes(&[frame("more"), frame("and more")]));
}

#[tokio::test]
async fn the_seam_leaves_out_what_the_snapshot_counts_in() {
    let stream = Stream::Conversation(ConversationId(1));
    let at = |seq| Outgoing { position: Some((stream, Seq(seq))), frame: frame(&seq.to_string()) };
    let socket = Socket::default();
    let line = socket.line();
    socket.room(1_000);
    for seq in 4..=6 {
        line.offer(&at(seq));
    }
    line.open(Seam::new(HashMap::from([(stream, Seq(5))])));
    assert!(!line.offer(&at(5)) && line.blocked_since().is_some(), "its task will write what waited");
    assert_eq!(turn(&line), Poll::Pending);
    assert!(line.offer(&at(7)));
    line.flush();
    assert_eq!(socket.arrived(), bytes(&[frame("6"), frame("7")]));
    line.forget_seam();
    assert!(line.offer(&at(3)), "whatever comes then is news");
}

#[tokio::test(start_paused = true)]
async fn a_blocked_line_is_its_tasks_and_says_so_once() {
    let socket = Socket::default();
    let line = socket.line();
    line.open(Seam::default());
    assert_eq!(turn(&line), Poll::Pending);
    socket.room(3);
    assert!(line.offer(&queued("hello")));
    line.flush();
    assert_eq!(turn(&line), Poll::Ready(Turn::Blocked));
    assert_eq!(turn(&line), Poll::Pending);
    let since = line.blocked_since().unwrap();
    socket.room(100);
    assert!(!line.offer(&queued("world")), "its task writes on");
    line.flush();
    assert_eq!(socket.arrived().len(), 3, "and nobody else does");
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    socket.room(5);
    assert_eq!(turn(&line), Poll::Pending);
    assert!(line.blocked_since().unwrap() > since, "what waited was taken, and now another is owed");
    let since = line.blocked_since().unwrap();
    assert!(!line.offer(&queued("a third")));
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    socket.room(1);
    assert_eq!(turn(&line), Poll::Pending);
    assert_eq!(line.blocked_since().unwrap(), since, "a byte is not what waited");
    socket.room(100);
    assert_eq!(turn(&line), Poll::Pending);
    assert_eq!(line.blocked_since(), None);
    assert!(line.offer(&queued("again")), "others flush it again");
}

#[tokio::test]
async fn an_open_line_is_bounded_while_it_is_blocked() {
    let socket = Socket::default();
    let line = socket.line();
    line.open(Seam::default());
    // One is being written, and so many wait.
    for _ in 0..=QUEUE_FRAMES {
        line.offer(&queued("x"));
        line.flush();
    }
    assert_eq!(turn(&line), Poll::Ready(Turn::Blocked));
    assert_eq!(turn(&line), Poll::Pending, "full is not over");
    line.offer(&queued("x"));
    assert_eq!(turn(&line), Poll::Ready(Turn::Ended(End::FellBehind)));
    line.close([frame("bye"), Frame::close(crate::protocol::CloseCode::FellBehind)]);
    socket.room(1_000_000);
    assert_eq!(said(&line), Poll::Ready(Ok(())));
    let close = Frame::close(crate::protocol::CloseCode::FellBehind);
    assert_eq!(socket.arrived(), bytes(&[frame("x"), frame("bye"), close]), "the rest is in the store");
}

#[tokio::test]
async fn a_reader_that_takes_everything_is_not_ended_because_the_flush_is_late() {
    let socket = Socket::default();
    let line = socket.line();
    line.open(Seam::default());
    socket.room(1_000_000);
    let sent: Vec<_> = (0..3 * QUEUE_FRAMES).map(|n| n.to_string()).collect();
    for text in &sent {
        line.offer(&queued(text));
    }
    assert_eq!(turn(&line), Poll::Pending);
    line.flush();
    assert_eq!(socket.arrived(), bytes(&sent.iter().map(|text| frame(text)).collect::<Vec<_>>()));
    assert!(line.offer(&queued("again")), "it is flushed again");
}

#[tokio::test]
async fn the_latest_ping_is_answered() {
    let socket = Socket::default();
    let line = socket.line();
    line.pong(&Frame::pong(b"1"));
    assert!(turn(&line).is_pending() || line.blocked_since().is_some());
    line.pong(&Frame::pong(b"2"));
    line.pong(&Frame::pong(b"3"));
    socket.room(1_000);
    assert_eq!(turn(&line), Poll::Pending);
    assert_eq!(socket.arrived(), bytes(&[Frame::pong(b"1"), Frame::pong(b"3")]), "one was begun, one was replaced");
}

#[tokio::test]
async fn a_socket_that_is_gone_is_found_lost() {
    let (ours, theirs) = tokio::io::duplex(64);
    drop(theirs);
    let line = Line::new(Box::new(ours));
    line.open(Seam::default());
    line.offer(&queued("x"));
    line.flush();
    assert_eq!(turn(&line), Poll::Ready(Turn::Lost));
    assert!(!line.offer(&queued("x")));
}

proptest! {
    /// However little the socket takes at a time and whoever writes: every frame whole, words and queue each in order.
    #[test]
    fn frames_arrive_whole_and_in_order(steps in prop::collection::vec((0..5_u8, 0..200_usize), 1..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        let socket = Socket::default();
        let line = socket.line();
        line.open(Seam::default());
        let (mut words, mut queue, mut arrived) = (Vec::new(), Vec::new(), Vec::new());
        for (step, size) in steps {
            match step {
                0 => {
                    words.push(format!("w{}", "x".repeat(size)));
                    line.say(&frame(words.last().unwrap()));
                }
                1 => {
                    queue.push(format!("q{}", "y".repeat(size)));
                    line.offer(&queued(queue.last().unwrap()));
                }
                2 => line.flush(),
                3 => drop(turn(&line)),
                _ => socket.room(size),
            }
            arrived.extend(socket.arrived());
        }
        socket.room(usize::MAX);
        let _ = (turn(&line), turn(&line), said(&line));
        arrived.extend(socket.arrived());
        let (mut said, mut heard) = (words.iter(), queue.iter());
        let mut rest = &arrived[..];
        while !rest.is_empty() {
            let next = if rest[if rest[1] < 126 { 2 } else { 4 }] == b'w' { said.next() } else { heard.next() };
            let expected = frame(next.unwrap());
            prop_assert!(rest.starts_with(expected.as_slice()));
            rest = &rest[expected.as_slice().len()..];
        }
        prop_assert!(said.next().is_none() && heard.next().is_none());
    }
}
