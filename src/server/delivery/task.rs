//! The delivery task: takes from the bus, hands to the chatters map, in the order of each log.
//!
//! It owns the index and the logs' places, so both change in stream order and without a lock. It waits for no
//! reader (the map never does) and for no read of the store (`fetch` sends answers back).

mod joins;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Command;
use super::fetch::{Fetches, Found};
use super::index::Index;
use super::logs::{Logs, Step};
use crate::protocol::{ConversationId, Event, Seq, Stream, UserId};
use crate::server::bus::{Bus, BusBody, BusMessage, Inbound, MembershipChange, Topic};
use crate::server::chatters::{Chatters, Frame, Outgoing};
use crate::server::shutdown::Shutdown;
use crate::server::store::{Memberships, Store, StoreError};

/// Time for the bus to note a subscription; later the watch tries again.
const SUBSCRIBE: Duration = Duration::from_secs(1);

pub(super) struct Task {
    bus: Arc<dyn Bus>,
    chatters: Chatters,
    fetches: Fetches,
    found: mpsc::UnboundedReceiver<Found>,
    index: Index,
    logs: Logs,
    /// Users whose memberships are being read, and who waits for it.
    loading: HashMap<UserId, Vec<oneshot::Sender<()>>>,
    /// Joins that are being read back, with the number of tries.
    joining: HashMap<(UserId, ConversationId), u32>,
    /// Followed topics that the bus did not take.
    unheard: HashSet<Topic>,
    /// Whether a comparison of all logs is under way, and whether another was asked for.
    checking: bool,
    check_again: bool,
}

impl Task {
    pub(super) fn new(store: Arc<dyn Store>, bus: Arc<dyn Bus>, chatters: Chatters) -> Self {
        let (fetches, found) = Fetches::new(store);
        Self {
            bus,
            chatters,
            fetches,
            found,
            index: Index::default(),
            logs: Logs::default(),
            loading: HashMap::new(),
            joining: HashMap::new(),
            unheard: HashSet::new(),
            checking: false,
            check_again: false,
        }
    }

    pub(super) async fn run(
        mut self,
        mut inbound: Inbound,
        mut commands: mpsc::Receiver<Command>,
        mut left: mpsc::UnboundedReceiver<UserId>,
        shutdown: Shutdown,
    ) {
        let began = shutdown.began();
        tokio::pin!(began);
        loop {
            tokio::select! {
                () = &mut began => return,
                Some(user) = left.recv() => self.left(user).await,
                Some(command) = commands.recv() => self.command(command).await,
                Some(found) = self.found.recv() => self.found(found).await,
                message = inbound.recv() => match message {
                    Some(message) => self.message(message).await,
                    None => {
                        tracing::error!("the bus has ended: nothing is delivered any more");
                        return;
                    }
                },
            }
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Subscribe(user, done) if self.index.contains(user) => {
                tracing::trace!(%user, "already followed");
                let _ = done.send(());
            }
            Command::Subscribe(user, done) => {
                let waiting = self.loading.entry(user).or_default();
                waiting.push(done);
                if waiting.len() == 1 {
                    self.fetches.memberships(user);
                }
            }
            Command::Check => self.check().await,
        }
    }

    async fn found(&mut self, found: Found) {
        match found {
            Found::Memberships(user, memberships) => self.loaded(user, memberships).await,
            Found::Page(stream, page) => self.page(stream, page).await,
            Found::Joined(user, conversation, page) => self.joined(user, conversation, page).await,
            Found::Stands(stands) => {
                for (stream, last) in stands {
                    let step = self.logs.hear(stream, last);
                    self.fill(stream, step);
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

    async fn message(&mut self, BusMessage { topic, body }: BusMessage) {
        match (body, topic) {
            (BusBody::Event { seq, frame, change }, topic) => {
                let stream = match topic {
                    Topic::Conversation(id) => Stream::Conversation(id),
                    Topic::User(user) => Stream::Inbox(user),
                };
                match self.logs.arrive(stream, seq) {
                    Step::Deliver => self.deliver(stream, seq, frame, change).await,
                    step => self.fill(stream, step),
                }
            }
            (BusBody::State(frame), Topic::Conversation(id)) => {
                self.chatters.send_all(self.index.told(id, None), &Outgoing { position: None, frame });
            }
            (BusBody::State(frame), Topic::User(user)) => {
                self.chatters.send(user, &Outgoing { position: None, frame });
            }
            (BusBody::SessionsEnded(sessions), Topic::User(user)) => self.chatters.end_sessions(user, &sessions),
            (BusBody::SessionsEnded(_), Topic::Conversation(_)) => {
                tracing::error!("sessions end by user, not by conversation");
            }
        }
    }

    /// Hands an event, whose turn it is, to those whom it concerns, and follows what it changes.
    async fn deliver(&mut self, stream: Stream, seq: Seq, frame: Frame, change: Option<MembershipChange>) {
        let outgoing = Outgoing { position: Some((stream, seq)), frame };
        match stream {
            Stream::Conversation(id) => self.chatters.send_all(self.index.told(id, Some(seq)), &outgoing),
            Stream::Inbox(user) => self.chatters.send(user, &outgoing),
        }
        match (change, stream) {
            (Some(MembershipChange::Joined(id)), Stream::Inbox(user)) => self.join(user, id).await,
            (Some(MembershipChange::Left(id)), Stream::Inbox(user)) => self.leave(user, id).await,
            (Some(MembershipChange::Removed(user)), Stream::Conversation(id)) => {
                self.index.removed(user, id, seq);
                self.release(stream).await;
            }
            _ => {}
        }
    }

    fn fill(&self, stream: Stream, step: Step) {
        if let Step::Fill(after) = step {
            self.fetches.page(stream, after);
        }
    }

    async fn page(&mut self, stream: Stream, page: Result<Vec<Event>, StoreError>) {
        let events = page.unwrap_or_else(|error| {
            tracing::warn!(%error, "a gap could not be filled yet");
            Vec::new()
        });
        let mut progress = false;
        for event in events {
            if self.logs.take(stream, event.seq) {
                progress = true;
                self.deliver_event(&event).await;
            }
        }
        let step = self.logs.filled(stream, progress);
        self.fill(stream, step);
    }

    async fn deliver_event(&mut self, event: &Event) {
        if let BusBody::Event { seq, frame, change } = BusMessage::of_event(event).body {
            self.deliver(event.stream, seq, frame, change).await;
        }
    }

    /// A user's memberships are here: follow their logs, then look whether anything came by meanwhile.
    async fn loaded(&mut self, user: UserId, memberships: Result<Memberships, StoreError>) {
        let Some(waiting) = self.loading.remove(&user) else { return };
        let memberships = match memberships {
            Ok(memberships) => memberships,
            Err(error) => {
                tracing::warn!(%error, "a user's memberships could not be read");
                return;
            }
        };
        if !self.chatters.is_connected(user) {
            // Nobody waits any more, and nobody would tell of the leaving.
            return;
        }
        self.index.enter(user);
        let inbox = Stream::Inbox(user);
        let mut streams = vec![inbox];
        self.hear_topic(inbox).await;
        self.logs.place(inbox, memberships.inbox_seq);
        for (conversation, last) in memberships.conversations {
            let stream = Stream::Conversation(conversation);
            self.hear_topic(stream).await;
            self.logs.place(stream, last);
            self.index.join(user, conversation, last.next());
            streams.push(stream);
        }
        for done in waiting {
            let _ = done.send(());
        }
        self.fetches.stands(streams, false);
    }

    /// A user's last connection left.
    async fn left(&mut self, user: UserId) {
        if self.chatters.is_connected(user) {
            return;
        }
        let mut conversations = self.index.remove(user);
        conversations.extend(self.joining.extract_if(|(joining, _), _| *joining == user).map(|((_, id), _)| id));
        self.release(Stream::Inbox(user)).await;
        for conversation in conversations {
            self.release(Stream::Conversation(conversation)).await;
        }
    }

    /// Compares every followed log with the store, and asks the bus again for what it did not take.
    async fn check(&mut self) {
        if std::mem::replace(&mut self.checking, true) {
            self.check_again = true;
            return;
        }
        for topic in std::mem::take(&mut self.unheard) {
            self.subscribe(topic).await;
        }
        self.fetches.stands(self.logs.placed(), true);
    }

    /// Asks the bus for a log's topic, unless it was asked before. Asked before the log is placed, so that what is
    /// published after the comparison is heard.
    async fn hear_topic(&mut self, stream: Stream) {
        if !self.logs.is_followed(stream) {
            self.logs.follow(stream);
            self.subscribe(stream.into()).await;
        }
    }

    async fn subscribe(&mut self, topic: Topic) {
        if !matches!(timeout(SUBSCRIBE, self.bus.subscribe(topic)).await, Ok(Ok(()))) {
            self.unheard.insert(topic);
        }
    }

    /// Forgets a log that nobody here follows any more.
    async fn release(&mut self, stream: Stream) {
        let needed = match stream {
            Stream::Conversation(id) => {
                self.index.is_followed(id) || self.joining.keys().any(|(_, conversation)| *conversation == id)
            }
            Stream::Inbox(user) => self.index.contains(user),
        };
        if needed || !self.logs.is_followed(stream) {
            return;
        }
        self.logs.forget(stream);
        self.unheard.remove(&stream.into());
        if !matches!(timeout(SUBSCRIBE, self.bus.unsubscribe(stream.into())).await, Ok(Ok(()))) {
            tracing::debug!("the bus did not take an end of a subscription: its messages will be left");
        }
    }
}
