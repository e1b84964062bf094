//! A bus that a test steers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chatter::protocol::{Event, UserId};
use chatter::server::bus::{Bus, BusError, BusMessage, Received, Topic};
use tokio::sync::mpsc;

use super::fake_store::FakeStore;
use super::gateway_node::Node;

/// A bus that brings what the test says, and nothing else.
pub struct Steered {
    pub away: AtomicBool,
    inbound: mpsc::Sender<Received>,
}

impl Steered {
    /// A node that has no other bus.
    pub fn node() -> (Node, Arc<Self>) {
        let (store, committed) = FakeStore::open();
        let (sender, inbound) = mpsc::channel(1_024);
        let bus = Arc::new(Self { away: AtomicBool::new(false), inbound: sender });
        (Node::start_on(store, committed, bus.clone(), inbound), bus)
    }

    pub async fn brings(&self, received: Received) {
        self.inbound.send(received).await.unwrap();
    }

    pub async fn brings_events(&self, events: impl IntoIterator<Item = &Event>) {
        for event in events {
            self.brings_event(event).await;
        }
    }

    pub async fn brings_event(&self, event: &Event) {
        self.brings(Received::Message(BusMessage::of_event(event))).await;
    }

    /// As another node says it of a direct conversation that this user had left.
    pub async fn brings_without(&self, event: &Event, gone: UserId) {
        self.brings(Received::Message(BusMessage::of_event(event).without(Some(gone)))).await;
    }
}

#[async_trait]
impl Bus for Steered {
    async fn publish(&self, _message: BusMessage) -> Result<(), BusError> {
        Ok(())
    }

    async fn subscribe(&self, _topic: Topic) -> Result<(), BusError> {
        Ok(())
    }

    async fn unsubscribe(&self, _topic: Topic) -> Result<(), BusError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), BusError> {
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }
}
