//! Connections as clients see them: coming in, hearing, being silent, falling behind, being ended.

use std::time::Duration;

use chatter::protocol::limits::{CONNECTIONS_PER_USER, IDENTIFY_MS, QUEUE_FRAMES};
use chatter::protocol::{SessionId, UserId};
use chatter::server::bus::{BusBody, BusMessage, Topic};
use chatter::server::clock::now_ms;
use tokio::time::timeout;

use crate::support::gateway_node::{Node, Read, SOON, session_cookie};

#[tokio::test]
async fn a_chatter_comes_in_and_hears() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, ada);
    node.store.add_member(10, bob);
    let mut client = node.connect().await;
    assert!(client.text().await.starts_with(r#"{"op":"HELLO","d":{"heartbeat_ms":45000"#));
    client.identify(&node.token(ada)).await;
    let ready = client.text().await;
    assert!(
        ready.starts_with(r#"{"op":"READY","d":{"user":{"id":1,"name":"ada"},"inbox":{"s":1},"marks":[[10,2,0,0]]"#)
    );
    node.store.post(10, bob, "hello").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 3 hello");
    client.assert_silent().await;
}

#[tokio::test]
async fn a_bad_token_is_told_in_the_old_words() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let gone = node.token(ada);
    node.store.drop_session(SessionId(1));
    for token in ["", "nonsense", &gone] {
        let mut client = node.connect().await;
        assert_eq!(client.op().await, "HELLO");
        client.identify(token).await;
        assert_eq!(client.text().await, r#"{"op":"ERROR","d":{"code":"invalid_creds","message":"Invalid creds"}}"#);
        assert_eq!(client.close().await, 4004);
    }
    assert_eq!(node.gateway.chatters.connections(), 0);
}

#[tokio::test]
async fn the_21st_connection_is_refused_and_the_others_stay() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS_PER_USER {
        clients.push(node.live(ada).await);
    }
    let mut refused = node.connect().await;
    refused.identify(&node.token(ada)).await;
    assert_eq!(refused.op().await, "HELLO");
    assert_eq!(refused.op().await, "ERROR");
    assert_eq!(refused.close().await, 4008);
    clients[0].assert_silent().await;
    // One leaves, and one may come.
    drop(clients.pop());
    timeout(SOON, async {
        while node.gateway.chatters.connections() == CONNECTIONS_PER_USER {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the map notices");
    node.live(ada).await.assert_silent().await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_identify_is_closed_in_time() {
    let node = Node::start();
    let mut client = node.connect().await;
    assert_eq!(client.op().await, "HELLO");
    let began = tokio::time::Instant::now();
    assert_eq!(client.read().await, Read::Close(4009));
    let waited = began.elapsed();
    let due = Duration::from_millis(u64::from(IDENTIFY_MS));
    assert!(waited >= due - Duration::from_millis(50) && waited <= due + Duration::from_millis(50), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_plain_client_that_never_heartbeats_stays() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let mut client = node.live(ada).await;
    let began = tokio::time::Instant::now();
    let mut pings = 0;
    // Reading is all that a browser does by itself: the WebSocket beneath answers the Pings.
    while began.elapsed() < Duration::from_secs(600) {
        assert_eq!(client.read().await, Read::Ping);
        pings += 1;
    }
    assert!((10..=14).contains(&pings), "{pings}");
    node.store.post(10, ada, "still here?").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 2 still here?");
}

#[tokio::test(start_paused = true)]
async fn who_answers_nothing_is_closed_after_two_heartbeats() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let client = node.live(ada).await;
    // The client's end is not read, so its Pong is not sent.
    let began = tokio::time::Instant::now();
    while node.gateway.chatters.is_connected(ada) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let waited = began.elapsed();
    assert!((Duration::from_secs(89)..Duration::from_secs(92)).contains(&waited), "{waited:?}");
    let mut client = client;
    assert_eq!(client.read().await, Read::Ping);
    assert_eq!(client.read().await, Read::Close(4009));
}

#[tokio::test]
async fn a_slow_reader_is_closed_and_costs_nobody() {
    let node = Node::start();
    let (slow, quick) = (node.user(1, "slow"), node.user(2, "quick"));
    node.store.add_member(10, slow);
    node.store.add_member(10, quick);
    let mut quick_client = node.live(quick).await;
    let mut slow_client = node.connect_with(4 * 1024).await;
    slow_client.identify(&node.token(slow)).await;
    assert_eq!(slow_client.op().await, "HELLO");
    assert_eq!(slow_client.op().await, "READY");
    let text = "x".repeat(1_000);
    let count = QUEUE_FRAMES * 2;
    for _ in 0..count {
        node.store.post(10, quick, &text).await;
        assert!(quick_client.event().await.starts_with("MESSAGE_CREATE 10 "));
    }
    let mut heard = 0;
    loop {
        match timeout(SOON, slow_client.read()).await.expect("something comes") {
            Read::Text(_) => heard += 1,
            Read::Close(code) => break assert_eq!(code, 4010),
            other => panic!("{other:?}"),
        }
    }
    assert!(heard < count, "it heard {heard} of {count}, and the rest is in the store");
    quick_client.assert_silent().await;
}

#[tokio::test]
async fn a_stuck_write_does_not_outlive_its_session() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let mut client = node.connect_with(512).await;
    client.identify(&node.token(ada)).await;
    assert_eq!(client.op().await, "HELLO");
    assert_eq!(client.op().await, "READY");
    node.store.post(10, ada, &"x".repeat(4_000)).await;
    let ended = BusBody::SessionsEnded(vec![SessionId(1)]);
    node.publish(BusMessage { topic: Topic::User(ada), body: ended }).await;
    timeout(Duration::from_secs(5), async {
        while node.gateway.chatters.is_connected(ada) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it leaves, though nobody reads");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_given_up_in_time() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let mut client = node.connect_with(512).await;
    client.identify(&node.token(ada)).await;
    assert_eq!(client.op().await, "HELLO");
    assert_eq!(client.op().await, "READY");
    let began = tokio::time::Instant::now();
    node.store.post(10, ada, &"x".repeat(4_000)).await;
    while node.gateway.chatters.is_connected(ada) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(began.elapsed() <= Duration::from_secs(21), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_ended_session_closes_its_sockets_and_no_others() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.session(7, ada, session_cookie(7).1);
    let mut one = node.live(ada).await;
    let mut other = node.connect().await;
    other.identify(&node.gateway.tokens.issue(ada, SessionId(7), now_ms())).await;
    assert_eq!(other.op().await, "HELLO");
    assert_eq!(other.op().await, "READY");
    let ended = BusBody::SessionsEnded(vec![SessionId(1)]);
    node.publish(BusMessage { topic: Topic::User(ada), body: ended }).await;
    assert_eq!(one.close().await, 4011);
    other.assert_silent().await;
}

#[tokio::test]
async fn a_password_changed_in_another_process_closes_the_socket() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let mut client = node.live(ada).await;
    node.store.drop_session(SessionId(1));
    node.store.changed.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(client.close().await, 4011);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ended_unheard_closes_its_socket_in_minutes() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let mut client = node.live(ada).await;
    node.store.drop_session(SessionId(1));
    let began = tokio::time::Instant::now();
    let end = loop {
        match client.read().await {
            Read::Ping => {}
            other => break other,
        }
    };
    assert_eq!(end, Read::Close(4011));
    assert!(began.elapsed() <= Duration::from_secs(302), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_token_of_another_user_than_its_session_is_refused() {
    let node = Node::start();
    let (_, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    let mut client = node.connect().await;
    client.identify(&node.gateway.tokens.issue(bob, SessionId(1), now_ms())).await;
    assert_eq!(client.close().await, 4004);
}

#[tokio::test]
async fn going_down_tells_everybody_and_waits_for_them() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let mut live = node.live(ada).await;
    let mut new = node.connect().await;
    assert_eq!(new.op().await, "HELLO");
    node.gateway.shutdown.begin();
    for client in [&mut live, &mut new] {
        assert_eq!(client.op().await, "RECONNECT");
        assert_eq!(client.close().await, 1012);
        // The close is answered by reading on.
        assert_eq!(client.read().await, Read::End);
    }
    node.gateway.shutdown.wait(SOON).await.expect("every connection's task has ended");
}

#[tokio::test]
async fn a_resume_replays_what_was_missed_once_and_in_order() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    node.store.add_member(11, ada);
    for n in 2..=250 {
        node.store.commit(10, ada, &n.to_string());
    }
    let mut client = node.connect().await;
    assert_eq!(client.op().await, "HELLO");
    client.identify_with(&node.token(ada), &[("10", 20), ("11", 99)]).await;
    let ready = client.text().await;
    assert!(ready.contains(r#""reset":[11]"#), "a cursor of the future: {ready}");
    for n in 21..=250 {
        assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {n} {n}"));
    }
    node.store.post(10, ada, "live").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 251 live");
    client.assert_silent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_missed_or_doubled_while_coming_in() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(10, ada);
    node.store.add_member(10, bob);
    let posts = {
        let store = node.store.clone();
        tokio::spawn(async move {
            for n in 3..=400 {
                store.post(10, bob, &n.to_string()).await;
                tokio::task::yield_now().await;
            }
        })
    };
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = node.connect().await;
        assert_eq!(client.op().await, "HELLO");
        client.identify_with(&node.token(ada), &[("10", 2)]).await;
        clients.push(client);
        tokio::task::yield_now().await;
    }
    for client in &mut clients {
        assert_eq!(client.op().await, "READY");
        for n in 3..=400 {
            assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {n} {n}"));
        }
        client.assert_silent().await;
    }
    posts.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_replay_may_take_minutes_and_answers_heartbeats_meanwhile() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    for _ in 2..=100 {
        node.store.commit(10, ada, &"x".repeat(4_000));
    }
    // Room for a part of one event: what is not read is not written.
    let mut client = node.connect_with(1_024).await;
    assert_eq!(client.op().await, "HELLO");
    client.identify_with(&node.token(ada), &[("10", 1)]).await;
    assert_eq!(client.op().await, "READY");
    let (began, mut acknowledged, mut seq) = (tokio::time::Instant::now(), Vec::new(), 1);
    while seq < 100 {
        // Ten of them are within the time of a write; more than thirteen are not.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        if seq == 40 {
            client.send(r#"{"op":"HEARTBEAT"}"#).await;
        }
        let text = client.text().await;
        if text.contains("HEARTBEAT_ACK") {
            acknowledged.push(seq);
            continue;
        }
        seq += 1;
        assert!(text.contains(&format!(r#""s":{seq},"#)), "{seq}: {text}");
    }
    assert!(began.elapsed() > Duration::from_secs(120), "{:?}", began.elapsed());
    assert!(acknowledged.len() == 1 && acknowledged[0] < 60, "{acknowledged:?}");
    client.assert_silent().await;
}

#[tokio::test]
async fn a_connection_leaves_the_map_when_its_client_is_gone() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    drop(node.live(ada).await);
    timeout(SOON, async {
        while node.gateway.chatters.is_connected(UserId(1)) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it leaves");
}

#[tokio::test(start_paused = true)]
async fn what_ready_holds_does_not_come_again_however_long_ready_took() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    let slow = node.store.memberships_gate.lock().await;
    let mut client = node.connect_with(64).await;
    assert_eq!(client.op().await, "HELLO");
    client.identify(&node.token(ada)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    node.store.post(10, ada, "in between").await;
    tokio::time::sleep(Duration::from_secs(43)).await;
    drop(slow);
    // READY is on its way to a client that does not read yet, past the time of the first tick.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(client.text().await.contains(r#""marks":[[10,2,"#), "READY counts it in");
    client.assert_silent().await;
    node.store.post(10, ada, "after").await;
    assert_eq!(client.event().await, "MESSAGE_CREATE 10 3 after");
}
