//! The delivery task: takes from the bus, hands to the chatters map, in the order of each log.
//!
//! It owns the index and the logs' places, so both change in stream order and without a lock. It waits for no
//! reader (the map never does) and for no read of the store (`fetch` sends answers back).

mod delivering;
mod follows;
mod gaps;
mod inbox;
mod joins;
mod leaves;
mod passing;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use inbox::Holds;
pub(super) use joins::Joined;
use leaves::Rest;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::fetch::{Fetches, Found};
use super::hiding::Looks;
use super::index::Index;
use super::logs::Logs;
use super::presence::Presence;
use super::sessions::Doubts;
use super::typing::Typing;
use super::{Command, Subscribed};
use crate::protocol::{ConversationId, Stream, UserId};
use crate::server::bus::{Bus, BusMessage, Inbound, MembershipChange, NodeId, Received, Topic};
use crate::server::chatters::{Chatters, Frame};
use crate::server::shutdown::Shutdown;
use crate::server::store::Store;

/// Messages in one turn, at most: what a reader is owed of them goes out together, and others have their turn. One by
/// one they would be a hundred a turn, and on a busy machine a turn comes after thousands of requests.
const MESSAGES: usize = 1_024;

pub(super) struct Task {
    bus: Arc<dyn Bus>,
    chatters: Chatters,
    fetches: Fetches,
    found: mpsc::UnboundedReceiver<Found>,
    index: Index,
    logs: Logs<(Frame, Option<MembershipChange>)>,
    /// Logs with a gap, and when it has stayed too long: the earliest first, as all have the same time.
    gaps: VecDeque<(Instant, Stream)>,
    doubts: Arc<Doubts>,
    /// Users whose memberships are being read, and who waits for it.
    loading: HashMap<UserId, Vec<Subscribed>>,
    holds: Holds,
    /// What those were not told yet who left, and whose inbox has not come to it.
    rests: HashMap<(UserId, ConversationId), Rest>,
    presence: Presence,
    hiding: Looks,
    typing: Typing,
    /// Users whose contacts are being read.
    meeting: HashSet<UserId>,
    whispers: mpsc::Sender<BusMessage>,
    /// Followed topics that the bus did not take.
    unheard: HashSet<Topic>,
    /// Whether a comparison of all logs is under way, and whether another was asked for.
    checking: bool,
    check_again: bool,
}

impl Task {
    pub(super) fn new(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        chatters: Chatters,
        doubts: Arc<Doubts>,
        whispers: mpsc::Sender<BusMessage>,
    ) -> Self {
        let (fetches, found) = Fetches::new(store);
        Self {
            bus,
            chatters,
            fetches,
            found,
            index: Index::default(),
            logs: Logs::default(),
            gaps: VecDeque::new(),
            doubts,
            loading: HashMap::new(),
            holds: Holds::default(),
            rests: HashMap::new(),
            presence: Presence::new(NodeId::random(), Instant::now()),
            hiding: Looks::default(),
            typing: Typing::default(),
            meeting: HashSet::new(),
            whispers,
            unheard: HashSet::new(),
            checking: false,
            check_again: false,
        }
    }

    pub(super) async fn run(
        mut self,
        mut inbound: Inbound,
        mut commands: mpsc::Receiver<Command>,
        mut changed: mpsc::UnboundedReceiver<UserId>,
        shutdown: Shutdown,
    ) {
        let began = shutdown.began();
        tokio::pin!(began);
        let mut messages = Vec::with_capacity(MESSAGES);
        self.subscribe(Topic::Nodes).await;
        let turn = sleep_until(self.presence.due());
        tokio::pin!(turn);
        loop {
            // Moved only when it is another time: most messages change nothing about it.
            let due = self.presence.due();
            if turn.deadline() != due {
                turn.as_mut().reset(due);
            }
            let overdue = self.gaps.front().map(|(at, _)| *at);
            tokio::select! {
                () = &mut began => return,
                () = sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => self.overdue(),
                () = &mut turn => self.turn(),
                Some(user) = changed.recv() => self.connections_changed(user).await,
                Some(command) = commands.recv() => self.command(command).await,
                Some(found) = self.found.recv() => self.found(found).await,
                count = inbound.recv_many(&mut messages, MESSAGES) => {
                    if count == 0 {
                        tracing::error!("the bus has ended: nothing is delivered any more");
                        return;
                    }
                    for received in messages.drain(..) {
                        self.received(received).await;
                    }
                }
            }
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Subscribe(user, done) if self.index.contains(user) => {
                tracing::trace!(%user, "already followed");
                self.see(user);
                let _ = done.send(self.presence.present(user));
            }
            Command::Subscribe(user, done) => {
                let waiting = self.loading.entry(user).or_default();
                waiting.push(done);
                if waiting.len() == 1 {
                    self.fetches.memberships(user);
                }
            }
            Command::Typing(user, conversation) => self.types(user, conversation),
            Command::Check => self.check().await,
        }
    }

    async fn found(&mut self, found: Found) {
        match found {
            Found::Memberships(user, memberships) => self.loaded(user, memberships).await,
            Found::Contacts(user, contacts) => self.contacts(user, contacts),
            Found::Page(stream, page) => self.page(stream, page).await,
            Found::Hiding(users, hiding) => self.look_found(users, hiding),
            Found::Joined(user, number, joined) => self.joined(user, number, joined).await,
            Found::Ends(user, number, last) => self.ends(user, number, last).await,
            Found::Log(user, number, events) => self.read_on(user, number, events).await,
            Found::Stands(stands) => {
                for (stream, last) in stands {
                    let step = self.logs.hear(stream, last);
                    self.take(stream, step);
                }
            }
            Found::Checked => {
                self.checking = false;
                if std::mem::take(&mut self.check_again) {
                    self.check().await;
                }
            }
        }
    }

    async fn received(&mut self, received: Received) {
        match received {
            Received::Message(message) => self.message(message).await,
            Received::Lost => {
                self.doubts.everybodys();
                self.presence.ask();
                self.look_who_hides(self.index.users().collect());
                self.check().await;
            }
            Received::LostOf(topics) => self.lost_of(topics),
        }
    }
}
