//! Delivery: each event once and in its log's order, whatever the bus does; members and nobody else.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use chatter::protocol::frame::ReadUpdate;
use chatter::protocol::{ConversationId, Event, Seq, ServerFrame, Stream};
use chatter::server::bus::{Bus, BusBody, BusError, BusMessage, Topic};
use chatter::server::chatters::Frame;

use crate::support::gateway_node::{Node, Read, brief};

/// What a bad bus does with the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    Lose,
    Double,
    /// Comes after the one that follows it.
    Swap,
    /// Is refused with an error.
    Refuse,
}

/// A bus that does all that the contract lets a bus do, on demand.
struct BadBus {
    inner: Arc<dyn Bus>,
    fates: Mutex<Vec<Fate>>,
    held: Mutex<Option<BusMessage>>,
}

impl BadBus {
    /// The fates of the next messages, in order; later ones pass.
    fn plan(&self, fates: &[Fate]) {
        *self.fates.lock().unwrap() = fates.iter().rev().copied().collect();
    }
}

#[async_trait]
impl Bus for BadBus {
    async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
        if matches!(message.body, BusBody::Node(_)) {
            // What nodes say of themselves comes when it likes, and would take an event's fate.
            return self.inner.publish(message).await;
        }
        let fate = self.fates.lock().unwrap().pop().unwrap_or(Fate::Pass);
        match fate {
            Fate::Lose => {}
            Fate::Refuse => return Err(BusError::Unavailable("on purpose".into())),
            Fate::Swap => *self.held.lock().unwrap() = Some(message),
            Fate::Double => {
                self.inner.publish(message.clone()).await?;
                self.inner.publish(message).await?;
            }
            Fate::Pass => {
                self.inner.publish(message).await?;
                let held = self.held.lock().unwrap().take();
                if let Some(held) = held {
                    self.inner.publish(held).await?;
                }
            }
        }
        Ok(())
    }

    async fn subscribe(&self, topic: Topic) -> Result<(), BusError> {
        self.inner.subscribe(topic).await
    }

    async fn unsubscribe(&self, topic: Topic) -> Result<(), BusError> {
        self.inner.unsubscribe(topic).await
    }

    async fn ping(&self) -> Result<(), BusError> {
        self.inner.ping().await
    }
}

fn node_with_a_bad_bus() -> (Node, Arc<BadBus>) {
    let mut bad = None;
    let node = Node::start_with(|inner| {
        let bus = Arc::new(BadBus { inner, fates: Mutex::default(), held: Mutex::default() });
        bad = Some(bus.clone());
        bus
    });
    (node, bad.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_bus_does_each_event_comes_once_and_in_order() {
    use Fate::{Double, Lose, Pass, Refuse, Swap};
    let cases: &[&[Fate]] = &[
        &[Pass, Pass, Pass],
        &[Lose, Pass],
        &[Lose, Lose, Lose, Pass],
        &[Double, Pass],
        &[Swap, Pass],
        &[Swap, Pass, Double, Lose, Swap, Pass, Pass],
        &[Refuse, Refuse, Pass],
    ];
    for fates in cases {
        let (node, bus) = node_with_a_bad_bus();
        let ada = node.user(1, "ada");
        node.store.add_member(10, ada);
        let mut client = node.live(ada).await;
        bus.plan(fates);
        for n in 2..=9 {
            node.store.post(10, ada, &n.to_string()).await;
        }
        for n in 2..=9 {
            assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {n} {n}"), "{fates:?}");
        }
        client.assert_silent().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_event_that_the_bus_lost_is_found_by_the_watch() {
    let (node, bus) = node_with_a_bad_bus();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let mut client = node.live(ada).await;
    bus.plan(&[Fate::Lose]);
    let began = tokio::time::Instant::now();
    node.store.post(10, ada, "last words").await;
    // Up to 10 seconds, so not by `event`, which waits no longer than that.
    let Read::Text(text) = client.read().await else { panic!("a text was expected") };
    assert_eq!(brief(&text), "MESSAGE_CREATE 10 2 last words");
    assert!(began.elapsed().as_secs() <= 11, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_commit_of_another_process_is_told_at_once() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let mut client = node.live(ada).await;
    for n in 2..=350 {
        node.store.commit(10, ada, &n.to_string());
    }
    node.store.changed.store(true, Ordering::Relaxed);
    for n in 2..=350 {
        assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {n} {n}"));
    }
}

#[tokio::test(start_paused = true)]
async fn another_process_that_writes_all_the_time_costs_a_look_a_second() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let mut client = node.live(ada).await;
    let before = node.store.comparisons.load(Ordering::Relaxed);
    for n in 2..=101 {
        node.store.commit(10, ada, &n.to_string());
        node.store.changed.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let looks = node.store.comparisons.load(Ordering::Relaxed) - before;
    assert!((8..=11).contains(&looks), "{looks} in ten seconds");
    for n in 2..=101 {
        assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {n} {n}"));
    }
}

#[tokio::test]
async fn a_member_added_by_another_process_is_told_and_follows() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, bob);
    let mut client = node.live(ada).await;
    node.store.commit(10, bob, "before");
    node.store.add_member(10, ada);
    node.store.commit(10, bob, "after");
    node.store.changed.store(true, Ordering::Relaxed);
    assert_eq!(client.event().await, "CONVERSATION_CREATE - 1 -");
    assert_eq!(client.event().await, "MEMBER_ADD 10 3 -");
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 4 after");
    node.store.post(10, bob, "live").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 5 live");
    client.assert_silent().await;
}

#[tokio::test]
async fn the_first_message_of_a_new_conversation_arrives_in_whatever_order_it_was_committed() {
    for inbox_first in [true, false] {
        let node = Node::start();
        let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
        let (mut one, mut two) = (node.live(ada).await, node.live(bob).await);
        let mut events: Vec<Event> = node.store.add_member(10, ada);
        events.extend(node.store.add_member(10, bob));
        events.push(node.store.commit(10, ada, "hi"));
        events.sort_by_key(|event| matches!(event.stream, Stream::Inbox(_)) != inbox_first);
        node.store.publish(events).await;
        for (client, from) in [(&mut one, 1), (&mut two, 2)] {
            assert_eq!(client.event().await, "CONVERSATION_CREATE - 1 -");
            for seq in from..=2 {
                assert_eq!(client.event().await, format!("MEMBER_ADD 10 {seq} -"));
            }
            assert_eq!(client.event().await, "MESSAGE_CREATE 10 3 hi");
        }
        node.store.post(10, bob, "and on").await;
        for client in [&mut one, &mut two] {
            assert_eq!(client.event().await, "MESSAGE_CREATE 10 4 and on");
            client.assert_silent().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_joins_a_busy_conversation_misses_nothing_after_joining() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, bob);
    let (mut one, mut two) = (node.live(ada).await, node.live(bob).await);
    for n in 2..=40 {
        node.store.post(10, bob, &n.to_string()).await;
    }
    let joined = node.store.add_member(10, ada);
    node.store.publish(joined).await;
    for n in 42..=200 {
        node.store.post(10, bob, &n.to_string()).await;
    }
    assert_eq!(one.event().await, "CONVERSATION_CREATE - 1 -");
    assert_eq!(one.event().await, "MEMBER_ADD 10 41 -");
    for n in 42..=200 {
        assert_eq!(one.event().await, format!("MESSAGE_CREATE 10 {n} {n}"));
    }
    for n in 2..=200 {
        assert!(two.event().await.contains(&format!(" 10 {n} ")));
    }
    one.assert_silent().await;
    two.assert_silent().await;
}

#[tokio::test(start_paused = true)]
async fn a_join_that_cannot_be_read_yet_tells_nothing_of_before_it() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, bob);
    for _ in 0..5 {
        node.store.commit(10, bob, "before");
    }
    let mut client = node.live(ada).await;
    node.store.failing_reads.store(3, Ordering::Relaxed);
    let joined = node.store.add_member(10, ada);
    node.store.publish(joined).await;
    assert_eq!(client.event().await, "CONVERSATION_CREATE - 1 -");
    assert_eq!(client.event().await, "MEMBER_ADD 10 7 -");
    assert_eq!(node.store.failing_reads.load(Ordering::Relaxed), 0);
    node.store.post(10, bob, "after").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 8 after");
    client.assert_silent().await;
}

#[tokio::test]
async fn who_was_removed_hears_of_it_and_nothing_later() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, ada);
    node.store.add_member(10, bob);
    let (mut one, mut two) = (node.live(ada).await, node.live(bob).await);
    let removed = node.store.remove_member(10, ada);
    node.store.publish(removed).await;
    node.store.post(10, bob, "secret").await;
    assert_eq!(one.event().await, "MEMBER_REMOVE 10 3 -");
    assert_eq!(one.event().await, "CONVERSATION_DELETE - 2 -");
    assert_eq!(two.event().await, "MEMBER_REMOVE 10 3 -");
    assert_eq!(two.event().await, "MESSAGE_CREATE 10 4 secret");
    one.assert_silent().await;
    // And back again.
    let joined = node.store.add_member(10, ada);
    node.store.publish(joined).await;
    assert_eq!(one.event().await, "CONVERSATION_CREATE - 3 -");
    assert_eq!(one.event().await, "MEMBER_ADD 10 5 -");
    node.store.post(10, bob, "welcome back").await;
    assert_eq!(one.event().await, "MESSAGE_CREATE 10 6 welcome back");
    one.assert_silent().await;
}

#[tokio::test]
async fn who_was_removed_hears_nothing_later_even_while_their_inbox_lags() {
    let (node, bus) = node_with_a_bad_bus();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, ada);
    node.store.add_member(10, bob);
    let (mut one, mut two) = (node.live(ada).await, node.live(bob).await);
    bus.plan(&[Fate::Pass, Fate::Lose]);
    let removed = node.store.remove_member(10, ada);
    node.store.publish(removed).await;
    node.store.post(10, bob, "secret").await;
    assert_eq!(two.event().await, "MEMBER_REMOVE 10 3 -");
    assert_eq!(two.event().await, "MESSAGE_CREATE 10 4 secret");
    assert_eq!(one.event().await, "MEMBER_REMOVE 10 3 -");
    one.assert_silent().await;
}

/// Whether the log's last events or the inbox's come first.
#[tokio::test]
async fn who_was_removed_hears_of_it_even_while_the_log_lags() {
    let (node, bus) = node_with_a_bad_bus();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, ada);
    node.store.add_member(10, bob);
    let (mut one, mut two) = (node.live(ada).await, node.live(bob).await);
    bus.plan(&[Fate::Lose, Fate::Lose, Fate::Pass]);
    node.store.post(10, bob, "last words").await;
    let removed = node.store.remove_member(10, ada);
    node.store.publish(removed).await;
    let told = [one.event().await, one.event().await, one.event().await];
    assert_eq!(told, ["MESSAGE_CREATE 10 3 last words", "MEMBER_REMOVE 10 4 -", "CONVERSATION_DELETE - 2 -"]);
    node.store.post(10, bob, "secret").await;
    for expected in ["MESSAGE_CREATE 10 3 last words", "MEMBER_REMOVE 10 4 -", "MESSAGE_CREATE 10 5 secret"] {
        assert_eq!(two.event().await, expected);
    }
    one.assert_silent().await;
    let joined = node.store.add_member(10, ada);
    node.store.publish(joined).await;
    node.store.post(10, bob, "welcome back").await;
    for expected in ["CONVERSATION_CREATE - 3 -", "MEMBER_ADD 10 6 -", "MESSAGE_CREATE 10 7 welcome back"] {
        assert_eq!(one.event().await, expected);
    }
    one.assert_silent().await;
}

#[tokio::test]
async fn who_comes_and_goes_faster_than_it_is_read_is_told_of_each_time() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, bob);
    let mut client = node.live(ada).await;
    {
        let _closed = node.store.hold_back(Stream::Conversation(ConversationId(10))).await;
        for _ in 0..2 {
            let joined = node.store.add_member(10, ada);
            node.store.publish(joined).await;
            node.store.post(10, bob, "between").await;
            let removed = node.store.remove_member(10, ada);
            node.store.publish(removed).await;
            node.store.post(10, bob, "secret").await;
        }
        let joined = node.store.add_member(10, ada);
        node.store.publish(joined).await;
    }
    node.store.post(10, bob, "for all").await;
    for (entry, first) in [(1, 2), (3, 6)] {
        assert_eq!(client.event().await, format!("CONVERSATION_CREATE - {entry} -"));
        assert_eq!(client.event().await, format!("MEMBER_ADD 10 {first} -"));
        assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {} between", first + 1));
        assert_eq!(client.event().await, format!("MEMBER_REMOVE 10 {} -", first + 2));
        assert_eq!(client.event().await, format!("CONVERSATION_DELETE - {} -", entry + 1));
    }
    assert_eq!(client.event().await, "CONVERSATION_CREATE - 5 -");
    assert_eq!(client.event().await, "MEMBER_ADD 10 10 -");
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 11 for all");
    client.assert_silent().await;
}

#[tokio::test]
async fn a_membership_that_changes_while_a_user_comes_in_is_not_missed() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, ada);
    node.store.add_member(11, bob);
    let mut witness = node.live(bob).await;
    let mut client = node.connect().await;
    assert_eq!(client.op().await, "HELLO");
    {
        // The memberships have been read, and are not installed yet, when everything happens.
        let _closed = node.store.memberships_gate.lock().await;
        client.identify(&node.token(ada)).await;
        while !node.gateway.chatters.is_connected(ada) {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let joined = node.store.add_member(11, ada);
        node.store.publish(joined).await;
        let removed = node.store.remove_member(10, ada);
        node.store.publish(removed).await;
        node.store.post(11, bob, "early").await;
        while witness.event().await != "MESSAGE_CREATE 11 3 early" {}
    }
    let ready = client.text().await;
    assert!(ready.contains(r#""marks":[[11,3,0,0]]"#), "{ready}");
    node.store.post(10, bob, "not yours").await;
    node.store.post(11, bob, "yours").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 11 4 yours");
    client.send(r#"{"op":"HEARTBEAT"}"#).await;
    while client.op().await != "HEARTBEAT_ACK" {}
    node.store.post(10, bob, "not yours either").await;
    node.store.post(11, bob, "yours again").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 11 5 yours again");
}

#[tokio::test]
async fn filling_one_log_does_not_hold_up_another() {
    let (node, bus) = node_with_a_bad_bus();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    node.store.add_member(11, ada);
    let mut client = node.live(ada).await;
    let closed = node.store.hold_back(Stream::Conversation(ConversationId(10))).await;
    bus.plan(&[Fate::Lose]);
    node.store.post(10, ada, "lost").await;
    node.store.post(10, ada, "shows the gap").await;
    node.store.post(11, ada, "elsewhere").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 11 2 elsewhere");
    drop(closed);
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 2 lost");
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 3 shows the gap");
    client.assert_silent().await;
}

#[tokio::test]
async fn state_goes_to_those_whom_it_concerns() {
    let node = Node::start();
    let (ada, bob, eve) = (node.user(1, "ada"), node.user(2, "bob"), node.user(3, "eve"));
    node.store.add_member(10, ada);
    node.store.add_member(10, bob);
    let (mut one, mut two, mut other) = (node.live(ada).await, node.live(bob).await, node.live(eve).await);
    let state = || {
        let update = ReadUpdate { conversation: ConversationId(10), user: ada, read_seq: Seq(1) };
        BusBody::State(Frame::from(ServerFrame::ReadUpdate(update).encode()))
    };
    node.publish(BusMessage { topic: Topic::Conversation(ConversationId(10)), body: state() }).await;
    node.publish(BusMessage { topic: Topic::User(ada), body: state() }).await;
    assert_eq!(one.op().await, "READ_UPDATE");
    assert_eq!(one.op().await, "READ_UPDATE");
    assert_eq!(two.op().await, "READ_UPDATE");
    for client in [&mut one, &mut two, &mut other] {
        client.assert_silent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_who_comes_back_follows_again() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    for round in 0..20 {
        let mut client = node.live(ada).await;
        let text = round.to_string();
        node.store.post(10, ada, &text).await;
        assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {} {round}", round + 2));
        drop(client);
    }
}

#[tokio::test]
async fn the_tasks_end_when_the_node_goes_down_and_the_store_is_closed() {
    let (store, committed) = crate::support::fake_store::FakeStore::open();
    let (bus, inbound) = chatter::server::bus::local::LocalBus::open();
    let (left_sender, left) = tokio::sync::mpsc::unbounded_channel();
    let chatters = chatter::server::chatters::Chatters::new(left_sender);
    let shutdown = chatter::server::shutdown::Shutdown::new();
    let (closed, closing) = tokio::sync::mpsc::channel(1);
    drop(committed);
    let delivery = chatter::server::delivery::Delivery::start(
        Arc::new(store),
        Arc::new(bus),
        closing,
        inbound,
        chatters,
        left,
        &shutdown,
    );
    shutdown.begin();
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(50), delivery.finished()).await.is_err(),
        "the publisher goes on: a store that closes must not wait for it"
    );
    drop(closed);
    tokio::time::timeout(crate::support::gateway_node::SOON, delivery.finished()).await.expect("they have ended");
    assert!(delivery.subscribe(chatter::protocol::UserId(1)).await.is_err());
}
