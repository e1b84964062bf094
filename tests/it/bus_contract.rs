//! The contract of `server::bus::Bus`: every back end is held to every test here. A back end is added by one line at the
//! end of this page, and an `open` beside it in [`bench`]. What only NATS has is in [`nats_alone`].

mod bench;
mod nats_alone;

use bench::{Bench, ROOM, event, event_of, state};
use chatter::protocol::{ConversationId, SessionId, UserId};
use chatter::server::bus::{BusBody, BusMessage, MembershipChange, Topic};

const INBOX: Topic = Topic::User(UserId(1));

async fn what_is_published_comes_to_all_and_oneself_in_order(mut bench: Bench) {
    bench.hear(ROOM).await;
    for seq in 1..=500 {
        bench.nodes[0].publish(event(ROOM, seq)).await.unwrap();
    }
    for node in &mut bench.nodes {
        assert_eq!(node.seqs(ROOM, 500).await, (1..=500).collect::<Vec<_>>());
    }
}

async fn topics_keep_their_own_order(mut bench: Bench) {
    bench.hear(ROOM).await;
    bench.hear(INBOX).await;
    for seq in 1..=50 {
        bench.nodes[0].publish(event(INBOX, seq)).await.unwrap();
        bench.nodes[0].publish(event(ROOM, seq)).await.unwrap();
    }
    for node in &mut bench.nodes {
        assert_eq!(node.seqs(ROOM, 50).await, (1..=50).collect::<Vec<_>>());
    }
}

async fn everything_comes_as_it_was_sent(mut bench: Bench) {
    bench.hear(ROOM).await;
    bench.hear(INBOX).await;
    let long = "ä".repeat(70_000);
    let messages = [
        event_of(INBOX, 1, "{}", Some(MembershipChange::Joined(ConversationId(9)))),
        event_of(INBOX, 2, &long, Some(MembershipChange::Left(ConversationId(9)))),
        BusMessage { topic: INBOX, body: BusBody::SessionsEnded(vec![SessionId(5), SessionId(i64::MAX)]) },
        state(INBOX, "typing"),
    ];
    for message in &messages {
        bench.nodes[0].publish(message.clone()).await.unwrap();
    }
    let removed = event_of(ROOM, 7, "{}", Some(MembershipChange::Removed(UserId(3))));
    bench.nodes[0].publish(removed.clone()).await.unwrap();
    for node in &mut bench.nodes {
        for message in &messages {
            assert_eq!(format!("{:?}", node.message(INBOX).await.body), format!("{:?}", message.body));
        }
        assert_eq!(format!("{:?}", node.message(ROOM).await), format!("{removed:?}"));
    }
}

async fn subscribing_is_idempotent(mut bench: Bench) {
    bench.hear(ROOM).await;
    let node = &mut bench.nodes[0];
    node.bus.subscribe(ROOM).await.unwrap();
    node.publish(event(ROOM, 1)).await.unwrap();
    node.publish(event(ROOM, 2)).await.unwrap();
    assert_eq!(node.seqs(ROOM, 2).await, [1, 2], "not twice");
    node.bus.unsubscribe(ROOM).await.unwrap();
    node.bus.unsubscribe(ROOM).await.unwrap();
    node.bus.subscribe(ROOM).await.unwrap();
    node.publish(event(ROOM, 3)).await.unwrap();
    assert_eq!(node.seqs(ROOM, 1).await, [3]);
}

async fn publishing_does_not_wait_for_the_receiver_to_act(mut bench: Bench) {
    bench.hear(ROOM).await;
    let node = &bench.nodes[0];
    for seq in 1..=1_000 {
        node.publish(event(ROOM, seq)).await.unwrap();
    }
    node.bus.ping().await.unwrap();
    assert!(!node.bus.is_away());
}

async fn a_bus_without_its_receiver_says_so(mut bench: Bench) {
    bench.hear(ROOM).await;
    let node = &mut bench.nodes[0];
    node.inbound.close();
    while node.inbound.try_recv().is_ok() {}
    assert!(node.publish(event(ROOM, 1)).await.is_err());
    assert!(node.bus.ping().await.is_err());
}

/// Every test of the contract, for one back end.
macro_rules! contract {
    ($backend:ident) => {
        contract! { $backend:
            what_is_published_comes_to_all_and_oneself_in_order
            topics_keep_their_own_order
            everything_comes_as_it_was_sent
            subscribing_is_idempotent
            publishing_does_not_wait_for_the_receiver_to_act
            a_bus_without_its_receiver_says_so
        }
    };
    ($backend:ident: $($test:ident)+) => {
        mod $backend {$(
            #[tokio::test]
            async fn $test() {
                super::$test(super::bench::$backend().await).await;
            }
        )+}
    };
}

contract!(local);
contract!(nats);
