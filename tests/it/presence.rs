//! Who is there and who types, as clients see it: on one node, and on two with a NATS between them.

use std::sync::Arc;
use std::time::Duration;

use chatter::protocol::UserId;
use chatter::server::bus::nats::NatsBus;
use chatter::server::bus::{Received, Topic};
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep, timeout};

use crate::support::app::TestApp;
use crate::support::fake_store::FakeStore;
use crate::support::gateway_node::{Client, Node, Read, SOON};
use crate::support::nats::{self, Server};
use crate::support::person::Person;
use crate::support::steered::Steered;

const IDLE: &str = r#"{"op":"HEARTBEAT","d":{"idle":true}}"#;
const GROUP: i64 = 10;

fn typing(conversation: i64) -> String {
    format!(r#"{{"op":"TYPING_START","d":{{"conversation":{conversation}}}}}"#)
}

fn typed(conversation: i64, id: i64, name: &str) -> String {
    format!(r#"{{"op":"TYPING_START","d":{{"conversation":{conversation},"user":{{"id":{id},"name":"{name}"}}}}}}"#)
}

/// A node with Ada, Bob and Eve, of whom the first two share a group.
fn node() -> (Node, [UserId; 3]) {
    let node = Node::start();
    let users = people(&node);
    (node, users)
}

fn people(node: &Node) -> [UserId; 3] {
    let users = [node.user(1, "ada"), node.user(2, "bob"), node.user(3, "eve")];
    node.store.add_member(GROUP, users[0]);
    node.store.add_member(GROUP, users[1]);
    users
}

/// A connection, and whom READY says to be there.
async fn live(node: &Node, user: UserId) -> (Client<DuplexStream>, Value) {
    let mut client = node.connect().await;
    client.identify(&node.token(user)).await;
    assert_eq!(client.op().await, "HELLO");
    let mut ready: Value = serde_json::from_str(&client.text().await).unwrap();
    (client, ready["d"]["present"].take())
}

#[tokio::test(start_paused = true)]
async fn who_comes_leaves_and_goes_idle_is_told_to_their_contacts() {
    let (node, [ada, bob, eve]) = node();
    let (mut seen, present) = live(&node, ada).await;
    assert_eq!(present, Value::Null, "nobody is there");
    let (mut stranger, _) = live(&node, eve).await;
    let (mut phone, present) = live(&node, bob).await;
    assert_eq!(present, json!([[1, "online"]]));
    assert_eq!(seen.presence().await, "2 online");

    // One device is idle, the other one is not; then both are.
    let (mut laptop, _) = live(&node, bob).await;
    phone.send(IDLE).await;
    laptop.send(IDLE).await;
    let began = Instant::now();
    assert_eq!(seen.presence().await, "2 away");
    assert!(began.elapsed() >= Duration::from_secs(10), "it must last");
    laptop.send(r#"{"op":"HEARTBEAT"}"#).await;
    assert_eq!(seen.presence().await, "2 online");

    // Nobody sits at the one that stays; and what comes back in time is not told at all.
    drop(laptop);
    assert_eq!(seen.presence().await, "2 away");
    drop(phone);
    sleep(Duration::from_secs(5)).await;
    let (phone, _) = live(&node, bob).await;
    assert_eq!(seen.presence().await, "2 online");
    drop(phone);
    sleep(Duration::from_secs(9)).await;
    let (phone, _) = live(&node, bob).await;
    sleep(Duration::from_secs(30)).await;
    drop(phone);
    let began = Instant::now();
    assert_eq!(seen.presence().await, "2 offline");
    assert!((10..12).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let (_, present) = live(&node, ada).await;
    assert_eq!(present, Value::Null);

    // Eve, who shares nothing with them, was told nothing.
    stranger.send(r#"{"op":"HEARTBEAT"}"#).await;
    let mut told = Vec::new();
    while told.last().is_none_or(|text| text != r#"{"op":"HEARTBEAT_ACK"}"#) {
        if let Read::Text(text) = stranger.read().await {
            told.push(text);
        }
    }
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_added_to_a_group_is_seen_from_then_on() {
    let (node, [ada, bob, eve]) = node();
    let (mut seen, _) = live(&node, ada).await;
    let (mut other, _) = live(&node, bob).await;
    assert_eq!(seen.presence().await, "2 online");
    let (mut new, present) = live(&node, eve).await;
    assert_eq!(present, Value::Null);
    node.store.publish(node.store.add_member(GROUP, eve)).await;
    assert_eq!((seen.presence().await, other.presence().await), ("3 online".into(), "3 online".into()));
    let mut met = [new.presence().await, new.presence().await];
    met.sort_unstable();
    assert_eq!(met, ["1 online", "2 online"]);
    // And no more when they were removed.
    node.store.publish(node.store.remove_member(GROUP, eve)).await;
    assert_eq!((seen.presence().await, other.presence().await), ("3 offline".into(), "3 offline".into()));
    drop(new);
    sleep(Duration::from_secs(60)).await;
    drop(other);
    assert_eq!(seen.presence().await, "2 offline", "nothing more of Eve");
}

#[tokio::test(start_paused = true)]
async fn who_hides_is_gone_even_where_the_bus_has_lost_the_word_of_it() {
    let (node, bus) = Steered::node();
    let [ada, bob, _] = people(&node);
    let (mut seen, _) = live(&node, ada).await;
    let (_his, _) = live(&node, bob).await;
    assert_eq!(seen.presence().await, "2 online");
    let lost_of = Received::LostOf(vec![Topic::User(bob)]);
    let losses =
        [(true, "2 offline", Some(Received::Lost)), (false, "2 online", Some(lost_of)), (true, "2 offline", None)];
    for (hides, status, lost) in losses {
        node.store.hide_unsaid(bob, hides);
        // What nobody knows to be lost is found within seconds.
        if let Some(lost) = lost {
            bus.brings(lost).await;
        }
        let told = timeout(Duration::from_secs(12), seen.presence()).await;
        assert_eq!(told.expect("within seconds"), status);
    }
}

#[tokio::test(start_paused = true)]
async fn the_others_of_a_conversation_are_told_who_types() {
    let (node, [ada, bob, eve]) = node();
    let (mut typist, _) = live(&node, ada).await;
    let (mut own, _) = live(&node, ada).await;
    let (mut reader, _) = live(&node, bob).await;
    let (mut stranger, _) = live(&node, eve).await;
    let began = Instant::now();
    typist.send(&typing(GROUP)).await;
    assert_eq!(reader.text().await, typed(GROUP, 1, "ada"));
    // What comes sooner than in three seconds is left, from whichever device.
    typist.send(&typing(GROUP)).await;
    own.send(&typing(GROUP)).await;
    sleep(Duration::from_secs(2)).await;
    own.send(&typing(GROUP)).await;
    sleep(Duration::from_millis(1_100)).await;
    own.send(&typing(GROUP)).await;
    assert_eq!(reader.text().await, typed(GROUP, 1, "ada"));
    assert!((3_000..4_000).contains(&began.elapsed().as_millis()));
    // What is not theirs does not exist, and nobody is told.
    stranger.send(&typing(GROUP)).await;
    stranger.send(&typing(99)).await;
    for client in [&mut typist, &mut own, &mut reader, &mut stranger] {
        client.assert_silent().await;
        sleep(Duration::from_millis(100)).await;
        client.assert_silent().await;
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_crowd_nobody_is_told_who_types() {
    let node = Node::start();
    for id in 1..=101 {
        let user = node.user(id, &format!("u{id}"));
        node.store.add_member(GROUP, user);
    }
    let mut clients = Vec::new();
    for id in 2..=101 {
        clients.push(live(&node, UserId(id)).await.0);
    }
    clients[0].send(&typing(GROUP)).await;
    assert_eq!(clients[1].text().await, typed(GROUP, 2, "u2"), "a hundred");
    let (mut last, _) = live(&node, UserId(1)).await;
    last.send(&typing(GROUP)).await;
    sleep(Duration::from_secs(1)).await;
    clients[1].assert_silent().await;
    drop(last);
}

#[tokio::test(start_paused = true)]
async fn a_fast_typist_never_sends_too_much() {
    // What the page sends at most: one TYPING_START in three seconds, and its heartbeats.
    let (node, [ada, ..]) = node();
    let (mut typist, _) = live(&node, ada).await;
    for second in 0..600 {
        if second % 3 == 0 {
            typist.send(&typing(GROUP)).await;
        }
        if second % 45 == 0 {
            typist.send(r#"{"op":"HEARTBEAT"}"#).await;
            assert_eq!(typist.op().await, "HEARTBEAT_ACK");
        }
        sleep(Duration::from_secs(1)).await;
    }
    typist.assert_silent().await;
}

/// Two nodes on a NATS; each has a store of its own that says the same.
async fn two_nodes(nats: &str) -> [(Node, [UserId; 3]); 2] {
    let prefix = nats::prefix();
    let nodes = [(); 2].map(|()| {
        let (store, committed) = FakeStore::open();
        let (bus, inbound) = NatsBus::open(nats, &prefix).unwrap();
        let node = Node::start_on(store, committed, Arc::new(bus), inbound);
        let users = people(&node);
        (node, users)
    });
    for (node, _) in &nodes {
        timeout(SOON, async {
            while node.bus.is_away() {
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("the bus is there");
    }
    nodes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn across_nodes_presence_and_typing_are_told() {
    let [(one, [ada, bob, eve]), (other, _)] = two_nodes(&nats::shared()).await;
    let (mut seen, _) = live(&one, ada).await;
    let (mut there, _) = live(&other, bob).await;
    assert_eq!(timeout(SOON, seen.presence()).await.unwrap(), "2 online");
    // The other node asked, when it began or when this one said that it lives.
    timeout(SOON, async {
        while live(&other, bob).await.1 != json!([[1, "online"]]) {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the other node comes to know of Ada");
    let (mut stranger, _) = live(&other, eve).await;
    stranger.send(&typing(GROUP)).await;
    seen.send(&typing(GROUP)).await;
    assert_eq!(there.text().await, typed(GROUP, 1, "ada"));
    there.send(&typing(GROUP)).await;
    assert_eq!(seen.text().await, typed(GROUP, 2, "bob"), "and nothing of Eve");
    // Ada goes; the node that she was at has the last word.
    drop(seen);
    let began = std::time::Instant::now();
    while timeout(3 * SOON, there.presence()).await.expect("she is gone") != "1 offline" {}
    assert!(began.elapsed() < Duration::from_secs(14));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_not_heard_is_forgotten_and_known_again() {
    let mut server = Server::start(&[]).unwrap();
    let [(one, [ada, bob, _]), (other, _)] = two_nodes(&server.url()).await;
    let (mut seen, _) = live(&one, ada).await;
    let (_there, _) = live(&other, bob).await;
    assert_eq!(timeout(SOON, seen.presence()).await.unwrap(), "2 online");
    server.kill().unwrap();
    assert_eq!(timeout(3 * SOON, seen.presence()).await.expect("it is forgotten"), "2 offline");
    server.start_again().unwrap();
    assert_eq!(timeout(3 * SOON, seen.presence()).await.expect("it is known again"), "2 online");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_first_message_two_people_see_each_other() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let room = crate::resume::room(&app, &[&ada, &bob]).await.0;
    let (mut seen, mut other) = (ada.socket().await, bob.socket().await);
    seen.send(&json!({"op": "TYPING_START", "d": {"conversation": room}})).await;
    assert_eq!(other.expect("TYPING_START").await["d"]["user"], json!({"id": ada.id, "name": "ada"}));
    ada.post_to("bob", "hi").await;
    assert_eq!(seen.presence().await, (bob.id, "online".to_owned()), "not of the room's people, but from now on");
    assert_eq!(other.presence().await, (ada.id, "online".to_owned()));
    let again = Person::sign_in(&ada.address, "ada").await;
    let mut socket = crate::support::socket::Socket::open(&again.address).await;
    socket.expect("HELLO").await;
    socket.identify(&again.token().await).await;
    assert_eq!(socket.expect("READY").await["d"]["present"], json!([[bob.id, "online"]]));
}
