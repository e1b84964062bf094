//! The chatters map: user id → the live connections of that user on this node.
//!
//! Owns who is connected, and the bounded line to each. Knows no protocol beyond the shape of a frame. No lock is held
//! across an await, and no call here waits for a reader.

mod flushes;
mod frame;
mod line;
mod registration;
mod seam;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::protocol::limits::CONNECTIONS_PER_USER;
use crate::protocol::{SessionId, Status, UserId};
use flushes::Flushes;
use registration::Member;

pub use frame::{Frame, Outgoing};
pub use line::{End, Line, Turn, Writer};
pub use registration::Registration;
pub use seam::Seam;

type Map = HashMap<UserId, Vec<Member>>;

/// The map. Clones share it.
#[derive(Clone, Default)]
pub struct Chatters {
    map: Arc<Mutex<Map>>,
    flushes: Flushes,
    changed: Option<mpsc::UnboundedSender<UserId>>,
}

/// The user already has [`CONNECTIONS_PER_USER`] live connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl Chatters {
    /// An empty map that tells `changed` each user whose last connection leaves, or whose [`Chatters::status`] becomes
    /// another in another way than by a connection that comes.
    #[must_use]
    pub fn new(changed: mpsc::UnboundedSender<UserId>) -> Self {
        Self { changed: Some(changed), ..Self::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Map> {
        // A panic while the lock was held leaves at worst one connection too few or too many.
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a connection of `user`. It leaves when the returned [`Registration`] is dropped.
    /// Frames are queued from this moment on; check the session again after this, so that a
    /// revocation in between is not missed.
    pub fn register(&self, user: UserId, session: SessionId, line: &Arc<Line>) -> Result<Registration, TooMany> {
        let mut map = self.lock();
        // Nearly everybody has one: a vector grows to four at once.
        let connections = map.entry(user).or_insert_with(|| Vec::with_capacity(1));
        if connections.len() >= CONNECTIONS_PER_USER {
            return Err(TooMany);
        }
        connections.push(Member { session, line: line.clone(), idle: false });
        drop(map);
        Ok(Registration { chatters: self.clone(), user, line: line.clone() })
    }

    /// Queues a frame for every connection of `user`.
    pub fn send(&self, user: UserId, outgoing: &Outgoing) {
        self.send_all(std::iter::once(&user), outgoing);
    }

    /// Queues a frame for every connection of each of `users`.
    pub fn send_all<'a>(&self, users: impl Iterator<Item = &'a UserId>, outgoing: &Outgoing) {
        let map = self.lock();
        let lines = users.filter_map(|user| map.get(user)).flatten().map(|member| &member.line);
        let to_flush: Vec<Arc<Line>> = lines.filter(|line| line.offer(outgoing)).cloned().collect();
        drop(map);
        self.flushes.add(to_flush);
    }

    /// Ends the connections of these sessions of `user`.
    pub fn end_sessions(&self, user: UserId, sessions: &[SessionId]) {
        if let Some(connections) = self.lock().get(&user) {
            let ended = connections.iter().filter(|member| sessions.contains(&member.session));
            ended.for_each(|member| member.line.end(End::SessionEnded));
        }
    }

    /// Asks so many connections, or all there are, to go to another node.
    pub fn move_away(&self, count: usize) {
        let map = self.lock();
        map.values().flatten().take(count).for_each(|member| member.line.end(End::Moving));
    }

    #[must_use]
    pub fn is_connected(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    /// How far the user is there, by their connections here.
    #[must_use]
    pub fn status(&self, user: UserId) -> Status {
        self.lock().get(&user).map_or(Status::Offline, |connections| registration::status(connections))
    }

    /// Every (user, session) that is connected now, each once.
    #[must_use]
    pub fn sessions(&self) -> Vec<(UserId, SessionId)> {
        each_once(self.lock().iter())
    }

    /// The same, of these users.
    #[must_use]
    pub fn sessions_of<'a>(&self, users: impl Iterator<Item = &'a UserId>) -> Vec<(UserId, SessionId)> {
        let map = self.lock();
        each_once(users.filter_map(|user| map.get_key_value(user)))
    }

    /// Live connections of all users.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }
}

fn each_once<'a>(users: impl Iterator<Item = (&'a UserId, &'a Vec<Member>)>) -> Vec<(UserId, SessionId)> {
    let sessions = |(user, connections): (&'a UserId, &'a Vec<Member>)| {
        let user = *user;
        connections.iter().map(move |member| (user, member.session))
    };
    let mut all: Vec<_> = users.flat_map(sessions).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
