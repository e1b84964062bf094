//! Two nodes of one installation: a PostgreSQL that they share, and a NATS between them, which may be gone.

use std::sync::Arc;
use std::time::Duration;

use chatter::protocol::{ConversationId, SessionId, UserId};
use chatter::server::bus::nats::NatsBus;
use chatter::server::bus::{BusBody, BusMessage, Topic};
use chatter::server::clock::now_ms;
use chatter::server::store::postgres::{Part, PostgresStore};
use chatter::server::store::{NewRoom, NewSession, NewUser, Store, Target};
use tokio::io::DuplexStream;
use tokio::time::{sleep, timeout};

use crate::support::gateway_node::{Client, Node, SOON};
use crate::support::message::message;
use crate::support::nats::{self, Server};
use crate::support::postgres;

type PgNode = Node<PostgresStore>;

/// Two nodes, and a room in which Ada and Bob are.
struct Cluster {
    one: PgNode,
    other: PgNode,
    ada: (UserId, SessionId),
    bob: (UserId, SessionId),
    room: ConversationId,
}

impl Cluster {
    async fn start(nats: &str) -> Self {
        let (database, prefix) = (postgres::database(), nats::prefix());
        let one = node(&database, nats, &prefix).await;
        let other = node(&database, nats, &prefix).await;
        let (ada, bob) = (user(&one, "ada", 1).await, user(&one, "bob", 2).await);
        let members = vec![ada.0, bob.0];
        let room = NewRoom { title: "tea".into(), everyone: false, members, now_ms: now_ms() };
        let room = one.store.room_create(room).await.unwrap();
        Self { one, other, ada, bob, room }
    }

    async fn away(&self, away: bool) {
        let same = async {
            while self.one.bus.is_away() != away || self.other.bus.is_away() != away {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(SOON, same).await.unwrap_or_else(|_| panic!("away: {away}"));
    }

    async fn post(&self, node: &PgNode, (author, _): (UserId, SessionId), content: &str) -> i64 {
        let target = Target::Conversation(self.room);
        let message = message(author, target, content, format!("nonce of {content}"));
        node.store.message_post(message).await.unwrap().message.seq.0
    }

    fn shown(&self, seq: i64, content: &str) -> String {
        format!("MESSAGE_CREATE {} {seq} {content}", self.room)
    }
}

async fn node(database: &str, nats: &str, prefix: &str) -> PgNode {
    let (store, committed) = PostgresStore::open(database, &[], [7; 32], Part::Node).await.unwrap();
    let (bus, inbound) = NatsBus::open(nats, prefix).unwrap();
    Node::start_on(store, committed, Arc::new(bus), inbound)
}

async fn user(node: &PgNode, name: &str, token: u8) -> (UserId, SessionId) {
    let user = NewUser { name: name.into(), folded: name.into(), password_hash: None, now_ms: now_ms() };
    let user = node.store.user_create(user).await.unwrap().id;
    let expires_ms = now_ms() + 3_600_000;
    let session =
        NewSession { user, token_hash: [token; 32], now_ms: now_ms(), expires_ms, client: None, replaces: None };
    (user, node.store.session_create(session).await.unwrap())
}

async fn live(node: &PgNode, (user, session): (UserId, SessionId)) -> Client<DuplexStream> {
    node.live_with(&node.token_of(user, session)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_posted_on_one_arrives_on_the_other_once_and_in_order() {
    let cluster = Cluster::start(&nats::shared()).await;
    cluster.away(false).await;
    let mut clients = [live(&cluster.one, cluster.ada).await, live(&cluster.other, cluster.bob).await];
    let mut shown = Vec::new();
    for n in 0..40 {
        // Each posts where they are, so that the logs come from two sides.
        let (node, who) = if n % 2 == 0 { (&cluster.one, cluster.ada) } else { (&cluster.other, cluster.bob) };
        let content = format!("text {n}");
        let seq = cluster.post(node, who, &content).await;
        shown.push(cluster.shown(seq, &content));
    }
    for client in &mut clients {
        for shown in &shown {
            assert_eq!(&client.event().await, shown);
        }
        client.assert_silent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_commits_last_has_left_it_when_it_ends() {
    let (url, cluster) = (nats::shared(), Cluster::start(&nats::shared()).await);
    cluster.away(false).await;
    let stranger = async_nats::connect(url).await.unwrap();
    let mut heard = stranger.subscribe("chatter.*.c.>").await.unwrap();
    stranger.flush().await.unwrap();
    for n in 0..50 {
        cluster.post(&cluster.one, cluster.ada, &n.to_string()).await;
    }
    cluster.one.gateway.shutdown.begin();
    cluster.post(&cluster.one, cluster.ada, "last words").await;
    cluster.one.store.close().await;
    timeout(SOON, cluster.one.gateway.delivery.finished()).await.expect("it ends");
    let last = async {
        while let Some(message) = futures_util::StreamExt::next(&mut heard).await {
            if String::from_utf8_lossy(&message.payload).contains("last words") {
                return;
            }
        }
    };
    timeout(SOON, last).await.expect("it was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_once_from_both_sides_they_have_one_order() {
    let cluster = Arc::new(Cluster::start(&nats::shared()).await);
    cluster.away(false).await;
    let mut clients = [live(&cluster.one, cluster.ada).await, live(&cluster.other, cluster.bob).await];
    let mut posting = Vec::new();
    for who in 0..2 {
        let cluster = cluster.clone();
        posting.push(tokio::spawn(async move {
            let (node, author) = if who == 0 { (&cluster.one, cluster.ada) } else { (&cluster.other, cluster.bob) };
            for n in 0..100 {
                cluster.post(node, author, &format!("{who}/{n}")).await;
            }
        }));
    }
    let mut seen = [Vec::new(), Vec::new()];
    for (client, seen) in clients.iter_mut().zip(&mut seen) {
        while seen.len() < 200 {
            seen.push(client.event().await);
        }
        client.assert_silent().await;
    }
    for posting in posting {
        posting.await.unwrap();
    }
    assert_eq!(seen[0], seen[1]);
    let seqs: Vec<i64> = seen[0].iter().map(|shown| shown.split(' ').nth(2).unwrap().parse().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_nats_it_arrives_all_the_same() {
    let mut server = Server::start(&[]).unwrap();
    let cluster = Cluster::start(&server.url()).await;
    cluster.away(false).await;
    let mut ada = live(&cluster.one, cluster.ada).await;
    let mut bob = live(&cluster.other, cluster.bob).await;
    server.kill().unwrap();
    cluster.away(true).await;
    for (n, (node, who)) in [(&cluster.one, cluster.ada), (&cluster.other, cluster.bob)].into_iter().enumerate() {
        let content = format!("without {n}");
        let seq = cluster.post(node, who, &content).await;
        // `event` waits no longer than it takes to compare everything where nothing is known to be amiss.
        for client in [&mut ada, &mut bob] {
            assert_eq!(client.event().await, cluster.shown(seq, &content));
        }
    }
    server.start_again().unwrap();
    cluster.away(false).await;
    let seq = cluster.post(&cluster.one, cluster.ada, "with").await;
    for client in [&mut ada, &mut bob] {
        assert_eq!(client.event().await, cluster.shown(seq, "with"));
        client.assert_silent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_on_one_closes_its_sockets_on_the_other() {
    let mut server = Server::start(&[]).unwrap();
    let cluster = Cluster::start(&server.url()).await;
    cluster.away(false).await;
    let mut ada = live(&cluster.other, cluster.ada).await;
    let mut bob = live(&cluster.other, cluster.bob).await;
    cluster.one.store.session_end(cluster.ada.1).await.unwrap();
    let ended = BusBody::SessionsEnded(vec![cluster.ada.1]);
    cluster.one.publish(BusMessage { topic: Topic::User(cluster.ada.0), body: ended }).await;
    assert_eq!(ada.close().await, 4011);
    bob.assert_silent().await;
    // And without a word of it.
    server.kill().unwrap();
    cluster.away(true).await;
    cluster.one.store.session_end(cluster.bob.1).await.unwrap();
    assert_eq!(bob.close().await, 4011);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_while_nats_was_away_is_known_when_it_is_back() {
    let mut server = Server::start(&[]).unwrap();
    let cluster = Cluster::start(&server.url()).await;
    cluster.away(false).await;
    let mut bob = live(&cluster.other, cluster.bob).await;
    server.freeze().unwrap();
    cluster.one.store.session_end(cluster.bob.1).await.unwrap();
    server.kill().unwrap();
    server.start_again().unwrap();
    assert_eq!(bob.close().await, 4011);
}
