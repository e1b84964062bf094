//! The map with lines whose other end a test reads.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncReadExt, DuplexStream, duplex};

use super::*;
use crate::protocol::limits::{QUEUE_BYTES, QUEUE_FRAMES};

const ADA: UserId = UserId(1);
const BOB: UserId = UserId(2);
const SESSION: SessionId = SessionId(7);

fn text(s: &str) -> Outgoing {
    Outgoing { position: None, frame: Frame::from(s.to_owned()) }
}

/// An open line with so many bytes between its ends, and the reader's end.
fn open(bytes: usize) -> (Arc<Line>, DuplexStream) {
    let (ours, theirs) = duplex(bytes);
    let line = Line::new(Box::new(ours));
    line.open(Seam::default());
    (line, theirs)
}

fn held() -> Arc<Line> {
    Line::new(Box::new(tokio::io::sink()))
}

fn turn(line: &Line) -> Poll<Turn> {
    line.poll_turn(&mut Context::from_waker(Waker::noop()))
}

async fn reads(reader: &mut DuplexStream, expected: &str) {
    let frame = Frame::from(expected.to_owned());
    let mut bytes = vec![0; frame.bytes().len()];
    reader.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, frame.bytes());
}

fn reads_nothing(reader: &mut DuplexStream) {
    let mut buffer = [0];
    assert!(pin!(reader.read(&mut buffer)).poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[tokio::test]
async fn a_frame_reaches_every_connection_of_its_user_and_no_other() {
    let chatters = Chatters::default();
    let ((one, mut first), (two, mut second), (bob, mut other)) = (open(64), open(64), open(64));
    let _places =
        [(ADA, &one), (ADA, &two), (BOB, &bob)].map(|(user, line)| chatters.register(user, SESSION, line).unwrap());
    chatters.send(ADA, &text("hi"));
    chatters.send(ADA, &text("again"));
    for reader in [&mut first, &mut second] {
        reads(reader, "hi").await;
        reads(reader, "again").await;
    }
    reads_nothing(&mut other);
}

#[tokio::test]
async fn a_fan_out_to_thousands_reaches_each_once() {
    let chatters = Chatters::default();
    let users: Vec<UserId> = (1..=2_000).map(UserId).collect();
    let mut connections = Vec::new();
    for user in &users {
        let (line, reader) = open(64);
        connections.push((chatters.register(*user, SESSION, &line).unwrap(), reader));
    }
    for word in ["one", "two"] {
        chatters.send_all(users.iter(), &text(word));
    }
    for (_, reader) in &mut connections {
        reads(reader, "one").await;
        reads(reader, "two").await;
        reads_nothing(reader);
    }
}

#[test]
fn a_connection_leaves_when_its_registration_is_dropped() {
    let (left, mut gone) = mpsc::unbounded_channel();
    let chatters = Chatters::new(left);
    let [one, two] = [held(), held()].map(|line| chatters.register(ADA, SESSION, &line).unwrap());
    drop(one);
    assert!(chatters.is_connected(ADA));
    assert!(gone.try_recv().is_err(), "not the last one yet");
    drop(two);
    assert!(!chatters.is_connected(ADA));
    assert_eq!(gone.try_recv(), Ok(ADA));
    assert_eq!(chatters.connections(), 0);
}

#[tokio::test]
async fn a_full_queue_ends_that_connection_only() {
    let chatters = Chatters::default();
    let (slow, (quick, mut reader)) = (held(), open(64));
    let _places = [&slow, &quick].map(|line| chatters.register(ADA, SESSION, line).unwrap());
    for _ in 0..=QUEUE_FRAMES {
        assert_eq!(turn(&slow), Poll::Pending);
        chatters.send(ADA, &text("x"));
        reads(&mut reader, "x").await;
    }
    assert_eq!(turn(&slow), Poll::Ready(Turn::Ended(End::FellBehind)));
    assert_eq!(turn(&quick), Poll::Pending);
}

#[test]
fn bytes_bound_the_queue_too() {
    let chatters = Chatters::default();
    let slow = held();
    let _place = chatters.register(ADA, SESSION, &slow).unwrap();
    let big = text(&"x".repeat(QUEUE_BYTES / 4));
    for _ in 0..4 {
        chatters.send(ADA, &big);
    }
    assert_eq!(turn(&slow), Poll::Pending, "exactly full is not over");
    chatters.send(ADA, &text("x"));
    assert_eq!(turn(&slow), Poll::Ready(Turn::Ended(End::FellBehind)));
}

#[test]
fn a_user_has_a_bounded_number_of_connections() {
    let chatters = Chatters::default();
    let register = |user| chatters.register(user, SESSION, &held());
    let mut places: Vec<_> = (0..CONNECTIONS_PER_USER).map(|_| register(ADA).unwrap()).collect();
    assert!(register(ADA).is_err());
    assert!(register(BOB).is_ok(), "another user is not concerned");
    places.pop();
    assert!(register(ADA).is_ok());
}

#[test]
fn ending_a_session_ends_its_connections_only() {
    let chatters = Chatters::default();
    let [one, other] = [held(), held()];
    let _places =
        [(&one, SESSION), (&other, SessionId(8))].map(|(line, session)| chatters.register(ADA, session, line).unwrap());
    chatters.end_sessions(ADA, &[SESSION]);
    assert_eq!(turn(&one), Poll::Ready(Turn::Ended(End::SessionEnded)));
    assert_eq!(turn(&other), Poll::Pending);
}
