//! The chatters map: user id → the live connections of that user on this node.
//!
//! Owns who is connected and the bounded queue before each connection. Knows no socket: a connection's
//! task drains its queue. No lock is held across an await, and no call here waits for a reader.

mod connection;
mod registration;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{SetOnce, mpsc};

use crate::protocol::limits::{CONNECTIONS_PER_USER, QUEUE_FRAMES};
use crate::protocol::{SessionId, UserId};
use connection::Connection;

pub use connection::{End, Frame, Outgoing};
pub use registration::Registration;

type Map = HashMap<UserId, Vec<Arc<Connection>>>;

/// The map. Clones share it.
#[derive(Clone, Default)]
pub struct Chatters {
    map: Arc<Mutex<Map>>,
    next_id: Arc<AtomicU64>,
    left: Option<mpsc::UnboundedSender<UserId>>,
}

/// The user already has [`CONNECTIONS_PER_USER`] live connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl Chatters {
    /// An empty map that tells `left` each user whose last connection leaves.
    #[must_use]
    pub fn new(left: mpsc::UnboundedSender<UserId>) -> Self {
        Self { left: Some(left), ..Self::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Map> {
        // A panic while the lock was held leaves at worst one connection too few or too many.
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a connection of `user`. It leaves when the returned [`Registration`] is dropped.
    /// Frames are queued from this moment on; check the session again after this, so that a
    /// revocation in between is not missed.
    pub fn register(&self, user: UserId, session: SessionId) -> Result<Registration, TooMany> {
        let (queue, receiver) = mpsc::channel(QUEUE_FRAMES);
        let connection = Arc::new(Connection {
            id: self.next_id.fetch_add(1, Ordering::Relaxed),
            session,
            queue,
            queued_bytes: AtomicUsize::new(0),
            end: SetOnce::new(),
        });
        let mut map = self.lock();
        let connections = map.entry(user).or_default();
        if connections.len() >= CONNECTIONS_PER_USER {
            return Err(TooMany);
        }
        connections.push(connection.clone());
        drop(map);
        Ok(Registration { chatters: self.clone(), user, connection, receiver })
    }

    /// Queues a frame for every connection of `user`.
    pub fn send(&self, user: UserId, outgoing: &Outgoing) {
        if let Some(connections) = self.lock().get(&user) {
            connections.iter().for_each(|c| c.offer(outgoing));
        }
    }

    /// Queues a frame for every connection of each of `users`.
    pub fn send_all<'a>(&self, users: impl Iterator<Item = &'a UserId>, outgoing: &Outgoing) {
        let map = self.lock();
        for connections in users.filter_map(|user| map.get(user)) {
            connections.iter().for_each(|c| c.offer(outgoing));
        }
    }

    /// Ends the connections of these sessions of `user`.
    pub fn end_sessions(&self, user: UserId, sessions: &[SessionId]) {
        if let Some(connections) = self.lock().get(&user) {
            connections.iter().filter(|c| sessions.contains(&c.session)).for_each(|c| c.end(End::SessionEnded));
        }
    }

    #[must_use]
    pub fn is_connected(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    /// Every (user, session) that is connected now, each once.
    #[must_use]
    pub fn sessions(&self) -> Vec<(UserId, SessionId)> {
        let map = self.lock();
        let mut all: Vec<_> =
            map.iter().flat_map(|(user, connections)| connections.iter().map(|c| (*user, c.session))).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Live connections of all users.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::limits::QUEUE_BYTES;

    const ADA: UserId = UserId(1);
    const BOB: UserId = UserId(2);
    const SESSION: SessionId = SessionId(7);

    fn text(s: &str) -> Outgoing {
        Outgoing { position: None, frame: Frame::from(s.to_owned()) }
    }

    #[tokio::test]
    async fn a_frame_reaches_every_connection_of_its_user_and_no_other() {
        let chatters = Chatters::default();
        let mut one = chatters.register(ADA, SESSION).unwrap();
        let mut two = chatters.register(ADA, SESSION).unwrap();
        let mut bob = chatters.register(BOB, SESSION).unwrap();
        chatters.send(ADA, &text("hi"));
        assert_eq!(one.recv().await.unwrap().frame, Frame::from("hi".to_owned()));
        assert_eq!(two.recv().await.unwrap().frame, Frame::from("hi".to_owned()));
        assert!(bob.try_recv().is_none());
    }

    #[test]
    fn a_connection_leaves_when_its_registration_is_dropped() {
        let (left, mut gone) = mpsc::unbounded_channel();
        let chatters = Chatters::new(left);
        let one = chatters.register(ADA, SESSION).unwrap();
        let two = chatters.register(ADA, SESSION).unwrap();
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
        let slow = chatters.register(ADA, SESSION).unwrap();
        let mut quick = chatters.register(ADA, SESSION).unwrap();
        for _ in 0..=QUEUE_FRAMES {
            chatters.send(ADA, &text("x"));
            assert!(quick.recv().await.is_some());
        }
        assert_eq!(slow.ended().await, End::FellBehind);
        assert!(!quick.connection.end.initialized());
    }

    #[tokio::test]
    async fn bytes_bound_the_queue_too() {
        let chatters = Chatters::default();
        let slow = chatters.register(ADA, SESSION).unwrap();
        let big = text(&"x".repeat(QUEUE_BYTES / 4));
        for _ in 0..4 {
            chatters.send(ADA, &big);
        }
        assert!(!slow.connection.end.initialized(), "exactly full is not over");
        chatters.send(ADA, &text("x"));
        assert_eq!(slow.ended().await, End::FellBehind);
    }

    #[test]
    fn a_user_has_a_bounded_number_of_connections() {
        let chatters = Chatters::default();
        let mut held: Vec<_> = (0..CONNECTIONS_PER_USER).map(|_| chatters.register(ADA, SESSION).unwrap()).collect();
        assert!(chatters.register(ADA, SESSION).is_err());
        assert!(chatters.register(BOB, SESSION).is_ok(), "another user is not concerned");
        held.pop();
        assert!(chatters.register(ADA, SESSION).is_ok());
    }

    #[tokio::test]
    async fn ending_a_session_ends_its_connections_only() {
        let chatters = Chatters::default();
        let one = chatters.register(ADA, SESSION).unwrap();
        let other = chatters.register(ADA, SessionId(8)).unwrap();
        chatters.end_sessions(ADA, &[SESSION]);
        assert_eq!(one.ended().await, End::SessionEnded);
        assert!(!other.connection.end.initialized());
    }
}
