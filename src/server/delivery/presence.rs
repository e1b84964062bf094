//! Who is there, and who is told of it. Pure: time is passed in.
//!
//! A user's status is the most that any node says of them. A node speaks for those who are connected to it: it tells the
//! others what changes, a few times a second, and every few seconds that it lives and what its users come to ([`Roll`]).
//! Whoever finds that they know something else asks for all of it. So nothing has to arrive, and a node that falls silent
//! is forgotten with its users.
//!
//! What gets better is told at once, what gets worse only after [`HELD`]: pages are reloaded and connections come back.
//!
//! What is told here, to users who are connected here, waits for the next turn, and is looked up then: who came and went
//! meanwhile is told of once. A turn tells one user so many and leaves the rest to the next one, so that a thousand
//! contacts who come back together do not fill the queue of a reader.

mod contacts;
mod nodes;
mod roll;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::protocol::limits::CONTACTS;
use crate::protocol::{Present, Status, UserId};
use crate::server::bus::{NodeId, NodeSaid, NodeWord};
use contacts::Contacts;
use nodes::Nodes;
use roll::Roll;

/// How long what got worse must last.
const HELD: Duration = Duration::from_secs(10);
/// Shortest time between two turns: what changes in it goes out together.
const TURN: Duration = Duration::from_millis(250);
/// How often a node says that it lives.
const ALIVE: Duration = Duration::from_secs(5);
/// Users in one message of a node: 9 KB.
const PART: usize = 1_000;
/// Contacts of whom one user is told in one turn.
const TOLD: usize = 16;

/// One is told of another.
pub(super) type Told = (UserId, UserId, Status);

pub(super) struct Presence {
    node: NodeId,
    own: Roll,
    nodes: Nodes,
    contacts: Contacts,
    /// Those who do not want to be seen: to everybody they are offline.
    hidden: HashSet<UserId>,
    /// What got worse, and counts from then on unless it gets better before; and whose turn comes next.
    held: HashMap<UserId, (Instant, Status)>,
    holds: VecDeque<(Instant, UserId)>,
    /// Of these the other nodes have not been told.
    changed: BTreeSet<UserId>,
    /// Who, of whom.
    owed: HashMap<UserId, BTreeSet<UserId>>,
    /// Somebody asked for all users of this node.
    wanted: bool,
    /// Whom to ask for theirs: all, where none is named.
    asks: BTreeSet<Option<NodeId>>,
    turned: Instant,
    lived: Instant,
}

impl Presence {
    pub(super) fn new(node: NodeId, now: Instant) -> Self {
        Self {
            node,
            own: Roll::default(),
            nodes: Nodes::default(),
            contacts: Contacts::default(),
            hidden: HashSet::new(),
            held: HashMap::new(),
            holds: VecDeque::new(),
            changed: BTreeSet::new(),
            owed: HashMap::new(),
            wanted: false,
            asks: BTreeSet::new(),
            turned: now,
            lived: now,
        }
    }

    /// A user is connected here, and is told of these; `hidden`: nobody is told of them.
    pub(super) fn enter(&mut self, user: UserId, contacts: &[UserId], hidden: bool) {
        self.hide(user, hidden);
        self.contacts.enter(user);
        self.meet(user, contacts);
        // READY says how it is now.
        self.owed.remove(&user);
    }

    /// Whether nobody is told of this user, who is connected here.
    pub(super) fn hides(&self, user: UserId) -> bool {
        self.hidden.contains(&user)
    }

    /// From now on nobody is told of the user, or everybody who may.
    pub(super) fn hide(&mut self, user: UserId, hidden: bool) {
        if hidden {
            self.hidden.insert(user);
            self.held.remove(&user);
            self.set_own(user, Status::Offline);
        } else {
            self.hidden.remove(&user);
        }
    }

    /// The user has no connection here any more.
    pub(super) fn leave(&mut self, user: UserId) {
        self.contacts.leave(user);
        self.owed.remove(&user);
    }

    /// How it stands with the user's connections here.
    pub(super) fn status(&mut self, now: Instant, user: UserId, status: Status) {
        if self.hidden.contains(&user) {
            if status == Status::Offline {
                self.hidden.remove(&user);
            }
            return;
        }
        let before = self.own.get(user);
        if status >= before {
            self.held.remove(&user);
            return self.set_own(user, status);
        }
        if self.held.get(&user).is_some_and(|(_, held)| *held == status) {
            return;
        }
        let until = now + HELD;
        self.held.insert(user, (until, status));
        self.holds.push_back((until, user));
    }

    /// These are all whom the user shares something with; see [`CONTACTS`].
    pub(super) fn meet(&mut self, user: UserId, contacts: &[UserId]) {
        let all: HashSet<UserId> = contacts.iter().copied().filter(|contact| *contact != user).collect();
        // Where there are more, nobody knows whether one who is missing here is among them.
        if contacts.len() < CONTACTS {
            let over = |list: &[UserId]| list.iter().copied().filter(|one| !all.contains(one)).collect::<Vec<_>>();
            for contact in over(self.contacts.seen(user)) {
                self.contacts.unlink(user, contact);
                self.owe(user, contact);
            }
            for other in over(self.contacts.by(user)) {
                self.contacts.unlink(other, user);
                self.owe(other, user);
            }
        }
        for contact in all {
            for (one, other) in [(user, contact), (contact, user)] {
                if self.contacts.link(one, other) && self.of(other) != Status::Offline {
                    self.owe(one, other);
                }
            }
        }
    }

    /// Whether reading the user's contacts anew would change anything here.
    pub(super) fn concerns(&self, user: UserId, followers: bool) -> bool {
        followers || self.contacts.is_here(user) || !self.contacts.by(user).is_empty()
    }

    /// Who is there of those whom the user is told of.
    pub(super) fn present(&self, user: UserId) -> Vec<Present> {
        let seen = self.contacts.seen(user).iter().map(|contact| Present(*contact, self.of(*contact)));
        seen.filter(|Present(_, status)| *status != Status::Offline).collect()
    }

    /// A node said something.
    pub(super) fn heard(&mut self, now: Instant, NodeWord { from, said }: NodeWord) {
        if from == self.node {
            return;
        }
        self.nodes.hear(from, now);
        match said {
            NodeSaid::Alive { digest } => {
                if !self.nodes.agrees(from, digest) {
                    self.asks.insert(Some(from));
                }
            }
            NodeSaid::Asks(asked) => self.wanted |= asked.is_none_or(|node| node == self.node),
            NodeSaid::Changes(users) => users.into_iter().for_each(|(user, status)| self.set_other(from, user, status)),
            NodeSaid::All { part, parts, users } => {
                for (user, status) in self.nodes.part(from, part, parts, users) {
                    self.set_other(from, user, status);
                }
            }
        }
    }

    /// What others said may have been lost.
    pub(super) fn ask(&mut self) {
        self.asks.insert(None);
    }

    /// When [`Presence::turn`] has something to do.
    pub(super) fn due(&self) -> Instant {
        if self.wanted || !(self.changed.is_empty() && self.owed.is_empty() && self.asks.is_empty()) {
            return self.turned + TURN;
        }
        let times = [Some(self.lived + ALIVE), self.holds.front().map(|(until, _)| *until), self.nodes.due()];
        // A turn at most that often, whatever it is for.
        times.into_iter().flatten().min().unwrap_or(self.lived + ALIVE).max(self.turned + TURN)
    }

    /// What is to be said to the other nodes, in this order, and to users here.
    pub(super) fn turn(&mut self, now: Instant) -> (Vec<NodeWord>, Vec<Told>) {
        self.turned = now;
        self.end_holds(now);
        for node in self.nodes.silent(now) {
            for user in self.nodes.users(node) {
                self.set_other(node, user, Status::Offline);
            }
            self.nodes.forget(node);
        }
        let said = self.said(now).into_iter().map(|said| NodeWord { from: self.node, said }).collect();
        (said, self.told())
    }

    fn end_holds(&mut self, now: Instant) {
        while let Some((until, user)) = self.holds.front().copied().filter(|(until, _)| *until <= now) {
            self.holds.pop_front();
            if let Some((_, status)) = self.held.get(&user).copied().filter(|(held, _)| *held == until) {
                self.held.remove(&user);
                self.set_own(user, status);
            }
        }
    }

    fn said(&mut self, now: Instant) -> Vec<NodeSaid> {
        let changed = std::mem::take(&mut self.changed);
        let mut said: Vec<NodeSaid> = if std::mem::take(&mut self.wanted) {
            let users: Vec<_> = self.own.users().collect();
            let parts = users.len().div_ceil(PART).max(1);
            let part = |part: usize| users[part * PART..users.len().min((part + 1) * PART)].to_vec();
            let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            (0..parts).map(|n| NodeSaid::All { part: number(n + 1), parts: number(parts), users: part(n) }).collect()
        } else {
            let changed: Vec<_> = changed.into_iter().map(|user| (user, self.own.get(user))).collect();
            changed.chunks(PART).map(|users| NodeSaid::Changes(users.to_vec())).collect()
        };
        let asks = std::mem::take(&mut self.asks);
        if asks.contains(&None) {
            said.push(NodeSaid::Asks(None));
        } else {
            said.extend(asks.into_iter().map(NodeSaid::Asks));
        }
        // After all that changed, as its digest speaks of it.
        if self.lived + ALIVE <= now {
            self.lived = now;
            said.push(NodeSaid::Alive { digest: self.own.digest() });
        }
        said
    }

    fn told(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        for (user, mut contacts) in std::mem::take(&mut self.owed) {
            for _ in 0..TOLD {
                let Some(contact) = contacts.pop_first() else { break };
                let is_theirs = self.contacts.seen(user).contains(&contact);
                told.push((user, contact, if is_theirs { self.of(contact) } else { Status::Offline }));
            }
            if !contacts.is_empty() {
                self.owed.insert(user, contacts);
            }
        }
        told
    }

    /// The user's status.
    fn of(&self, user: UserId) -> Status {
        self.own.get(user).max(self.nodes.get(user))
    }

    fn set_own(&mut self, user: UserId, status: Status) {
        if self.own.get(user) == status {
            return;
        }
        let before = self.of(user);
        self.own.set(user, status);
        self.changed.insert(user);
        self.tell_after(user, before);
    }

    fn set_other(&mut self, node: NodeId, user: UserId, status: Status) {
        let before = self.of(user);
        self.nodes.set(node, user, status);
        self.tell_after(user, before);
    }

    fn tell_after(&mut self, user: UserId, before: Status) {
        if self.of(user) != before {
            for other in self.contacts.by(user).to_vec() {
                self.owe(other, user);
            }
        }
    }

    fn owe(&mut self, user: UserId, contact: UserId) {
        if self.contacts.is_here(user) {
            self.owed.entry(user).or_default().insert(contact);
        }
    }
}
