//! The nodes of an installation, as far as the bus knows them, and the few verbs that the tests speak in.

use std::sync::Arc;
use std::time::Duration;

use chatter::protocol::{ConversationId, Seq};
use chatter::server::bus::local::LocalBus;
use chatter::server::bus::nats::NatsBus;
use chatter::server::bus::{Bus, BusBody, BusError, BusMessage, Inbound, MembershipChange, Received, Topic};
use chatter::server::chatters::Frame;
use tokio::time::{sleep, timeout};

use crate::support::nats;

/// Longest wait for anything that must come.
const SOON: Duration = Duration::from_secs(20);

pub(super) const ROOM: Topic = Topic::Conversation(ConversationId(1));

pub(super) fn event(topic: Topic, seq: i64) -> BusMessage {
    event_of(topic, seq, &seq.to_string(), None)
}

pub(super) fn event_of(topic: Topic, seq: i64, text: &str, change: Option<MembershipChange>) -> BusMessage {
    BusMessage { topic, body: BusBody::Event { seq: Seq(seq), frame: Frame::from(text.to_owned()), change } }
}

pub(super) fn state(topic: Topic, text: &str) -> BusMessage {
    BusMessage { topic, body: BusBody::State(Frame::from(text.to_owned())) }
}

pub(super) struct Node {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) inbound: Inbound,
}

impl Node {
    /// One of NATS that is connected to it.
    pub(super) async fn connected(url: &str, prefix: &str) -> Self {
        let mut node = Self::open(url, prefix);
        node.lost().await;
        node
    }

    pub(super) fn open(url: &str, prefix: &str) -> Self {
        let (bus, inbound) = NatsBus::open(url, prefix).unwrap();
        Self { bus: Arc::new(bus), inbound }
    }

    /// Bounded, as it must not wait for anybody.
    pub(super) async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
        timeout(SOON, self.bus.publish(message)).await.expect("it does not wait")
    }

    pub(super) async fn received(&mut self) -> Received {
        timeout(SOON, self.inbound.recv()).await.expect("it comes").expect("it is open")
    }

    /// The next message of this topic; others may come, and are left.
    pub(super) async fn message(&mut self, topic: Topic) -> BusMessage {
        loop {
            match self.received().await {
                Received::Message(message) if message.topic == topic => return message,
                _ => {}
            }
        }
    }

    /// The seqs of the next events of this topic.
    pub(super) async fn seqs(&mut self, topic: Topic, count: usize) -> Vec<i64> {
        let mut seqs = Vec::new();
        while seqs.len() < count {
            if let BusBody::Event { seq, .. } = self.message(topic).await.body {
                seqs.push(seq.0);
            }
        }
        seqs
    }

    /// Passes over what comes, up to the word that anything may have been lost.
    pub(super) async fn lost(&mut self) {
        while !matches!(self.received().await, Received::Lost) {}
    }

    /// From now on, all of this topic comes: it is the first one in its subscription.
    pub(super) async fn hear(&mut self, topic: Topic) {
        self.bus.subscribe(topic).await.unwrap();
        loop {
            match self.received().await {
                Received::LostOf(topics) => return assert_eq!(topics, [topic]),
                Received::Lost => return,
                Received::Message(_) => {}
            }
        }
    }

    /// Waits until it is known that the bus is away, or that it is there.
    pub(super) async fn away(&self, away: bool) {
        let same = async {
            while self.bus.is_away() != away {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(SOON, same).await.unwrap_or_else(|_| panic!("away: {away}"));
    }
}

pub(super) struct Bench {
    pub(super) nodes: Vec<Node>,
    /// Whether a subscription takes a moment, and is told of then.
    told: bool,
}

impl Bench {
    /// Every node hears this topic from now on.
    pub(super) async fn hear(&mut self, topic: Topic) {
        for node in &mut self.nodes {
            if self.told {
                node.hear(topic).await;
            } else {
                node.bus.subscribe(topic).await.unwrap();
            }
        }
    }
}

/// The only node that there is.
pub(super) async fn local() -> Bench {
    let (bus, inbound) = LocalBus::open();
    Bench { nodes: vec![Node { bus: Arc::new(bus), inbound }], told: false }
}

/// Two nodes on a NATS.
pub(super) async fn nats() -> Bench {
    let (url, prefix) = (nats::shared(), nats::prefix());
    let nodes = vec![Node::connected(&url, &prefix).await, Node::connected(&url, &prefix).await];
    Bench { nodes, told: true }
}
