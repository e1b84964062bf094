//! Holds the writer to its promises when things go wrong under it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::connection;
use super::{SqliteStore, Stats};
use crate::protocol::UserId;
use crate::server::store::{Called, Committed, NewMessage, NewUser, PostedMessage, Store, StoreError, Target};

/// Ada alone in a fresh store. The folder lives as long as its handle.
async fn ada() -> (tempfile::TempDir, SqliteStore, Committed, UserId) {
    let folder = tempfile::tempdir().unwrap();
    let (store, committed) = SqliteStore::open(&folder.path().join("chatter.db"), [7; 32]).unwrap();
    let ada = NewUser { name: "ada".into(), folded: "ada".into(), password_hash: None, now_ms: 1 };
    let ada = store.user_create(ada).await.unwrap().id;
    (folder, store, committed, ada)
}

async fn post(store: &SqliteStore, author: UserId, nonce: &str) -> Result<PostedMessage, StoreError> {
    let (target, content) = (Target::User(author), "x".repeat(4_000));
    store
        .message_post(NewMessage {
            author,
            target,
            content,
            called: Called::default(),
            nonce: nonce.into(),
            reply_to: None,
            now_ms: 1,
        })
        .await
}

async fn pragma(store: &SqliteStore, sql: &'static str) {
    store.writer.run(move |writing| Ok(writing.connection.execute_batch(sql)?)).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_and_passes() {
    let (_folder, store, mut committed, ada) = ada().await;
    post(&store, ada, "before").await.unwrap();
    while committed.try_recv().is_ok() {}

    pragma(&store, "PRAGMA max_page_count = 1").await;
    let mut posted = 1;
    let failure = loop {
        match post(&store, ada, &format!("{posted}")).await {
            Ok(_) => posted += 1,
            Err(error) => break error,
        }
        assert!(posted < 100, "the disk is never full");
        committed.try_recv().unwrap();
    };
    assert!(matches!(&failure, StoreError::Full(reason) if reason.contains("full")), "{failure:?}");
    assert!(committed.try_recv().is_err(), "what is not committed is not published");

    pragma(&store, "PRAGMA max_page_count = 1000000").await;
    let next = post(&store, ada, "after").await.unwrap();
    assert_eq!(next.message.seq.0, posted + 1, "the failed one took no number");
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_panic_costs_its_own_caller_alone() {
    let (_folder, store, mut committed, ada) = ada().await;
    let panics = store.writer.run(|writing| -> Result<(), StoreError> {
        writing.connection.execute_batch("DELETE FROM users")?;
        panic!("on purpose");
    });
    let (before, panicked, after) = tokio::join!(post(&store, ada, "before"), panics, post(&store, ada, "after"));
    assert!(matches!(panicked, Err(StoreError::Internal(_))), "{panicked:?}");
    assert_eq!((before.unwrap().message.seq.0, after.unwrap().message.seq.0), (1, 2));
    assert!(committed.try_recv().is_ok());
    assert!(store.user_by_id(ada).await.unwrap().is_some(), "what it did was undone");
}

#[tokio::test]
async fn what_fails_after_a_write_without_a_savepoint_takes_its_group_along() {
    let (_folder, store, mut committed, ada) = ada().await;
    post(&store, ada, "earlier").await.unwrap();
    while committed.try_recv().is_ok() {}
    let refused = async |sql: &'static str| {
        let refused = store.writer.run_bare(move |writing| -> Result<(), StoreError> {
            writing.connection.execute_batch(sql)?;
            Err(StoreError::NotFound)
        });
        tokio::join!(refused, post(&store, ada, sql))
    };
    let (wrote, neighbour) = refused("UPDATE conversations SET last_seq = 100").await;
    assert!(matches!(wrote, Err(StoreError::Unavailable(_))), "{wrote:?}");
    assert!(neighbour.is_ok_and(|posted| posted.message.seq.0 == 2) || committed.try_recv().is_err());
    // What wrote nothing is refused alone.
    let (read, neighbour) = refused("SELECT 1").await;
    assert!(matches!(read, Err(StoreError::NotFound)), "{read:?}");
    assert!(neighbour.unwrap().message.seq.0 < 100, "what it wrote was undone");
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_that_cannot_begin_or_commit_is_unavailable_as_a_whole() {
    let (folder, store, mut committed, ada) = ada().await;
    store.writer.run(|writing| Ok(writing.connection.busy_timeout(Duration::from_millis(1))?)).await.unwrap();
    let other = connection::writer(&folder.path().join("chatter.db")).unwrap();
    let committed_before = store.stats();

    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for answer in <[_; 2]>::from(tokio::join!(post(&store, ada, "1"), post(&store, ada, "2"))) {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    other.execute_batch("ROLLBACK").unwrap();

    // A deferred constraint fails at the commit, after every change of the group has succeeded.
    let spoils = store.writer.run(|writing| {
        let spoil = "PRAGMA defer_foreign_keys = ON; INSERT INTO sessions VALUES (1, 99, zeroblob(32), 1, 1, 1, NULL)";
        Ok(writing.connection.execute_batch(spoil)?)
    });
    let (spoiled, neighbour) = tokio::join!(spoils, post(&store, ada, "3"));
    assert!(matches!(spoiled, Err(StoreError::Unavailable(_))), "{spoiled:?}");
    assert!(neighbour.is_err() || neighbour.is_ok_and(|posted| posted.message.seq.0 == 1));

    let Stats { groups, .. } = committed_before;
    assert!(store.stats().groups <= groups + 1);
    while committed.try_recv().is_ok() {}
    assert!(post(&store, ada, "3").await.is_ok(), "the same nonce, tried again");
    assert_eq!(store.memberships(ada).await.unwrap().conversations.len(), 1);
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_writer_is_set_up_for_what_is_promised() {
    let (_folder, store, _committed, _ada) = ada().await;
    let settings = store.writer.run(|writing| {
        let one = |name| {
            Ok::<String, StoreError>(writing.connection.pragma_query_value(None, name, |row| {
                row.get(0).map(|value: rusqlite::types::Value| format!("{value:?}"))
            })?)
        };
        Ok([one("journal_mode")?, one("synchronous")?, one("foreign_keys")?])
    });
    // 2 is FULL: a commit is on the disk before it is answered.
    assert_eq!(settings.await.unwrap(), [r#"Text("wal")"#, "Integer(2)", "Integer(1)"]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_sinks_no_busy_conversation() {
    let (_folder, store, _committed, ada) = ada().await;
    let bob = NewUser { name: "bob".into(), folded: "bob".into(), password_hash: None, now_ms: 1 };
    let bob = store.user_create(bob).await.unwrap().id;
    let post_at = async |now_ms, target, nonce: &str| {
        let (content, nonce) = ("hi".into(), nonce.into());
        let message = NewMessage {
            author: ada,
            target: Target::User(target),
            content,
            called: Called::default(),
            nonce,
            reply_to: None,
            now_ms,
        };
        store.message_post(message).await.unwrap().conversation
    };
    post_at(500, ada, "1").await;
    let busy = post_at(1_000, bob, "2").await;
    assert_eq!(post_at(10, bob, "3").await, busy);
    let list = store.conversation_list(ada, None, 10).await.unwrap();
    assert_eq!(list.conversations[0].conversation.id, busy);
}

/// Reads for as long as nobody stops it, in turns with others of its kind: somebody always does.
fn read_in_turns(path: PathBuf, offset: Duration, stop: Arc<AtomicBool>) {
    std::thread::sleep(offset);
    let reader = connection::reader(&path).unwrap();
    while !stop.load(Ordering::Relaxed) {
        reader.execute_batch("BEGIN").unwrap();
        super::data_version(&reader).unwrap();
        reader.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0)).unwrap();
        std::thread::sleep(Duration::from_millis(60));
        reader.execute_batch("COMMIT").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_always_read_from_begins_anew() {
    let (folder, store, mut committed, ada) = ada().await;
    tokio::spawn(async move { while committed.recv().await.is_some() {} });
    let path = folder.path().join("chatter.db");
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [0, 20, 40]
        .into_iter()
        .map(|ms| {
            let (path, stop) = (path.clone(), stop.clone());
            std::thread::spawn(move || read_in_turns(path, Duration::from_millis(ms), stop))
        })
        .collect();
    pragma(&store, "CREATE TABLE ballast (x); INSERT INTO ballast VALUES (zeroblob(80000000))").await;
    let log = folder.path().join("chatter.db-wal");
    assert!(log.metadata().unwrap().len() > 80_000_000);
    let began = Instant::now();
    let mut number = 0;
    // It is cut to 64 MiB when it begins anew.
    while log.metadata().unwrap().len() > 70_000_000 {
        assert!(began.elapsed() < Duration::from_secs(15), "{number} messages, and it only grows");
        number += 1;
        post(&store, ada, &number.to_string()).await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}
