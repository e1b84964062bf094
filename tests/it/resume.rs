//! Coming back: what a device missed, once and in order, whatever happened meanwhile and whenever it comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chatter::protocol::limits::QUEUE_FRAMES;
use chatter::protocol::{ConversationId, UserId};
use chatter::server::clock::now_ms;
use chatter::server::store::{NewRoom, Store, Target};
use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::app::TestApp;
use crate::support::device::Device;
use crate::support::gateway_node::Node;
use crate::support::membership::{leave, rejoin};
use crate::support::message::message;
use crate::support::person::{Person, http};
use crate::support::process::{Program, run};

pub async fn room(app: &TestApp, members: &[&Person]) -> ConversationId {
    let members = members.iter().map(|person| UserId(person.id)).collect();
    let room = NewRoom { title: "room".into(), everyone: false, members, now_ms: now_ms() };
    app.store().room_create(room).await.unwrap()
}

/// Posts through the store, past the limits of HTTP: the seq.
async fn post(store: &dyn Store, author: i64, conversation: ConversationId, nonce: String) -> i64 {
    let content = format!("text of {nonce}");
    let message = message(UserId(author), Target::Conversation(conversation), &content, nonce);
    store.message_post(message).await.unwrap().message.seq.0
}

/// Small, different each time, and the same each run.
fn dice(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_back_at_whatever_moment_has_every_event_once() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bob = app.person("bob").await;
    let rooms = [room(&app, &[&ada, &bob]).await, room(&app, &[&ada, &bob]).await];
    let mut devices = Vec::new();
    for _ in 0..6 {
        devices.push(Device::new(Person::sign_in(&bob.address, "bob").await).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    // How many events were written, and how many each device has: none falls behind by what a queue holds, however
    // seldom this busy machine lets it read.
    let written = Arc::new(AtomicUsize::new(0));
    let taken: Arc<[AtomicUsize; 6]> = Arc::default();
    let mut writers = JoinSet::new();
    for writer in 0..4_usize {
        let (store, stop, author) = (app.store(), stop.clone(), ada.id);
        let (written, taken) = (written.clone(), taken.clone());
        writers.spawn(async move {
            let mut last = 0;
            for n in 0.. {
                let slowest = || taken.iter().map(|taken| taken.load(Ordering::Relaxed)).min().unwrap();
                while written.load(Ordering::Relaxed) >= slowest().saturating_add(QUEUE_FRAMES - 50) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                written.fetch_add(1, Ordering::Relaxed);
                last = post(store.as_ref(), author, rooms[writer % 2], format!("{writer}-{n}")).await;
            }
            (writer % 2, last)
        });
    }
    let mut readers = JoinSet::new();
    for (number, mut device) in devices.into_iter().enumerate() {
        let rooms = rooms.map(|room| room.to_string());
        let taken = taken.clone();
        readers.spawn(async move {
            let mut seed = number as u64;
            for _ in 0..25 {
                // Sometimes in the middle of a replay, sometimes live for a while, sometimes gone for long.
                for _ in 0..dice(&mut seed) % 40 {
                    device.event().await.unwrap();
                    taken[number].store(device.events.len(), Ordering::Relaxed);
                }
                device.drop_socket();
                tokio::time::sleep(Duration::from_millis(dice(&mut seed) % 30)).await;
                let ready = device.connect().await;
                assert_eq!(ready["conversations"], json!([]), "what the cursors know is not told again");
                // A device that slept through more than is replayed would fetch; this one is never so far behind.
                assert_eq!(ready["reset"], json!([]));
            }
            // It waits for the others, and reads no more meanwhile.
            device.drop_socket();
            taken[number].store(usize::MAX, Ordering::Relaxed);
            (device, rooms)
        });
    }
    let back = readers.join_all().await;
    stop.store(true, Ordering::Relaxed);
    let mut lasts = [0, 0];
    for (room, last) in writers.join_all().await {
        lasts[room] = lasts[room].max(last);
    }
    assert!(lasts.iter().all(|last| *last > 100), "{lasts:?}: hardly anything happened meanwhile");
    for (mut device, rooms) in back {
        device.connect().await;
        for (room, last) in rooms.iter().zip(lasts) {
            device.until(room, last).await;
        }
        device.assert_silent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_before_a_kill_is_continued_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut program = Program::serve(&data);
    let ada = Person::sign_up(&program.address, "ada").await;
    let mut bob = Device::new(Person::sign_up(&program.address, "bob").await).await;
    for round in 0..3 {
        let (address, session) = (program.address.clone(), ada.session.clone());
        let mut writers = JoinSet::new();
        for writer in 0..3 {
            let (address, session) = (address.clone(), session.clone());
            writers.spawn(async move {
                let http = http();
                for n in 0.. {
                    let (content, nonce) = (format!("{n}"), format!("{round}-{writer}-{n}"));
                    let form = [("target_id", "bob"), ("content", &content), ("nonce", &nonce)];
                    let request = http.post(format!("http://{address}/api/message-post")).header("cookie", &session);
                    if !request.form(&form).send().await.is_ok_and(|answer| answer.status().is_success()) {
                        return;
                    }
                }
            });
        }
        for _ in 0..60 {
            bob.event().await.unwrap();
        }
        program.kill();
        // What was on its way still counts: it was told.
        while bob.event().await.is_ok() {}
        writers.join_all().await;
        program = Program::serve(&data);
        bob.person.address = program.address.clone();
        let ready = bob.connect().await;
        assert_eq!(ready["reset"], json!([]));
        let last = ready["marks"][0][1].as_i64().unwrap();
        assert!(last >= bob.cursors["1"], "told, and not in the store");
        bob.until("1", last).await;
        bob.assert_silent().await;
    }
    program.kill();
    assert!(run(&data, &["doctor"]).status.success());
}

#[tokio::test]
async fn each_device_continues_from_its_own_cursors() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bob = app.person("bob").await;
    ada.post_to("bob", "1").await;
    let mut phone = Device::new(Person::sign_in(&bob.address, "bob").await).await;
    phone.drop_socket();
    ada.post_to("bob", "2").await;
    let mut laptop = Device::new(bob).await;
    laptop.drop_socket();
    ada.post_to("bob", "3").await;
    for (device, missed) in
        [(&mut phone, &["MESSAGE_CREATE 1 2", "MESSAGE_CREATE 1 3"][..]), (&mut laptop, &["MESSAGE_CREATE 1 3"])]
    {
        device.connect().await;
        device.until("1", 3).await;
        device.assert_silent().await;
        assert_eq!(device.outline(), missed);
    }
}

#[tokio::test]
async fn a_replay_is_what_event_list_shows_and_members_come_and_go_in_it() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let everyone = NewRoom { title: "all".into(), everyone: true, members: Vec::new(), now_ms: now_ms() };
    let room = app.store().room_create(everyone).await.unwrap();
    let mut device = Device::new(bob).await;
    device.drop_socket();
    let id = room.to_string();
    post(app.store().as_ref(), ada.id, room, "1".into()).await;
    app.person("carol").await;
    post(app.store().as_ref(), eve.id, room, "2".into()).await;
    app.execute(&leave(eve.id, room.0));
    post(app.store().as_ref(), ada.id, room, "3".into()).await;
    let ready = device.connect().await;
    assert_eq!((&ready["conversations"], &ready["marks"]), (&json!([]), &json!([[room.0, 5, 0, 3]])));
    device.until(&id, 5).await;
    device.assert_silent().await;
    let ops = ["MESSAGE_CREATE", "MEMBER_ADD", "MESSAGE_CREATE", "MEMBER_REMOVE", "MESSAGE_CREATE"];
    assert_eq!(device.outline(), (1..).zip(ops).map(|(seq, op)| format!("{op} {id} {seq}")).collect::<Vec<_>>());
    let listed = device.person.ok("event-list", &[("conversation_id", &id), ("after", "0")]).await;
    assert_eq!(json!(device.events), listed["events"]);
}

#[tokio::test]
async fn the_inbox_is_replayed_before_the_conversations() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let old = room(&app, &[&ada, &bob]).await;
    let mut device = Device::new(bob).await;
    device.drop_socket();
    let bob = device.person.id;
    post(app.store().as_ref(), ada.id, old, "1".into()).await;
    let (direct, _) = ada.post_to("bob", "a first word").await;
    let passing = room(&app, &[&ada, &device.person]).await;
    app.execute(&leave(bob, passing.0));
    let ready = device.connect().await;
    assert_eq!(ready["inbox"], json!({"s": 4}), "no reset");
    let full: Vec<_> = ready["conversations"].as_array().unwrap().iter().map(|one| one["id"].as_i64()).collect();
    assert_eq!(full, [Some(direct)], "what the cursors do not know");
    device.until("inbox", 4).await;
    device.until(&old.to_string(), 1).await;
    device.assert_silent().await;
    let (old, direct, passing) = (old.0, direct, passing.0);
    let expected = [
        "CONVERSATION_CREATE inbox 2".to_owned(),
        // It was theirs when that entry was made, and is not now: entries show what stands.
        "CONVERSATION_DELETE inbox 3".to_owned(),
        "CONVERSATION_DELETE inbox 4".to_owned(),
        format!("MESSAGE_CREATE {old} 1"),
    ];
    assert_eq!(device.outline(), expected);
    let ids: Vec<_> = device.events.iter().take(3).map(|event| event["d"]["id"].as_i64()).collect();
    assert_eq!(ids, [Some(direct), Some(passing), Some(passing)]);
}

#[tokio::test]
async fn an_inbox_cursor_that_cannot_be_puts_everything_in_full() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "1").await;
    let mut device = Device::new(bob).await;
    for cursor in [-1, 2, i64::MAX, i64::MIN] {
        device.drop_socket();
        device.cursors.insert("inbox".into(), cursor);
        let ready = device.connect().await;
        assert_eq!(ready["inbox"], json!({"s": 1, "reset": true}), "{cursor}");
        assert_eq!((&ready["reset"], &ready["conversations"][0]["id"]), (&json!([]), &json!(1)));
        device.assert_silent().await;
    }
}

#[tokio::test]
async fn coming_back_to_a_conversation_resets_its_cursor() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let id = room(&app, &[&ada, &bob]).await;
    let mut device = Device::new(bob).await;
    device.drop_socket();
    post(app.store().as_ref(), ada.id, id, "1".into()).await;
    app.execute(&leave(device.person.id, id.0));
    post(app.store().as_ref(), ada.id, id, "2".into()).await;
    app.execute(&rejoin(device.person.id, id.0));
    let last = post(app.store().as_ref(), ada.id, id, "3".into()).await;
    let ready = device.connect().await;
    assert_eq!((&ready["reset"], &ready["conversations"][0]["id"]), (&json!([id.0]), &json!(id.0)));
    device.until("inbox", 3).await;
    device.assert_silent().await;
    assert_eq!(device.outline(), ["CONVERSATION_DELETE inbox 2", "CONVERSATION_CREATE inbox 3"]);
    // From the joining on, the cursor counts again.
    device.drop_socket();
    device.cursors.insert(id.to_string(), last - 1);
    assert_eq!(device.connect().await["reset"], json!([]));
    device.until(&id.to_string(), last).await;
}

#[tokio::test]
async fn beyond_two_thousand_events_the_client_fetches() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (busy, other) = (room(&app, &[&ada, &bob]).await, room(&app, &[&ada, &bob]).await);
    let mut device = Device::new(bob).await;
    device.drop_socket();
    let store = app.store();
    join_all((0..1_990).map(|n| post(store.as_ref(), ada.id, busy, format!("b{n}")))).await;
    join_all((0..10).map(|n| post(store.as_ref(), ada.id, other, format!("o{n}")))).await;
    let cursors = device.cursors.clone();
    assert_eq!(device.connect().await["reset"], json!([]));
    device.until(&busy.to_string(), 1_990).await;
    device.until(&other.to_string(), 10).await;
    device.assert_silent().await;

    device.drop_socket();
    device.cursors = cursors;
    post(store.as_ref(), ada.id, other, "one more".into()).await;
    let ready = device.connect().await;
    assert_eq!((&ready["reset"], &ready["conversations"][0]["id"]), (&json!([other.0]), &json!(other.0)));
    device.until(&busy.to_string(), 1_990).await;
    device.assert_silent().await;
}

#[tokio::test]
async fn a_replay_is_pulled_as_fast_as_it_is_read_and_what_comes_meanwhile_follows() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    node.store.add_member(10, ada);
    for n in 2..=1_500 {
        node.store.commit(10, ada, &n.to_string());
    }
    // The network takes less than a page.
    let mut client = node.connect_with(4 * 1024).await;
    assert_eq!(client.op().await, "HELLO");
    client.identify_with(&node.token(ada), &[("10", 1)]).await;
    assert_eq!(client.op().await, "READY");
    for n in 1_501..=1_600 {
        node.store.post(10, ada, &n.to_string()).await;
    }
    // Time for the connection to read everything, if it would.
    while node.store.event_reads.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let pulled = node.store.event_reads.load(Ordering::Relaxed);
    assert!(pulled <= 4, "{pulled} pages were read for a reader that takes none");
    for n in 2..=1_600 {
        assert_eq!(client.event().await, format!("MESSAGE_CREATE 10 {n} {n}"));
    }
    client.assert_silent().await;
}
