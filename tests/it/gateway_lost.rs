//! What a node does about what the bus lost, or may have lost, or brings a little late.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chatter::protocol::{ConversationId, Event, SessionId, UserId};
use chatter::server::bus::{Received, Topic};
use tokio::io::DuplexStream;
use tokio::time::Instant;

use crate::support::gateway_node::{Client, Node};
use crate::support::steered::Steered;

const ROOM: i64 = 10;

/// A node with Ada and Bob in a room, both connected and with nothing more to be told.
async fn node() -> (Node, Arc<Steered>, [UserId; 2], [Client<DuplexStream>; 2]) {
    let (node, bus) = Steered::node();
    let users = [node.user(1, "ada"), node.user(2, "bob")];
    for user in users {
        node.store.add_member(ROOM, user);
    }
    let mut clients = [node.live(users[0]).await, node.live(users[1]).await];
    // The comparison of a new reader's logs comes after READY.
    tokio::time::sleep(Duration::from_millis(100)).await;
    for client in &mut clients {
        client.assert_silent().await;
    }
    (node, bus, users, clients)
}

/// What this takes, with time paused.
async fn took<T>(doing: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    (doing.await, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_may_be_lost_is_looked_for_at_once() {
    let (node, bus, [ada, _], [mut client, _bob]) = node().await;
    let lost = [Received::Lost, Received::LostOf(vec![Topic::Conversation(ConversationId(ROOM))])];
    for (seq, lost) in (3..).zip(lost) {
        node.store.commit(ROOM, ada, "unheard");
        bus.brings(lost).await;
        let (event, took) = took(client.event()).await;
        assert_eq!(event, format!("MESSAGE_CREATE {ROOM} {seq} unheard"));
        assert!(took < Duration::from_millis(100), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_are_the_sessions_whose_end_may_be_lost() {
    let (node, bus, [ada, _], [mut client, mut bob]) = node().await;
    node.store.drop_session(SessionId(1));
    bus.brings(Received::LostOf(vec![Topic::User(ada)])).await;
    let (code, took_ada) = took(client.close()).await;
    assert!(code == 4011 && took_ada < Duration::from_millis(100), "{code} after {took_ada:?}");
    bob.assert_silent().await;
    node.store.drop_session(SessionId(2));
    bus.brings(Received::Lost).await;
    let (code, took_bob) = took(bob.close()).await;
    assert!(code == 4011 && took_bob < Duration::from_millis(100), "{code} after {took_bob:?}");
}

#[tokio::test(start_paused = true)]
async fn while_the_bus_is_away_the_store_is_looked_at_every_second() {
    let (node, bus, [ada, _], [mut client, mut bob]) = node().await;
    bus.away.store(true, Ordering::Relaxed);
    for seq in 3..6 {
        node.store.commit(ROOM, ada, "unheard");
        let (event, took) = took(client.event()).await;
        assert_eq!(event, format!("MESSAGE_CREATE {ROOM} {seq} unheard"));
        assert!(took <= Duration::from_millis(1_500), "{took:?}");
    }
    node.store.drop_session(SessionId(2));
    let (code, took) = took(bob.close()).await;
    assert!(code == 4011 && took <= Duration::from_millis(1_500), "{code} after {took:?}");
    let before = node.store.comparisons.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let looks = node.store.comparisons.load(Ordering::Relaxed) - before;
    assert!((9..=11).contains(&looks), "{looks} in ten seconds");
}

#[tokio::test(start_paused = true)]
async fn a_gap_of_a_moment_costs_no_read() {
    let (node, bus, [ada, _], [mut client, _bob]) = node().await;
    let before = node.store.event_reads.load(Ordering::Relaxed);
    let events: Vec<Event> = (3..=12).map(|n| node.store.commit(ROOM, ada, &n.to_string())).collect();
    for pair in events.chunks(2).rev() {
        bus.brings_event(&pair[1]).await;
        bus.brings_event(&pair[0]).await;
    }
    for n in 3..=12 {
        assert_eq!(client.event().await, format!("MESSAGE_CREATE {ROOM} {n} {n}"));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(node.store.event_reads.load(Ordering::Relaxed), before);
}

#[tokio::test(start_paused = true)]
async fn a_gap_that_stays_is_filled_after_a_moment() {
    let (node, bus, [ada, _], [mut client, _bob]) = node().await;
    let events: Vec<Event> = (3..=6).map(|n| node.store.commit(ROOM, ada, &n.to_string())).collect();
    bus.brings_event(&events[1]).await;
    bus.brings_event(&events[3]).await;
    let (event, took) = took(client.event()).await;
    assert_eq!(event, format!("MESSAGE_CREATE {ROOM} 3 3"));
    assert!((40..=100).contains(&took.as_millis()), "{took:?}");
    for n in 4..=6 {
        assert_eq!(client.event().await, format!("MESSAGE_CREATE {ROOM} {n} {n}"));
    }
    assert_eq!(node.store.event_reads.load(Ordering::Relaxed), 1);
}
