//! What only a server has: nodes and commands beside each other, one secret, replicas, and its own failures.

use std::time::Duration;

use chatter::protocol::{ConversationId, Seq, UserRef};
use chatter::server::store::postgres::{Part, PostgresStore};
use chatter::server::store::{
    Absence, Amendment, Called, Commit, NewMessage, NewRoom, Page, People, Store, StoreError, Target,
};
use chatter_services::postgres::Postgres;
use nix::sys::signal::Signal;
use tokio::time::{Instant, sleep, timeout};

use super::bench::{new_user, nonce};
use crate::support::{self, postgres};

const KEY: [u8; 32] = [7; 32];
/// No test waits longer for what must come.
const SOON: Duration = Duration::from_secs(60);

async fn open(url: &str, part: Part) -> Result<PostgresStore, StoreError> {
    PostgresStore::open(url, &[], KEY, part).await.map(|(store, _)| store)
}

fn message(author: &UserRef, target: Target, content: &str) -> NewMessage {
    support::message::message(author.id, target, content, nonce())
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < SOON, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn another_secret_is_refused() {
    let url = postgres::database();
    open(&url, Part::Node).await.unwrap();
    let error = PostgresStore::open(&url, &[], [8; 32], Part::Node).await.err().unwrap();
    assert!(matches!(error, StoreError::OtherSecrets), "{error}");
    open(&url, Part::Node).await.unwrap();
}

#[tokio::test]
async fn nodes_without_a_bus_are_alone() {
    let url = postgres::database();
    let (node, another) = (open(&url, Part::Node).await.unwrap(), open(&url, Part::Node).await.unwrap());
    let error = open(&url, Part::Alone).await.err().unwrap().to_string();
    assert!(error.contains("another node") && error.contains("CHATTER_BUS"), "{error}");
    open(&url, Part::Command).await.unwrap();
    node.close().await;
    another.close().await;

    let alone = open(&url, Part::Alone).await.unwrap();
    let error = open(&url, Part::Node).await.err().unwrap().to_string();
    assert!(error.contains("without a bus"), "{error}");
    // The next one waits for a node that is going down.
    let next = tokio::spawn(async move { open(&url, Part::Alone).await });
    alone.close().await;
    next.await.unwrap().unwrap();
}

#[tokio::test]
async fn nodes_hear_of_commands() {
    let url = postgres::database();
    let node = open(&url, Part::Node).await.unwrap();
    let command = open(&url, Part::Command).await.unwrap();
    node.user_create(new_user("ada")).await.unwrap();
    assert!(!node.changed_elsewhere().await.unwrap(), "what the node did itself is nothing new");
    command.user_create(new_user("bob")).await.unwrap();
    command.close().await;
    until("the node hears of it", async || node.changed_elsewhere().await.unwrap()).await;
    assert!(!node.changed_elsewhere().await.unwrap(), "once");
}

#[tokio::test]
async fn a_server_that_is_killed_comes_back_with_what_was_acknowledged() {
    let mut server = Postgres::start(&[]).unwrap();
    let store = open(&server.url("postgres"), Part::Alone).await.unwrap();
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let posted = store.message_post(message(&ada, Target::User(ada.id), "kept")).await.unwrap();
    server.kill().unwrap();
    let again = message(&ada, Target::Conversation(posted.conversation), "lost or not");
    let error = store.message_post(again.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(store.ping().await.is_err());
    server.start_again().unwrap();
    until("it works again", async || store.message_post(again.clone()).await.is_ok()).await;
    let list = store.message_list(ada.id, posted.conversation, Page::Latest, 9).await.unwrap().unwrap();
    let contents: Vec<_> = list.messages.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(contents, ["kept", "lost or not"], "each once");
    until("it hears of commands again", async || store.changed_elsewhere().await.unwrap()).await;
}

#[tokio::test]
async fn nobody_waits_for_ever_for_a_server_that_hangs() {
    let server = Postgres::start(&["fsync=off"]).unwrap();
    let store = open(&server.url("postgres"), Part::Alone).await.unwrap();
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let posted = store.message_post(message(&ada, Target::User(ada.id), "before")).await.unwrap();
    server.signal_all(Signal::SIGSTOP).unwrap();
    let late = message(&ada, Target::Conversation(posted.conversation), "meanwhile");
    let answers = timeout(SOON, async {
        tokio::join!(
            store.message_post(late.clone()),
            store.message_list(ada.id, posted.conversation, Page::Latest, 9),
            store.ping(),
        )
    });
    let (post, list, ping) = answers.await.expect("each is answered");
    assert!(matches!(post, Err(StoreError::Unavailable(_))), "{post:?}");
    assert!(matches!(list, Err(StoreError::Unavailable(_))), "{list:?}");
    assert!(ping.is_err());
    server.signal_all(Signal::SIGCONT).unwrap();
    until("it works again", async || store.message_post(late.clone()).await.is_ok()).await;
    let list = store.message_list(ada.id, posted.conversation, Page::Latest, 9).await.unwrap().unwrap();
    assert_eq!(list.messages.len(), 2, "the one that was unknown is there once");
}

#[tokio::test]
async fn history_is_read_from_a_replica_that_is_level() {
    let primary = Postgres::start(&["fsync=off"]).unwrap();
    let replica = Postgres::following(&primary, &["fsync=off"]).unwrap();
    let (url, replica_url) = (primary.url("postgres"), replica.url("postgres"));
    assert!(PostgresStore::is_replica(&replica_url).await.unwrap());
    assert!(!PostgresStore::is_replica(&url).await.unwrap());
    let (store, _committed) = PostgresStore::open(&url, &[&replica_url], KEY, Part::Node).await.unwrap();
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let room = store.message_post(message(&ada, Target::User(ada.id), "one")).await.unwrap().conversation;
    let read = async |room: ConversationId| {
        let list = store.message_list(ada.id, room, Page::Latest, 9).await.unwrap().unwrap();
        list.messages.iter().map(|message| message.content.clone()).collect::<Vec<_>>()
    };
    let scans = || {
        let counted = "SELECT coalesce(sum(idx_scan + seq_scan), 0)::bigint FROM pg_stat_user_tables
            WHERE relname = 'messages'";
        postgres::column(&replica_url, counted)[0]
    };
    // Only its statistics tell that it was asked, some seconds later.
    let before = scans();
    until("the replica is level and read", async || {
        assert_eq!(read(room).await, ["one"]);
        scans() > before
    })
    .await;

    // A replica that has stopped following is never believed.
    replica.execute("postgres", "SELECT pg_wal_replay_pause()").unwrap();
    store.message_post(message(&ada, Target::Conversation(room), "two")).await.unwrap();
    assert_eq!(read(room).await, ["one", "two"]);
    let events = store.event_list(ada.id, room, Seq::ZERO, 9).await.unwrap().unwrap().events;
    assert_eq!(events.len(), 2);
    // Nor is one that is gone missed.
    drop(replica);
    assert_eq!(read(room).await, ["one", "two"]);
}

/// A node may hear of what another one has committed before it hears of the leaving that was committed earlier.
#[tokio::test]
async fn what_is_said_after_somebody_left_names_them() {
    let url = postgres::database();
    let one = open(&url, Part::Node).await.unwrap();
    let (other, mut committed) = PostgresStore::open(&url, &[], KEY, Part::Node).await.unwrap();
    let [ada, bob] = ["ada", "bob"].map(new_user);
    let (ada, bob) = (one.user_create(ada).await.unwrap(), one.user_create(bob).await.unwrap());
    let first = other.message_post(message(&ada, Target::User(bob.id), "hello")).await.unwrap();
    let direct = first.conversation;
    // Of each event since, its number and whom it names.
    let mut named = || {
        let commits = std::iter::from_fn(|| committed.try_recv().ok());
        let names = |Commit { events, gone }: Commit| {
            events.into_iter().map(move |event| (event.seq, gone.get(&(event.stream, event.seq)).copied()))
        };
        commits.flat_map(names).collect::<Vec<_>>()
    };
    let says = async |content: &str| {
        other.message_post(message(&ada, Target::Conversation(direct), content)).await.unwrap();
    };
    assert!(named().iter().all(|(_, gone)| gone.is_none()));
    let mut both = [0; 2];
    for _ in 0..30 {
        let speaking = async {
            for content in ["one", "two", "three"] {
                says(content).await;
            }
        };
        let (blocked, ()) = tokio::join!(one.block_set(bob.id, ada.id, true, 7), speaking);
        blocked.unwrap();
        let absences = one.direct_absences(direct).await.unwrap();
        let [Absence { user, seq: last, is_over: false }] = absences[..] else { panic!("{absences:?}") };
        assert_eq!(user, bob.id);
        let named_since = named();
        assert_eq!(named_since.len(), 3);
        for (seq, gone) in named_since {
            assert_eq!(gone, (seq > last).then_some(bob.id), "{seq}, left after {last}");
            both[usize::from(gone.is_some())] += 1;
        }
        one.block_set(bob.id, ada.id, false, 7).await.unwrap();
        says("welcome back").await;
        assert!(matches!(named()[..], [(_, None)]));
    }
    assert!(both.iter().all(|times| *times > 0), "before and after it: {both:?}");

    // What becomes of a message, too.
    one.block_set(bob.id, ada.id, true, 7).await.unwrap();
    let changes = [
        Amendment::Edit { content: "hello!".into(), called: Called::default(), now_ms: 8 },
        Amendment::Pin { on: true },
        Amendment::React { emoji: "👍".into(), on: true },
        Amendment::Delete,
    ];
    for change in changes {
        other.message_amend(ada.id, direct, first.message.seq, change).await.unwrap();
        assert!(matches!(named()[..], [(_, Some(gone))] if gone == bob.id));
    }
    // What they share with others goes on.
    let room = NewRoom { title: "tea".into(), everyone: false, members: vec![ada.id, bob.id], now_ms: 9 };
    let room = other.room_create(room).await.unwrap();
    other.message_post(message(&ada, Target::Conversation(room), "and here?")).await.unwrap();
    assert!(named().iter().all(|(_, gone)| gone.is_none()));
}
