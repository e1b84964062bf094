//! The gateway on the whole server: who may open it, and what comes over it.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::app::TestApp;
use crate::support::person::{PASSWORD, Person, http, set_cookie};
use crate::support::socket::Socket;

#[tokio::test]
async fn a_first_message_from_a_stranger_comes_with_its_conversation() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (mut phone, mut laptop) = (bob.socket().await, Person::sign_in(&bob.address, "bob").await.socket().await);
    let mut own = ada.socket().await;
    let form = [("target_id", "bob"), ("content", "hi"), ("nonce", "n-1")];
    ada.ok("message-post", &form).await;
    for socket in [&mut phone, &mut laptop, &mut own] {
        let created = socket.expect("CONVERSATION_CREATE").await;
        assert_eq!((&created["c"], &created["s"], &created["d"]["id"]), (&json!(null), &json!(1), &json!(1)));
        assert_eq!(created["d"]["kind"], "direct");
        let message = socket.expect("MESSAGE_CREATE").await;
        assert_eq!((&message["c"], &message["s"]), (&json!(1), &json!(1)));
        assert_eq!((&message["d"]["content"], &message["d"]["nonce"]), (&json!("hi"), &json!("n-1")));
        assert_eq!(message["d"]["author"], json!({"id": ada.id, "name": "ada"}));
    }
    ada.ok("message-post", &form).await;
    for socket in [&mut phone, &mut laptop, &mut own] {
        socket.assert_silent().await;
    }
}

#[tokio::test]
async fn nobody_else_hears_it() {
    let app = TestApp::start().await;
    let (ada, _bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let mut eve = eve.socket().await;
    let mut own = ada.socket().await;
    ada.post_to("bob", "between us").await;
    own.until("MESSAGE_CREATE").await;
    eve.assert_silent().await;
}

#[tokio::test]
async fn ready_says_where_everything_stands() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "one").await;
    ada.post_to("bob", "two").await;
    let mut socket = Socket::open(&bob.address).await;
    let hello = socket.expect("HELLO").await;
    assert_eq!((&hello["d"]["heartbeat_ms"], &hello["d"]["limits"]["frame_bytes"]), (&json!(45_000), &json!(65_536)));
    socket.identify(&bob.token().await).await;
    let ready = socket.expect("READY").await;
    assert_eq!(ready["d"]["user"], json!({"id": bob.id, "name": "bob"}));
    assert_eq!(ready["d"]["inbox"], json!({"s": 1}));
    assert_eq!(ready["d"]["marks"], json!([[1, 2, 0, 2]]));
    assert_eq!(ready["d"]["conversations"][0]["members"].as_array().unwrap().len(), 2);
    assert_eq!((&ready["d"]["part"], &ready["d"]["parts"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_read_mark_follows_to_ones_other_devices() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "one").await;
    let mut socket = Person::sign_in(&bob.address, "bob").await.socket().await;
    bob.ok("read-mark", &[("conversation_id", "1"), ("seq", "1")]).await;
    let update = socket.expect("READ_UPDATE").await;
    assert_eq!(update["d"], json!({"conversation": 1, "user": bob.id, "read_seq": 1}));
    bob.ok("read-mark", &[("conversation_id", "1"), ("seq", "0")]).await;
    socket.assert_silent().await;
}

#[tokio::test]
async fn bad_tokens_are_refused_with_the_words_that_old_clients_know() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.token().await;
    let (begin, end) = token.split_at(token.len() - 5);
    let flipped = format!("{begin}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]);
    for bad in ["", "x", "a.b.c", &flipped, &"x".repeat(5_000)] {
        let mut socket = Socket::open(&ada.address).await;
        socket.expect("HELLO").await;
        socket.identify(bad).await;
        let error = socket.expect("ERROR").await;
        assert_eq!(error["d"]["message"], "Invalid creds");
        assert_eq!(socket.until_closed().await, 4004);
    }
    ada.call("sign-out", &[]).await;
    let mut socket = Socket::open(&ada.address).await;
    socket.expect("HELLO").await;
    socket.identify(&token).await;
    assert_eq!(socket.until_closed().await, 4004, "the token outlived its session, and opens nothing");
}

#[tokio::test]
async fn a_browser_needs_its_own_origin_and_its_own_cookie() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let own = format!("http://{}", app.address);
    let address = app.address.to_string();
    let foreign = "https://chat.example".to_owned();
    for origin in [&foreign, "null", &format!("{own}.evil"), "http://127.0.0.1"] {
        let headers = [("origin", origin), ("cookie", ada.session.as_str())];
        assert_eq!(Socket::open_at(&address, "/gateway", &headers).await.err(), Some(403), "{origin}");
    }
    assert_eq!(Socket::open_at(&address, "/gateway", &[("origin", &own)]).await.err(), Some(403), "no cookie");
    let cookie = [("cookie", ada.session.as_str())];
    assert_eq!(Socket::open_at(&address, "/gateway", &cookie).await.err(), Some(403), "no Origin");

    for path in ["/gateway", "/"] {
        let headers = [("origin", own.as_str()), ("cookie", ada.session.as_str())];
        let mut socket = Socket::open_at(&address, path, &headers).await.unwrap();
        socket.expect("HELLO").await;
        socket.identify(&ada.token().await).await;
        socket.expect("READY").await;
        let mut socket = Socket::open_at(&address, path, &headers).await.unwrap();
        socket.expect("HELLO").await;
        socket.identify(&bob.token().await).await;
        assert_eq!(socket.until_closed().await, 4004, "Bob's token with Ada's session, at {path}");
    }
}

#[tokio::test]
async fn each_breach_has_its_close_code() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let message = |text: &str| Message::text(text.to_owned());
    let deep = "[".repeat(10_000);
    let before_identify: &[(Message, u16)] = &[
        (message(r#"{"op":"TYPING_START","d":{}}"#), 4003),
        (message("{"), 4002),
        (message(r#"{"op":"IDENTIFY","op":"HEARTBEAT"}"#), 4002),
        (message(&deep), 4002),
        (message(r#"{"op":"IDENTIFY","d":{"token":5}}"#), 4001),
        (message("[]"), 4001),
        (Message::binary(vec![1, 2, 3]), 1003),
        (message(&"x".repeat(65_537)), 1009),
    ];
    for (message, code) in before_identify {
        let mut socket = Socket::open(&ada.address).await;
        socket.expect("HELLO").await;
        socket.raw(message.clone()).await;
        assert_eq!(socket.until_closed().await, *code, "{message:.80}");
    }
    let after_ready: &[(Message, u16)] = &[
        (message(r#"{"op":"MESSAGE_CREATE","d":{"content":"x"}}"#), 4001),
        (message(r#"{"op":5}"#), 4001),
        (message(r#"{"op":"IDENTIFY","d":{"token":"x"}}"#), 4005),
        (message("nonsense"), 4002),
        (Message::binary(vec![0; 10]), 1003),
    ];
    for (message, code) in after_ready {
        let mut socket = ada.socket().await;
        socket.raw(message.clone()).await;
        assert_eq!(socket.until_closed().await, *code, "{message:.80}");
    }
    let mut socket = ada.socket().await;
    socket.send(&json!({"op": "FROM_THE_FUTURE", "d": {"x": [1, 2]}})).await;
    socket.assert_silent().await;
}

#[tokio::test]
async fn a_flood_is_cut_and_a_21st_socket_refused() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mut socket = ada.socket().await;
    for _ in 0..40 {
        if socket.try_send(&json!({"op": "HEARTBEAT"})).await.is_err() {
            break;
        }
    }
    let error = socket.until("ERROR").await;
    assert_eq!(error["d"]["code"], "rate_limited");
    assert!(error["d"]["retry_after_ms"].as_i64().unwrap() > 0);
    assert_eq!(socket.until_closed().await, 4008);
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(ada.socket().await);
    }
    let mut socket = Socket::open(&ada.address).await;
    socket.expect("HELLO").await;
    socket.identify(&ada.token().await).await;
    assert_eq!(socket.expect("ERROR").await["d"]["code"], "too_many_connections");
    assert_eq!(socket.until_closed().await, 4008);
}

#[tokio::test]
async fn signing_out_closes_its_sockets_and_no_other() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let there = Person::sign_in(&here.address, "ada").await;
    let (mut closed, mut open) = (here.socket().await, there.socket().await);
    here.ok("sign-out", &[]).await;
    assert_eq!(closed.until_closed().await, 4011);
    open.assert_silent().await;
}

#[tokio::test]
async fn a_stopping_server_says_so() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mut socket = ada.socket().await;
    let stopping = tokio::spawn(app.stop());
    assert!(socket.expect("RECONNECT").await["d"]["after_ms"].as_i64().is_some());
    assert_eq!(socket.until_closed().await, 1012);
    stopping.await.unwrap();
}

/// Comes back with cursors: READY's `reset`.
async fn come_back(person: &Person, cursors: Value) -> (Socket, Value) {
    let mut socket = Socket::open(&person.address).await;
    socket.expect("HELLO").await;
    let token = person.token().await;
    socket.send(&json!({"op": "IDENTIFY", "d": {"token": token, "cursors": cursors}})).await;
    let ready = socket.expect("READY").await;
    (socket, ready["d"]["reset"].clone())
}

#[tokio::test]
async fn a_socket_that_came_back_misses_nothing_of_the_log() {
    let mut app = TestApp::start().await;
    let (mut ada, mut bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "before").await;
    app.restart().await;
    for person in [&mut ada, &mut bob] {
        person.address = app.address.to_string();
    }
    for n in 2..=5 {
        ada.post_to("bob", &format!("missed {n}")).await;
    }
    let (mut socket, reset) = come_back(&bob, json!({"1": 1})).await;
    assert_eq!(reset, json!([]));
    for n in 2..=5 {
        let message = socket.expect("MESSAGE_CREATE").await;
        let content = format!("missed {n}");
        assert_eq!((&message["c"], &message["s"], &message["d"]["content"]), (&json!(1), &json!(n), &json!(content)));
    }
    socket.assert_silent().await;
    ada.post_to("bob", "after").await;
    assert_eq!(socket.expect("MESSAGE_CREATE").await["s"], 6);
    socket.assert_silent().await;
}

#[tokio::test]
async fn a_cursor_that_cannot_be_is_answered_with_a_reset_and_one_of_others_with_nothing() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    ada.post_to("bob", "for bob").await;
    assert_eq!(ada.post_to("eve", "for eve alone").await, (2, 1));
    eve.post_to("ada", "and back").await;
    let cases = [
        (json!({}), json!([])),
        (json!({"1": 1}), json!([])),
        (json!({"1": -1}), json!([1])),
        (json!({"1": 99}), json!([1])),
        (json!({"1": i64::MAX}), json!([1])),
        (json!({"1": i64::MIN}), json!([1])),
        (json!({"2": 0}), json!([])),
        (json!({"2": -1}), json!([])),
        (json!({"1": 1, "2": 1}), json!([])),
        (json!({"99": 0, "x": 0, "-1": 0}), json!([])),
    ];
    for (cursors, expected) in cases {
        let (mut socket, reset) = come_back(&bob, cursors.clone()).await;
        assert_eq!(reset, expected, "{cursors}");
        socket.assert_silent().await;
    }
}

#[tokio::test]
async fn under_a_public_url_its_origin_alone_opens_the_gateway() {
    let app = TestApp::with(|config| {
        config.public_url = Some(chatter::server::config::PublicUrl::parse("https://chat.example").unwrap())
    })
    .await;
    let form = [("name", "ada"), ("password", PASSWORD)];
    let answer = http().post(app.url("/api/sign-up")).form(&form).send().await.unwrap();
    let token = set_cookie(&answer, "authorization").unwrap();
    let session = set_cookie(&answer, "__Host-session").unwrap();
    let (secure, plain) = (format!("__Host-session={session}"), format!("session={session}"));
    let address = app.address.to_string();
    let own = format!("http://{address}");
    for (origin, cookie) in [
        ("https://chat.example.evil", &secure),
        ("https://evil-chat.example", &secure),
        ("http://chat.example", &secure),
        ("https://chat.example:8443", &secure),
        (own.as_str(), &secure),
        ("https://chat.example", &plain),
    ] {
        let headers = [("origin", origin), ("cookie", cookie.as_str())];
        assert_eq!(Socket::open_at(&address, "/gateway", &headers).await.err(), Some(403), "{origin} {cookie:.9}");
    }
    let headers = [("origin", "https://chat.example"), ("cookie", secure.as_str())];
    let mut socket = Socket::open_at(&address, "/gateway", &headers).await.unwrap();
    socket.expect("HELLO").await;
    socket.identify(&token).await;
    socket.expect("READY").await;
}
