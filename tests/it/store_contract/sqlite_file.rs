//! What only a file has: its mode, its versions, other processes, and groups to count.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chatter::protocol::Seq;
use chatter::server::store::sqlite::SqliteStore;
use chatter::server::store::{NewMessage, Page, Store, StoreError, Target, all_in_full};
use futures_util::future::join_all;

use super::bench::{new_session, new_user, nonce, seqs};
use crate::support;

const KEY: [u8; 32] = [7; 32];

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, KEY).unwrap().0
}

fn message(author: chatter::protocol::UserId, target: Target) -> NewMessage {
    support::message::message(author, target, "hello", nonce())
}

#[tokio::test]
async fn the_files_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("chatter.db"));
    store.user_create(new_user("ada")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3, "the data, its log and the log's index");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    let store = open(&path);
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let bob = store.user_create(new_user("bob")).await.unwrap();
    let session = store.session_create(new_session(ada.id, 1, 1, 100)).await.unwrap();
    let first = message(ada.id, Target::User(bob.id));
    let posted = store.message_post(first.clone()).await.unwrap();
    let ready = store.ready(bob.id, all_in_full()).await.unwrap();
    store.close().await;
    drop(store);
    assert!(!folder.path().join("chatter.db-wal").exists(), "a closed store is one file");

    let (store, mut committed) = SqliteStore::open(&path, KEY).unwrap();
    assert_eq!(store.ready(bob.id, all_in_full()).await.unwrap(), ready);
    assert_eq!(store.session_by_token([1; 32], 2).await.unwrap().unwrap().id, session);
    let again = store.message_post(first).await.unwrap();
    assert_eq!((again.message, again.created), (posted.message, false));
    assert!(committed.try_recv().is_err(), "nothing is published again");
    let next = store.message_post(message(ada.id, Target::Conversation(posted.conversation))).await.unwrap();
    assert_eq!(next.message.seq, Seq(2));
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 7").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = SqliteStore::open(&path, KEY).err().unwrap();
    assert!(matches!(error, StoreError::NewerDatabase { found: 7, known: 4 }), "{error:?}");
    let sentence =
        "the database has schema version 7, this program knows up to 4: start the newer program, or restore a backup";
    assert_eq!(error.to_string(), sentence);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let missing = SqliteStore::open(&folder.path().join("no/such/folder/chatter.db"), KEY).err().unwrap();
    assert!(matches!(&missing, StoreError::Unavailable(reason) if reason.contains("no/such/folder")), "{missing:?}");
    let path = folder.path().join("letter.txt");
    std::fs::write(&path, "Dear Ada, this is no database at all. ".repeat(100)).unwrap();
    let other = SqliteStore::open(&path, KEY).err().unwrap();
    assert!(other.to_string().contains("not a database"), "{other:?}");
}

#[tokio::test]
async fn only_another_process_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    let store = open(&path);
    store.user_create(new_user("ada")).await.unwrap();
    assert!(!store.changed_elsewhere().await.unwrap(), "one's own changes do not count");
    // A command beside the server: the same file, connections of its own.
    let beside = open(&path);
    beside.user_names().await.unwrap();
    assert!(!store.changed_elsewhere().await.unwrap(), "reading changes nothing");
    let bob = beside.user_create(new_user("bob")).await.unwrap();
    store.user_create(new_user("eve")).await.unwrap();
    assert!(store.changed_elsewhere().await.unwrap());
    assert!(!store.changed_elsewhere().await.unwrap());
    assert_eq!(store.user_by_id(bob.id).await.unwrap(), Some(bob));
    drop(store.message_post(message(chatter::protocol::UserId(99), Target::User(chatter::protocol::UserId(1)))).await);
    assert!(!store.changed_elsewhere().await.unwrap(), "nor does a change of one's own that failed");
}

#[tokio::test]
async fn what_another_process_ended_is_ended_here_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    let (store, beside) = (open(&path), open(&path));
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let session = store.session_create(new_session(ada.id, 1, 1, 100)).await.unwrap();
    assert!(store.session_by_token([1; 32], 2).await.unwrap().is_some());
    beside.session_end(session).await.unwrap();
    assert!(store.changed_elsewhere().await.unwrap());
    assert_eq!(store.session_by_token([1; 32], 2).await.unwrap(), None);
}

#[tokio::test]
async fn two_processes_write_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    let stores = [open(&path), open(&path)];
    let ada = stores[0].user_create(new_user("ada")).await.unwrap();
    let posts = (0..60).map(|number| stores[number % 2].message_post(message(ada.id, Target::User(ada.id))));
    let posted: Vec<_> = join_all(posts).await.into_iter().map(Result::unwrap).collect();
    let list = stores[0].message_list(ada.id, posted[0].conversation, Page::Latest, 100).await.unwrap().unwrap();
    assert_eq!(seqs(&list), (1..=60).collect::<Vec<_>>());
    assert_eq!(stores[0].integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn processes_that_start_at_once_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    std::thread::scope(|scope| {
        let openings: Vec<_> = (0..8).map(|_| scope.spawn(|| SqliteStore::open(&path, KEY).map(|_| ()))).collect();
        for opening in openings {
            opening.join().unwrap().unwrap();
        }
    });
    assert_eq!(open(&path).integrity_check().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn changes_that_wait_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    // The receiver is dropped, as command-line programs do.
    let store = open(&folder.path().join("chatter.db"));
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let before = store.stats();
    join_all((0..500).map(|_| store.message_post(message(ada.id, Target::User(ada.id))))).await;
    let after = store.stats();
    assert_eq!(after.jobs - before.jobs, 500);
    assert!(after.groups - before.groups < 250, "{after:?}");
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    let store = open(&path);
    let ada = store.user_create(new_user("ada")).await.unwrap();
    let posted = store.message_post(message(ada.id, Target::User(ada.id))).await.unwrap();
    store.message_post(message(ada.id, Target::User(ada.id))).await.unwrap();
    let conversation = posted.conversation;
    let cases = [
        (format!("DELETE FROM events WHERE conversation_id = {conversation} AND seq = 1"), "its log has holes"),
        (format!("UPDATE conversations SET last_seq = 9 WHERE id = {conversation}"), "its log has holes"),
        ("UPDATE users SET inbox_seq = 2".to_owned(), "inbox has holes"),
        ("UPDATE conversations SET member_count = 5".to_owned(), "the number of its members is wrong"),
        ("UPDATE members SET read_seq = 3".to_owned(), "past the end of the log"),
        ("DELETE FROM nonces WHERE seq = 1".to_owned(), "has no nonce"),
        ("DELETE FROM users".to_owned(), "refers to a row of users that is missing"),
    ];
    store.close().await;
    for (damage, expected) in cases {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        let damaged = rusqlite::Connection::open(&copy).unwrap();
        damaged.execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}")).unwrap();
        drop(damaged);
        let wrong = open(&copy).integrity_check().unwrap();
        assert!(wrong.iter().any(|sentence| sentence.contains(expected)), "{damage}: {wrong:?}");
        for file in ["copy.db", "copy.db-wal", "copy.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(file));
        }
    }
}
