//! The bus of several nodes: NATS, its core publish and subscribe alone.
//!
//! - `server`: what an address means, and how a node connects.
//! - `subject`: which subject a topic has. `wire`: what a message is in bytes. Both pure.
//! - `hearing`: which topics a node asked for. `keeper`: the subscriptions that bring them, and what may have been lost.
//! - `seldom`: warnings that come once a minute.
//!
//! A node is told what it publishes through its own channel, at once and whether or not NATS is there; NATS sends
//! nothing back to who published it. So a node whose NATS is away works on for its own readers.
//! Then nothing is kept for later but the few thousand messages that were on their way out: what is told late is
//! only a hint that is in the store already.
//!
//! # One subscription for many topics
//!
//! The client library has a channel for each subscription, and a channel has room for 32 messages of 184 bytes from the
//! beginning: 100,000 subscriptions took 482 MB, 4.9 KB each, whatever their capacity; 5.4 KB with the task that reads
//! it. A node with 10,000 readers has some 100,000 topics. So topics are gathered in buckets, 256 of conversations and 256
//! of users: at most 2.8 MB. A node subscribes to the buckets in use, and leaves what is not for it by the subject, before
//! anything is decoded. A small node still hears little that is not its own: of a hundred conversations, a third of the
//! traffic. One that has thousands hears everything, as it would have to, nearly, without buckets.
//!
//! # Rights
//!
//! Every subject begins with `chatter.{prefix}.`, answers to this node's questions included, so a NATS may be shared with
//! others, and a user who may use `chatter.>` and nothing else is enough. Whoever may publish there can show readers
//! anything, and end sessions: it is no place for strangers.

mod hearing;
mod keeper;
mod seldom;
mod server;
mod subject;
mod wire;

use std::sync::Arc;

use async_nats::Client;
use async_trait::async_trait;
use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::task::unconstrained;
use tokio_util::task::AbortOnDropHandle;

use self::hearing::Hearing;
use self::keeper::Keeper;
use self::subject::Subjects;
use super::local::WAITING;
use super::{Bus, BusError, BusMessage, Inbound, Received, Topic};

pub struct NatsBus {
    client: Client,
    hearing: Arc<Hearing>,
    inbound: mpsc::Sender<Received>,
    /// Ends with the bus, and the connection with it.
    _keeper: AbortOnDropHandle<()>,
}

fn unavailable(why: impl Into<String>) -> BusError {
    BusError::Unavailable(why.into())
}

impl NatsBus {
    /// The bus, and what this node receives from it. `url` names one server or several, with commas between:
    /// `nats://host:4222`, `tls://name:password@host`, `tls://token@host`. Nodes with the same `prefix` hear each other;
    /// it is one word of letters, digits, `-` and `_`.
    ///
    /// Does not wait for a server: a node serves without it, and connects when there is one. To be called within a
    /// runtime, on which its tasks run.
    pub fn open(url: &str, prefix: &str) -> Result<(Self, Inbound), BusError> {
        let hearing = Arc::new(Hearing::new(Subjects::of(prefix)?));
        let (servers, options) = server::servers(url)?;
        let told = hearing.clone();
        let client = options
            .custom_inbox_prefix(hearing.subjects.answers())
            .event_callback(move |event| {
                told.event(&event);
                std::future::ready(())
            })
            .connect(servers)
            // It waits for nothing, as it may be that no server is there yet.
            .now_or_never()
            .ok_or_else(|| unavailable("its client waits for a server"))?
            .map_err(|error| unavailable(error.to_string()))?;
        let (inbound, receiver) = mpsc::channel(WAITING);
        let keeper = Keeper::new(client.clone(), hearing.clone(), inbound.clone());
        let keeper = AbortOnDropHandle::new(tokio::spawn(keeper.run()));
        Ok((Self { client, hearing, inbound, _keeper: keeper }, receiver))
    }

    /// Hands it to the connection, without waiting.
    fn send(&self, message: &BusMessage) -> Result<(), BusError> {
        if self.is_away() {
            return Err(unavailable("no server of it is connected"));
        }
        let payload = wire::encode(&message.body);
        let publish = self.client.publish(self.hearing.subjects.of_topic(message.topic), payload);
        // Unconstrained: else it might wait for its turn although there is room.
        match unconstrained(publish).now_or_never() {
            Some(sent) => sent.map_err(|error| unavailable(error.to_string())),
            None => Err(unavailable("too much waits to be sent")),
        }
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
        let sent = self.send(&message);
        let told = self.inbound.send(Received::Message(message)).await;
        told.map_err(|_| unavailable("the node's delivery task is gone"))?;
        sent
    }

    async fn subscribe(&self, topic: Topic) -> Result<(), BusError> {
        self.hearing.want(topic);
        Ok(())
    }

    async fn unsubscribe(&self, topic: Topic) -> Result<(), BusError> {
        self.hearing.leave(topic);
        Ok(())
    }

    async fn ping(&self) -> Result<(), BusError> {
        if self.is_away() {
            return Err(unavailable("no server of it is connected"));
        }
        // Also where this node's delivery has ended: the publisher asks last, for what it has published to be sent.
        if !hearing::answers(&self.client, &self.hearing.subjects).await {
            return Err(unavailable("its server does not answer"));
        }
        if self.inbound.is_closed() {
            return Err(unavailable("the node's delivery task is gone"));
        }
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_away(&self) -> bool {
        self.hearing.is_away(&self.client)
    }
}
