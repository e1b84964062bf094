//! What the broken server knows, and how it tells it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::blocking::pair;
use super::mode::Mode;
use super::stored::{Room, Stored};

#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) user: usize,
    pub(super) frames: mpsc::UnboundedSender<String>,
    /// Where each log stood at READY: what is up to there was replayed.
    pub(super) seam: HashMap<i64, i64>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) mode: Mode,
    pub(super) users: Vec<String>,
    pub(super) rooms: Vec<Room>,
    /// By author and nonce: conversation and number.
    pub(super) nonces: HashMap<(usize, String), (i64, i64)>,
    /// Of these, those whose first answer was withheld.
    pub(super) unanswered: HashSet<(usize, String)>,
    pub(super) subscribers: Vec<Subscriber>,
    pub(super) posts: u64,
    /// Changes, and moves, that were asked for.
    pub(super) changes: u64,
    pub(super) moves: u64,
    /// Of each user, what their inbox says: of which conversation, and whether it is theirs from then on.
    pub(super) inboxes: Vec<Vec<(i64, bool)>>,
    /// Who has blocked whom.
    pub(super) blocks: HashSet<(usize, usize)>,
}

pub(super) fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(super) fn new(mode: Mode, users: Vec<String>) -> Self {
        let everybody = Room { id: 1, members: (0..users.len()).collect(), ..Room::default() };
        let (nonces, unanswered, subscribers) = (HashMap::new(), HashSet::new(), Vec::new());
        let (inboxes, rooms) = (vec![Vec::new(); users.len()], vec![everybody]);
        let (posts, changes, moves, blocks) = (0, 0, 0, HashSet::new());
        Self { mode, users, rooms, nonces, unanswered, subscribers, posts, changes, moves, inboxes, blocks }
    }

    pub(super) fn user(&self, name: &str) -> Option<usize> {
        self.users.iter().position(|user| user == name)
    }

    /// A conversation that the user is in.
    pub(super) fn room(&mut self, id: i64, user: usize) -> Option<&mut Room> {
        self.rooms.iter_mut().find(|room| room.id == id && room.members.contains(&user))
    }

    /// The same, or one that the mode takes for it.
    pub(super) fn readable(&mut self, id: i64, user: usize) -> Option<&mut Room> {
        let serves = self.mode == Mode::ServesWhoLeft;
        let is_theirs = |room: &&mut Room| {
            room.id == id && (room.members.contains(&user) || serves && room.joined.contains_key(&user))
        };
        self.rooms.iter_mut().find(is_theirs)
    }

    /// The first number of a conversation that is the user's to see.
    pub(super) fn floor(&self, id: i64, user: usize) -> i64 {
        let room = self.rooms.iter().find(|room| room.id == id);
        room.and_then(|room| room.joined.get(&user)).copied().unwrap_or_default()
    }

    /// The direct conversation of two.
    pub(super) fn direct(&mut self, one: usize, other: usize) -> i64 {
        let pair = pair(one, other);
        if let Some(room) = self.rooms.iter().find(|room| room.pair == Some(pair)) {
            return room.id;
        }
        let (id, members) = (self.rooms.len() as i64 + 1, vec![pair.0, pair.1]);
        self.rooms.push(Room { id, members, pair: Some(pair), ..Room::default() });
        id
    }

    pub(super) fn author(&self, user: usize) -> Value {
        json!({"id": user + 1, "name": self.users[user]})
    }

    /// Tells what stands in the log of a conversation beyond what was told, up to the first free number.
    pub(super) fn tell(&mut self, index: usize) {
        loop {
            let room = &self.rooms[index];
            let seq = room.told + 1;
            if !room.log.contains_key(&seq) {
                return;
            }
            let frame = self.frame(room, seq, 0, true).to_string();
            self.rooms[index].told = seq;
            let strikes = seq % 10 == 0;
            if self.mode == Mode::ReordersLive && strikes {
                self.rooms[index].held = Some((seq, frame));
                continue;
            }
            self.send(index, seq, &frame, strikes);
            if let Some((seq, frame)) = self.rooms[index].held.take() {
                self.send(index, seq, &frame, false);
            }
        }
    }

    fn send(&mut self, index: usize, seq: i64, frame: &str, strikes: bool) {
        let room = &self.rooms[index];
        let stored = room.log.get(&seq);
        let times = if strikes && self.mode == Mode::DoublesLive { 2 } else { 1 };
        let skipped = (strikes && self.mode == Mode::LosesForOneReader).then_some(0);
        for subscriber in &self.subscribers {
            let is_news = subscriber.seam.get(&room.id).is_none_or(|last| seq > *last);
            let is_told = room.members.contains(&subscriber.user)
                || strikes && self.mode == Mode::Leaks && subscriber.user == 0
                || self.mode == Mode::TellsWhoLeft && room.joined.contains_key(&subscriber.user)
                || self.mode == Mode::TellsTheBlocker && self.has_blocked(room, subscriber.user);
            let is_told =
                is_told && !(self.mode == Mode::StaysSilentAfterUnblocking && room.back.contains(&subscriber.user));
            if is_news && is_told && Some(subscriber.user) != skipped {
                let own = self.own_frame(room, seq, stored, subscriber.user);
                for _ in 0..times {
                    // A socket that has ended is taken out by its task.
                    let _ = subscriber.frames.send(own.clone().unwrap_or_else(|| frame.to_owned()));
                }
            }
        }
    }

    /// Tells what is held back where nothing follows.
    pub(super) fn flush_live(&mut self) {
        for index in 0..self.rooms.len() {
            if let Some((seq, frame)) = self.rooms[index].held.take() {
                self.send(index, seq, &frame, false);
            }
        }
    }

    /// Somebody joins under a number that was left free, so that a log that is read has no holes.
    pub(super) fn fill_free(&mut self) {
        for index in 0..self.rooms.len() {
            let room = &mut self.rooms[index];
            if let Some((seq, _)) = room.free.take() {
                room.log.insert(seq, Stored::Joined(room.members[0]));
                self.tell(index);
            }
        }
    }

    pub(super) fn throw_one_out(&mut self) {
        if !self.subscribers.is_empty() {
            // Its task sees the end of its queue.
            self.subscribers.swap_remove(fastrand::usize(..self.subscribers.len()));
        }
    }

    pub(super) fn save(&mut self) {
        for room in &mut self.rooms {
            room.saved = room.last;
        }
    }

    /// What was not saved is gone, and so are all sockets.
    pub(super) fn crash(&mut self) {
        for room in &mut self.rooms {
            room.log.split_off(&(room.saved + 1));
            room.last = room.saved;
            room.told = room.told.min(room.saved);
            let (id, saved) = (room.id, room.saved);
            self.nonces.retain(|_, (conversation, seq)| *conversation != id || *seq <= saved);
        }
        self.subscribers.clear();
    }
}
