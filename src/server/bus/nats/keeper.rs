//! The subscriptions: as many as there are buckets in use. Each has a task that takes in what comes, in its order, and
//! hands it to the node's delivery. None waits for that one: where it takes nothing, the message is left, and
//! [`Received::Lost`] is told.
//!
//! A subscription counts once the server has answered a question that was put after it. What was published before may
//! have passed by, so whose it is is told then; and with a new connection, that it may have been anybody's.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, Subscriber};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::task::AbortOnDropHandle;

use super::hearing::{Hearing, answers, connection};
use super::subject::Bucket;
use super::wire;
use crate::server::bus::{BusMessage, Received};

/// Time until an answer that did not come is asked for again.
const RETRY: Duration = Duration::from_millis(100);
/// How often the keeper looks, though nobody called it.
const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Keeper {
    client: Client,
    hearing: Arc<Hearing>,
    inbound: mpsc::Sender<Received>,
    /// The subscriptions, each with the task that takes in what comes.
    subscriptions: HashMap<Bucket, AbortOnDropHandle<()>>,
    /// Those of which the server may not know yet.
    fresh: BTreeSet<Bucket>,
}

impl Keeper {
    pub(super) fn new(client: Client, hearing: Arc<Hearing>, inbound: mpsc::Sender<Received>) -> Self {
        Self { client, hearing, inbound, subscriptions: HashMap::new(), fresh: BTreeSet::new() }
    }

    /// Until the node's delivery is gone.
    pub(super) async fn run(mut self) {
        while !self.inbound.is_closed() {
            self.subscribe().await;
            let again = if self.confirm().await { LOOK } else { RETRY };
            self.hearing.news(again).await;
        }
    }

    /// Subscribes to the buckets in use, and to no others. Waits where the connection takes nothing, as then there is
    /// nothing else to do.
    async fn subscribe(&mut self) {
        for bucket in self.hearing.changed() {
            if !self.hearing.is_wanted(bucket) {
                self.subscriptions.remove(&bucket);
                self.fresh.remove(&bucket);
                continue;
            }
            if self.subscriptions.contains_key(&bucket) {
                continue;
            }
            match self.client.subscribe(self.hearing.subjects.of_bucket(bucket)).await {
                Ok(messages) => {
                    let forward = forward(messages, self.hearing.clone(), self.inbound.clone());
                    self.subscriptions.insert(bucket, AbortOnDropHandle::new(tokio::spawn(forward)));
                    self.fresh.insert(bucket);
                }
                Err(error) => {
                    // The connection's task is gone, which it only is while the program ends.
                    tracing::debug!(%error, "a subscription was not taken");
                    return;
                }
            }
        }
    }

    /// Makes sure that the server knows the subscriptions, and tells what may have come by before. Answers whether nothing
    /// is left to do.
    async fn confirm(&mut self) -> bool {
        if self.hearing.take_lost() {
            self.tell(Received::Lost).await;
        }
        let connection = connection(&self.client);
        let new = self.hearing.is_new(connection);
        if self.client.connection_state() != State::Connected || (!new && self.fresh.is_empty()) {
            return true;
        }
        if !answers(&self.client, &self.hearing.subjects).await {
            return false;
        }
        let fresh = std::mem::take(&mut self.fresh);
        if new {
            self.hearing.heard(connection);
            tracing::info!(connection, "connected to the bus");
            self.tell(Received::Lost).await;
        } else {
            let topics: Vec<_> = fresh.iter().flat_map(|bucket| self.hearing.topics(*bucket)).collect();
            if !topics.is_empty() {
                self.tell(Received::LostOf(topics)).await;
            }
        }
        true
    }

    async fn tell(&self, received: Received) {
        // The delivery task may be gone: then nobody asks any more.
        let _ = self.inbound.send(received).await;
    }
}

/// Hands on what a subscription brings.
async fn forward(mut messages: Subscriber, hearing: Arc<Hearing>, inbound: mpsc::Sender<Received>) {
    while let Some(message) = messages.next().await {
        let Some(topic) = hearing.wanted_topic(&message.subject) else { continue };
        let body = match wire::decode(message.payload) {
            Ok(body) => body,
            Err(unread) => {
                hearing.unread(unread);
                continue;
            }
        };
        match inbound.try_send(Received::Message(BusMessage { topic, body })) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => hearing.overflow(),
            Err(TrySendError::Closed(_)) => return,
        }
    }
}
