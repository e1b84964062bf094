//! Read marks: one number a member, which only grows, never past the log, and is told to whom it concerns.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::person::Person;
use crate::support::socket::Socket;

async fn mark(person: &Person, conversation: i64, seq: i64) {
    let form = [("conversation_id", conversation.to_string()), ("seq", seq.to_string())];
    person.ok("read-mark", &form.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
}

/// READY's mark of the conversation: [id, last, read, unread].
async fn stands(person: &Person, conversation: i64) -> Value {
    let mut socket = Socket::open(&person.address).await;
    socket.expect("HELLO").await;
    socket.identify(&person.token().await).await;
    let ready = socket.expect("READY").await;
    let marks = ready["d"]["marks"].as_array().unwrap();
    marks.iter().find(|mark| mark[0] == conversation).unwrap().clone()
}

/// The marks of `user` that come up to this one: what a device that keeps the highest ends with.
async fn until(socket: &mut Socket, user: i64, seq: i64) {
    loop {
        let update = socket.until("READ_UPDATE").await;
        assert_eq!((&update["d"]["user"], update.get("s")), (&json!(user), None));
        assert!(update["d"]["read_seq"].as_i64().unwrap() <= seq, "past the log: {update}");
        if update["d"]["read_seq"] == seq {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_that_race_from_two_devices_end_at_the_highest() {
    let app = TestApp::start().await;
    let (ada, phone) = (app.person("ada").await, app.person("bob").await);
    let laptop = Person::sign_in(&phone.address, "bob").await;
    for n in 1..=20 {
        ada.post_to("bob", &n.to_string()).await;
    }
    let (mut seen, mut own) = (ada.socket().await, phone.socket().await);
    let orders = [[7, 3, 12, 1, 9], [2, 11, 5, 12, 8]];
    let marks = orders.iter().zip([&phone, &laptop]).flat_map(|(seqs, device)| seqs.map(|seq| mark(device, 1, seq)));
    join_all(marks).await;
    until(&mut seen, phone.id, 12).await;
    until(&mut own, phone.id, 12).await;
    for device in [&phone, &laptop] {
        assert_eq!(stands(device, 1).await, json!([1, 20, 12, 8]));
    }
    // Both together once more: nothing moves back, and nothing is told that is known.
    // Whatever was told of the race is told before a message that came after it.
    ada.post_to("bob", "21").await;
    for socket in [&mut seen, &mut own] {
        socket.until("MESSAGE_CREATE").await;
    }
    join_all([mark(&phone, 1, 4), mark(&laptop, 1, 12), mark(&phone, 1, -1), mark(&laptop, 1, i64::MIN)]).await;
    seen.assert_silent().await;
    own.assert_silent().await;
    // Past the end is the end.
    mark(&laptop, 1, i64::MAX).await;
    until(&mut seen, phone.id, 21).await;
    assert_eq!(stands(&phone, 1).await, json!([1, 21, 21, 0]));
}

#[tokio::test]
async fn a_mark_is_told_to_the_others_of_a_direct_conversation_and_in_a_room_to_nobody() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let room = crate::resume::room(&app, &[&ada, &bob]).await.0;
    let (direct, _) = ada.post_to("bob", "1").await;
    let form = [("conversation_id", room.to_string()), ("content", "1".to_owned())];
    ada.ok("message-post", &form.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    let (mut other, mut own) = (ada.socket().await, Person::sign_in(&bob.address, "bob").await.socket().await);
    mark(&bob, room, 1).await;
    assert_eq!(own.expect("READ_UPDATE").await["d"], json!({"conversation": room, "user": bob.id, "read_seq": 1}));
    other.assert_silent().await;
    mark(&bob, direct, 1).await;
    for socket in [&mut other, &mut own] {
        let update = socket.expect("READ_UPDATE").await;
        assert_eq!(update["d"], json!({"conversation": direct, "user": bob.id, "read_seq": 1}));
    }
    let eve = app.person("eve").await;
    let form = [("conversation_id", direct.to_string()), ("seq", "1".to_owned())];
    let refused = eve.refused("read-mark", &form.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_eq!(refused.0, 404);
}
