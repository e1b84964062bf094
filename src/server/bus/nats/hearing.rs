//! What the tasks of the bus share: which topics the node asked for, and whether something was missed. Changing it
//! never waits; the keeper acts on it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::{Client, Event, Request, RequestErrorKind};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::seldom::Seldom;
use super::subject::{Bucket, Subjects};
use super::wire::Unread;
use crate::server::bus::Topic;

/// Time for the server's answer.
const ANSWER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Hearing {
    pub(super) subjects: Subjects,
    wanted: Mutex<Wanted>,
    /// Calls the keeper.
    news: Notify,
    /// Whether something was left that nobody was told of yet.
    lost: AtomicBool,
    /// The connection, by its number, that is known to bring all that is wanted.
    heard: AtomicU64,
    unknown: Seldom,
    garbled: Seldom,
    overflows: Seldom,
    troubles: Seldom,
}

#[derive(Debug, Default)]
struct Wanted {
    topics: HashMap<Bucket, HashSet<Topic>>,
    /// Buckets that the keeper has to look at.
    changed: BTreeSet<Bucket>,
}

impl Hearing {
    pub(super) fn new(subjects: Subjects) -> Self {
        Self {
            subjects,
            wanted: Mutex::default(),
            news: Notify::new(),
            lost: AtomicBool::new(false),
            heard: AtomicU64::new(0),
            unknown: Seldom::default(),
            garbled: Seldom::default(),
            overflows: Seldom::default(),
            troubles: Seldom::default(),
        }
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn want(&self, topic: Topic) {
        let bucket = Bucket::from(topic);
        let mut wanted = self.wanted();
        let topics = wanted.topics.entry(bucket).or_default();
        topics.insert(topic);
        if topics.len() == 1 {
            wanted.changed.insert(bucket);
            drop(wanted);
            self.news.notify_one();
        }
    }

    pub(super) fn leave(&self, topic: Topic) {
        let bucket = Bucket::from(topic);
        let mut wanted = self.wanted();
        let Some(topics) = wanted.topics.get_mut(&bucket) else { return };
        topics.remove(&topic);
        if topics.is_empty() {
            wanted.topics.remove(&bucket);
            wanted.changed.insert(bucket);
            drop(wanted);
            self.news.notify_one();
        }
    }

    /// Whose message this is, where somebody here wants it.
    pub(super) fn wanted_topic(&self, subject: &str) -> Option<Topic> {
        let topic = self.subjects.topic(subject)?;
        self.wanted().topics.get(&topic.into())?.contains(&topic).then_some(topic)
    }

    /// Who is wanted in this bucket.
    pub(super) fn topics(&self, bucket: Bucket) -> Vec<Topic> {
        self.wanted().topics.get(&bucket).into_iter().flatten().copied().collect()
    }

    /// Buckets that came into use, or went out of it, since this was asked last.
    pub(super) fn changed(&self) -> BTreeSet<Bucket> {
        std::mem::take(&mut self.wanted().changed)
    }

    /// Waits until there is something to do, or for so long.
    pub(super) async fn news(&self, at_most: Duration) {
        let _ = timeout(at_most, self.news.notified()).await;
    }

    /// Whether something was left since this was asked last.
    pub(super) fn take_lost(&self) -> bool {
        self.lost.swap(false, Ordering::AcqRel)
    }

    pub(super) fn is_wanted(&self, bucket: Bucket) -> bool {
        self.wanted().topics.contains_key(&bucket)
    }

    /// Whether what others publish is not known to come.
    pub(super) fn is_away(&self, client: &Client) -> bool {
        client.connection_state() != State::Connected || self.is_new(connection(client))
    }

    /// Whether this connection is not known to bring all that is wanted.
    pub(super) fn is_new(&self, connection: u64) -> bool {
        self.heard.load(Ordering::Acquire) != connection
    }

    /// The server knows what is wanted on this connection.
    pub(super) fn heard(&self, connection: u64) {
        self.heard.store(connection, Ordering::Release);
    }

    /// Something happened to the connection.
    pub(super) fn event(&self, event: &Event) {
        match event {
            Event::SlowConsumer(_) => self.overflow(),
            Event::ServerError(_) | Event::ClientError(_) => {
                if let Some(count) = self.troubles.happened(Instant::now()) {
                    tracing::warn!(count, "the bus: {event}");
                }
            }
            Event::Disconnected => tracing::warn!("the bus is gone: other nodes are heard of through the store"),
            Event::Connected | Event::LameDuckMode | Event::Draining | Event::Closed => {}
        }
        self.news.notify_one();
    }

    pub(super) fn overflow(&self) {
        if let Some(count) = self.overflows.happened(Instant::now()) {
            tracing::warn!(
                count,
                "messages of the bus came faster than they were taken in; the store is asked for them"
            );
        }
        self.lost.store(true, Ordering::Release);
        self.news.notify_one();
    }

    pub(super) fn unread(&self, unread: Unread) {
        let (seldom, why) = match unread {
            Unread::Unknown => (&self.unknown, "a newer program sent what this one does not know"),
            Unread::Garbled => (&self.garbled, "what came is not what a node sends"),
        };
        if let Some(count) = seldom.happened(Instant::now()) {
            tracing::warn!(count, "messages of the bus were left: {why}");
        }
    }
}

/// The number of the connection: 1 for the first, and so on.
pub(super) fn connection(client: &Client) -> u64 {
    client.statistics().connects.load(Ordering::Acquire)
}

/// Asks the server, which has worked through all that was sent to it before when it answers: that nobody is there who
/// could. Where somebody listens to everything, the question is theirs, and nothing comes. Then it counts that the
/// connection still stands, which asks in its own way, and gives up on a server that hangs half a second later.
pub(super) async fn answers(client: &Client, subjects: &Subjects) -> bool {
    let before = connection(client);
    // With a subscription of its own: what the library keeps of other questions stays for ever where no answer comes.
    let question = Request::new().inbox(client.new_inbox());
    match timeout(ANSWER, client.send_request(subjects.nobody(), question)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => error.kind() == RequestErrorKind::NoResponders,
        Err(_) => client.connection_state() == State::Connected && connection(client) == before,
    }
}
