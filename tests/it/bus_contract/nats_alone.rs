//! What NATS has and a bus inside the process has not: servers that go and come, and others on them.

use std::time::Duration;

use chatter::protocol::{ConversationId, UserId};
use chatter::server::bus::nats::NatsBus;
use chatter::server::bus::{BusError, Received, Topic};
use tokio::time::sleep;

use super::bench::{self, Node, ROOM, event, state};
use crate::support::nats::{Server, prefix, shared};

#[tokio::test]
async fn a_node_goes_on_without_the_server_and_is_told_when_it_is_back() {
    let mut server = Server::start(&[]).unwrap();
    let prefix = prefix();
    let mut one = Node::connected(&server.url(), &prefix).await;
    let mut other = Node::connected(&server.url(), &prefix).await;
    one.hear(ROOM).await;
    other.hear(ROOM).await;
    server.kill().unwrap();
    one.away(true).await;
    other.away(true).await;
    for seq in 1..=100 {
        let told = one.publish(event(ROOM, seq)).await;
        assert!(matches!(told, Err(BusError::Unavailable(_))), "others do not get it: {told:?}");
    }
    assert_eq!(one.seqs(ROOM, 100).await, (1..=100).collect::<Vec<_>>(), "oneself does");
    assert!(one.bus.ping().await.is_err());
    // Asked for meanwhile: heard once it is back.
    other.bus.subscribe(Topic::User(UserId(3))).await.unwrap();
    server.start_again().unwrap();
    one.lost().await;
    other.lost().await;
    assert!(!one.bus.is_away() && !other.bus.is_away());
    one.bus.ping().await.unwrap();
    one.publish(event(ROOM, 101)).await.unwrap();
    assert_eq!(other.seqs(ROOM, 1).await, [101], "and nothing of what was said meanwhile");
    one.publish(event(Topic::User(UserId(3)), 1)).await.unwrap();
    assert_eq!(other.seqs(Topic::User(UserId(3)), 1).await, [1]);
}

#[tokio::test]
async fn a_server_that_hangs_is_noticed_and_holds_nobody_up() {
    let server = Server::start(&[]).unwrap();
    let prefix = prefix();
    let mut one = Node::connected(&server.url(), &prefix).await;
    let mut other = Node::connected(&server.url(), &prefix).await;
    one.hear(ROOM).await;
    other.hear(ROOM).await;
    server.freeze().unwrap();
    // More than what may wait to be sent, and than the kernel holds.
    for _ in 0..20_000 {
        // Whether the others will get it cannot be known yet.
        let _ = one.publish(state(ROOM, &"x".repeat(1_000))).await;
        one.message(ROOM).await;
    }
    one.away(true).await;
    other.away(true).await;
    server.thaw().unwrap();
    one.away(false).await;
    other.away(false).await;
    one.publish(event(ROOM, 1)).await.unwrap();
    assert_eq!(other.seqs(ROOM, 1).await, [1]);
}

#[tokio::test]
async fn a_node_starts_without_a_server() {
    let mut server = Server::absent(&[]).unwrap();
    let mut node = Node::open(&server.url(), &prefix());
    assert!(node.bus.is_away());
    node.bus.subscribe(ROOM).await.unwrap();
    assert!(node.publish(event(ROOM, 1)).await.is_err());
    assert_eq!(node.seqs(ROOM, 1).await, [1]);
    server.start_again().unwrap();
    node.lost().await;
    assert!(!node.bus.is_away());
}

#[tokio::test]
async fn what_is_asked_for_later_is_told_from_when_on() {
    let (url, prefix) = (shared(), prefix());
    let mut one = Node::connected(&url, &prefix).await;
    let mut other = Node::connected(&url, &prefix).await;
    // The second in a bucket comes with its subscription, and needs no word.
    let second = Topic::Conversation(ConversationId(257));
    one.hear(ROOM).await;
    one.bus.subscribe(second).await.unwrap();
    other.publish(event(second, 1)).await.unwrap();
    assert!(matches!(one.received().await, Received::Message(message) if message.topic == second));
    // Of another bucket, there is one; `hear` waits for it.
    one.hear(Topic::User(UserId(1))).await;
    other.hear(Topic::User(UserId(1))).await;
}

#[tokio::test]
async fn topics_that_are_not_asked_for_any_more_stop() {
    let (url, prefix) = (shared(), prefix());
    let mut one = Node::connected(&url, &prefix).await;
    let other = Node::connected(&url, &prefix).await;
    // In the same bucket, so its subscription stays; and alone in one.
    let (stays, stops, alone) = (Topic::Conversation(ConversationId(257)), ROOM, Topic::User(UserId(2)));
    one.hear(stays).await;
    one.bus.subscribe(stops).await.unwrap();
    one.hear(alone).await;
    one.bus.unsubscribe(stops).await.unwrap();
    one.bus.unsubscribe(alone).await.unwrap();
    for topic in [stops, alone, stays] {
        other.publish(event(topic, 1)).await.unwrap();
    }
    assert!(matches!(one.received().await, Received::Message(message) if message.topic == stays));
}

#[tokio::test]
async fn installations_on_one_server_do_not_hear_each_other() {
    let url = shared();
    let mut ours = Node::connected(&url, &prefix()).await;
    let mut theirs = Node::connected(&url, &prefix()).await;
    ours.hear(ROOM).await;
    theirs.hear(ROOM).await;
    ours.publish(event(ROOM, 1)).await.unwrap();
    ours.bus.ping().await.unwrap();
    theirs.publish(event(ROOM, 2)).await.unwrap();
    assert_eq!(theirs.seqs(ROOM, 1).await, [2]);
    assert_eq!(ours.seqs(ROOM, 1).await, [1]);
}

#[tokio::test]
async fn what_no_node_sends_is_left() {
    let (url, prefix) = (shared(), prefix());
    let mut node = Node::connected(&url, &prefix).await;
    let other = Node::connected(&url, &prefix).await;
    node.hear(ROOM).await;
    let stranger = async_nats::connect(&url).await.unwrap();
    let whole = b"\x01\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\x81\x011";
    let payloads: &[&[u8]] =
        &[b"", b"\x01", b"\x02\x01 a newer version", b"\x01\x09 a newer kind", &whole[..20], b"{}"];
    for payload in payloads {
        stranger.publish(format!("chatter.{prefix}.c.1.1"), payload.to_vec().into()).await.unwrap();
    }
    for subject in ["c.1.x", "c.1", "c.1.1.1", "x.1.1"] {
        stranger.publish(format!("chatter.{prefix}.{subject}"), whole.to_vec().into()).await.unwrap();
    }
    // The first that is whole comes, and what follows it.
    stranger.publish(format!("chatter.{prefix}.c.1.1"), whole.to_vec().into()).await.unwrap();
    assert_eq!(node.seqs(ROOM, 1).await, [1]);
    other.publish(event(ROOM, 2)).await.unwrap();
    assert_eq!(node.seqs(ROOM, 1).await, [2]);
}

#[tokio::test]
async fn more_than_is_taken_in_is_told_as_lost() {
    let mut bench = bench::nats().await;
    bench.hear(ROOM).await;
    let [slow, other] = &mut bench.nodes[..] else { panic!("there are two") };
    // Three times what may wait for a delivery task that does nothing.
    for seq in 1..=12_288 {
        other.publish(event(ROOM, seq)).await.unwrap();
        if seq % 1_024 == 0 {
            other.bus.ping().await.unwrap();
        }
        // Its own come at once, and have to be taken.
        other.message(ROOM).await;
    }
    slow.lost().await;
    other.publish(event(ROOM, 20_000)).await.unwrap();
    while slow.seqs(ROOM, 1).await != [20_000] {}
}

#[tokio::test]
async fn names_passwords_and_tokens_are_shown_at_the_door() {
    let cases = [
        (vec!["--user", "chatter", "--pass", "p@ss:word"], "chatter:p%40ss%3Aword", "chatter:wrong"),
        (vec!["--auth", "t0ken"], "t0ken", "wr0ng"),
    ];
    for (arguments, right, wrong) in cases {
        let server = Server::start(&arguments).unwrap();
        Node::connected(&server.url_as(right), &prefix()).await;
        let refused = Node::open(&server.url_as(wrong), &prefix());
        sleep(Duration::from_millis(300)).await;
        assert!(refused.bus.is_away() && refused.bus.ping().await.is_err());
    }
}

#[tokio::test]
async fn one_who_listens_to_everything_takes_nothing_away() {
    let (url, prefix) = (shared(), prefix());
    let stranger = async_nats::connect(&url).await.unwrap();
    let _everything = stranger.subscribe(format!("chatter.{prefix}.>")).await.unwrap();
    stranger.flush().await.unwrap();
    let mut one = Node::connected(&url, &prefix).await;
    let other = Node::connected(&url, &prefix).await;
    one.hear(ROOM).await;
    other.publish(event(ROOM, 1)).await.unwrap();
    assert_eq!(one.seqs(ROOM, 1).await, [1]);
    one.bus.ping().await.unwrap();
    assert!(!one.bus.is_away());
}

#[tokio::test]
async fn addresses_that_make_no_sense_are_refused_with_a_sentence() {
    let said = |url, prefix| NatsBus::open(url, prefix).err().unwrap().to_string();
    let address = said("http://nats.example", "p");
    assert!(address.starts_with("the bus's address does not begin with nats:// or tls://"), "{address}");
    assert!(address.contains("it should look like nats://nats.example:4222"), "{address}");
    assert!(said("nats://nats.example", "a.b").contains("letters, digits"));
}
