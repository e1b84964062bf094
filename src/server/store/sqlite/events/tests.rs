//! Changes and deletions of messages in the log: what is appended, and what a replay says of them later.

use super::*;
use crate::server::store::sqlite::SqliteStore;
use crate::server::store::{Committed, NewMessage, NewUser, Store, Target};

/// A change that a use case of editing or deleting would enter, under the log's next number.
async fn enter(store: &SqliteStore, body: EventBody) -> Result<Seq, StoreError> {
    store
        .writer
        .run(move |writing| {
            let next = "UPDATE conversations SET last_seq = last_seq + 1 WHERE id = 1 RETURNING last_seq";
            let seq: Seq = writing.connection.query_row(next, [], |row| row.get(0))?;
            if let EventBody::MessageUpdate(message) = &body {
                let change = "UPDATE messages SET content = ?2, version = ?3 WHERE conversation_id = 1 AND seq = ?1";
                writing.connection.execute(change, params![message.seq, message.content, seq])?;
            }
            append(writing, ConversationId(1), seq, body)?;
            Ok(seq)
        })
        .await
}

fn committed(events: &mut Committed) -> Vec<Event> {
    std::iter::from_fn(|| events.try_recv().ok()).flatten().collect()
}

/// Ada's conversation with herself, of two messages.
async fn two_messages() -> (tempfile::TempDir, SqliteStore, Committed, UserId, Message) {
    let folder = tempfile::tempdir().unwrap();
    let (store, events) = SqliteStore::open(&folder.path().join("chatter.db"), [7; 32]).unwrap();
    let ada = NewUser { name: "ada".into(), folded: "ada".into(), password_hash: None, now_ms: 1 };
    let ada = store.user_create(ada).await.unwrap().id;
    let mut posted = Vec::new();
    for nonce in ["one", "two"] {
        let (target, content) = (Target::User(ada), nonce.to_owned());
        let new = NewMessage { author: ada, target, content, nonce: nonce.into(), reply_to: None, now_ms: 1 };
        posted.push(store.message_post(new).await.unwrap().message);
    }
    (folder, store, events, ada, posted.swap_remove(0))
}

/// (seq, body) of the whole log, as a member reads it.
async fn log(store: &SqliteStore, viewer: UserId) -> Vec<(i64, EventBody)> {
    let page = store.event_list(viewer, ConversationId(1), Seq::ZERO, 100).await.unwrap().unwrap();
    page.events.into_iter().map(|event| (event.seq.0, event.body)).collect()
}

#[tokio::test]
async fn a_replay_shows_what_stands_now() {
    let (folder, store, mut events, ada, one) = two_messages().await;
    committed(&mut events);
    let at = |version: i64, content: &str| Message { version: Seq(version), content: content.into(), ..one.clone() };

    assert_eq!(enter(&store, EventBody::MessageUpdate(at(3, "once"))).await.unwrap(), Seq(3));
    assert_eq!(enter(&store, EventBody::MessageUpdate(at(4, "twice"))).await.unwrap(), Seq(4));
    let told: Vec<_> = committed(&mut events).into_iter().map(|event| (event.seq.0, event.body)).collect();
    let (once, twice) = (EventBody::MessageUpdate(at(3, "once")), EventBody::MessageUpdate(at(4, "twice")));
    assert_eq!(told, [(3, once), (4, twice.clone())], "live, each as it was entered");
    let read = log(&store, ada).await;
    assert_eq!(read[0], (1, EventBody::MessageCreate(at(4, "twice"))));
    assert_eq!(read[2..], [(3, twice.clone()), (4, twice)]);

    assert_eq!(enter(&store, EventBody::MessageDelete(Seq(1))).await.unwrap(), Seq(5));
    let gone = EventBody::MessageDelete(Seq(1));
    assert_eq!(committed(&mut events)[0].body, gone);
    // How a deletion takes the content away is for its use case to say; what then reads back is said here.
    let other = Connection::open(folder.path().join("chatter.db")).unwrap();
    other.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM messages WHERE seq = 1").unwrap();
    let read = log(&store, ada).await;
    assert!([0, 2, 3, 4].into_iter().all(|at| read[at].1 == gone), "{read:?}");
    assert!(matches!(&read[1].1, EventBody::MessageCreate(two) if two.content == "two"), "{read:?}");
}

#[tokio::test]
async fn what_was_never_created_cannot_be_deleted() {
    let (_folder, store, mut events, ada, one) = two_messages().await;
    committed(&mut events);
    for missing in [3, 99] {
        let refused = enter(&store, EventBody::MessageDelete(Seq(missing))).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    let update = EventBody::MessageUpdate(Message { seq: Seq(9), ..one });
    assert!(enter(&store, update).await.is_err(), "an entry refers to a message that exists");
    assert_eq!((committed(&mut events), log(&store, ada).await.len()), (Vec::new(), 2), "no number was taken");
}
