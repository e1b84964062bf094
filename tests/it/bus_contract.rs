//! The contract of `server::bus::Bus`, held by every back end.

use std::sync::Arc;
use std::time::Duration;

use chatter::protocol::{ConversationId, Seq, UserId};
use chatter::server::bus::local::LocalBus;
use chatter::server::bus::{Bus, BusBody, BusMessage, Inbound, Topic};
use chatter::server::chatters::Frame;
use tokio::time::timeout;

const ROOM: Topic = Topic::Conversation(ConversationId(1));

fn event(topic: Topic, seq: i64) -> BusMessage {
    BusMessage { topic, body: BusBody::Event { seq: Seq(seq), frame: Frame::from(format!("{seq}")), change: None } }
}

async fn seqs(inbound: &mut Inbound, topic: Topic, count: usize) -> Vec<i64> {
    let mut seqs = Vec::new();
    while seqs.len() < count {
        let message = timeout(Duration::from_secs(10), inbound.recv()).await.expect("it comes").expect("it is open");
        // Messages of other topics may come; they are left.
        if let (true, BusBody::Event { seq, .. }) = (message.topic == topic, message.body) {
            seqs.push(seq.0);
        }
    }
    seqs
}

async fn holds(open: impl Fn() -> (Arc<dyn Bus>, Inbound)) {
    what_is_published_comes_back_in_order(open()).await;
    topics_keep_their_own_order(open()).await;
    subscribing_is_idempotent(open()).await;
    publishing_does_not_wait_for_the_receiver_to_act(open()).await;
}

async fn what_is_published_comes_back_in_order((bus, mut inbound): (Arc<dyn Bus>, Inbound)) {
    bus.subscribe(ROOM).await.unwrap();
    for seq in 1..=500 {
        bus.publish(event(ROOM, seq)).await.unwrap();
    }
    assert_eq!(seqs(&mut inbound, ROOM, 500).await, (1..=500).collect::<Vec<_>>());
}

async fn topics_keep_their_own_order((bus, mut inbound): (Arc<dyn Bus>, Inbound)) {
    let inbox = Topic::User(UserId(1));
    bus.subscribe(ROOM).await.unwrap();
    bus.subscribe(inbox).await.unwrap();
    for seq in 1..=50 {
        bus.publish(event(inbox, seq)).await.unwrap();
        bus.publish(event(ROOM, seq)).await.unwrap();
    }
    assert_eq!(seqs(&mut inbound, ROOM, 50).await, (1..=50).collect::<Vec<_>>());
}

async fn subscribing_is_idempotent((bus, mut inbound): (Arc<dyn Bus>, Inbound)) {
    bus.subscribe(ROOM).await.unwrap();
    bus.subscribe(ROOM).await.unwrap();
    bus.publish(event(ROOM, 1)).await.unwrap();
    bus.publish(event(ROOM, 2)).await.unwrap();
    assert_eq!(seqs(&mut inbound, ROOM, 2).await, [1, 2], "not twice");
    bus.unsubscribe(ROOM).await.unwrap();
    bus.unsubscribe(ROOM).await.unwrap();
    bus.subscribe(ROOM).await.unwrap();
    bus.publish(event(ROOM, 3)).await.unwrap();
    assert_eq!(seqs(&mut inbound, ROOM, 1).await, [3]);
}

async fn publishing_does_not_wait_for_the_receiver_to_act((bus, inbound): (Arc<dyn Bus>, Inbound)) {
    bus.subscribe(ROOM).await.unwrap();
    for seq in 1..=1_000 {
        timeout(Duration::from_secs(10), bus.publish(event(ROOM, seq))).await.expect("it does not wait").unwrap();
    }
    bus.ping().await.unwrap();
    drop(inbound);
}

#[tokio::test]
async fn local() {
    holds(|| {
        let (bus, inbound) = LocalBus::open();
        (Arc::new(bus) as Arc<dyn Bus>, inbound)
    })
    .await;
}

#[tokio::test]
async fn a_local_bus_without_its_receiver_says_so() {
    let (bus, inbound) = LocalBus::open();
    drop(inbound);
    assert!(bus.publish(event(ROOM, 1)).await.is_err());
    assert!(bus.ping().await.is_err());
}
