//! Exactly once: what a nonce stands for, and a caller who hangs up.

use std::sync::Arc;

use chatter::protocol::{Seq, Stream, UserId};
use chatter::server::store::{NewMessage, StoreError, Target};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::bench::{Bench, outline};

pub(super) async fn a_nonce_posts_once(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let room = bench.room("room", &[&ada]).await;
    let first = bench.message(&ada, Target::User(bob.id), "hello");
    let original = bench.store.message_post(first.clone()).await.unwrap();
    bench.published();

    let by_id = Target::Conversation(original.conversation);
    for target in [first.target, by_id] {
        let again = bench.store.message_post(NewMessage { target, now_ms: 9_999, ..first.clone() }).await.unwrap();
        assert_eq!((again.conversation, &again.message), (original.conversation, &original.message));
        assert!(!again.created);
    }
    let others = [
        NewMessage { content: "hello!".into(), ..first.clone() },
        NewMessage { reply_to: Some(Seq(1)), ..first.clone() },
        NewMessage { target: Target::User(eve.id), ..first.clone() },
        NewMessage { target: Target::User(UserId(99)), ..first.clone() },
        NewMessage { target: Target::User(ada.id), ..first.clone() },
        NewMessage { target: Target::Conversation(room), ..first.clone() },
    ];
    for other in others {
        let refused = bench.store.message_post(other.clone()).await;
        assert!(matches!(refused, Err(StoreError::NonceReused)), "{other:?}: {refused:?}");
    }
    let reply = NewMessage { reply_to: Some(Seq(1)), ..bench.message(&ada, by_id, "yes") };
    bench.store.message_post(reply.clone()).await.unwrap();
    bench.published();
    for reply_to in [None, Some(Seq(0)), Some(Seq(2))] {
        let refused = bench.store.message_post(NewMessage { reply_to, ..reply.clone() }).await;
        assert!(matches!(refused, Err(StoreError::NonceReused)), "{reply_to:?}: {refused:?}");
    }
    assert_eq!(bench.published(), [], "nothing happened");
    assert_eq!(bench.store.direct_find(ada.id, eve.id).await.unwrap(), None);

    let bobs = NewMessage { author: bob.id, target: by_id, content: "mine".into(), ..first };
    assert!(bench.store.message_post(bobs).await.unwrap().created, "a nonce is its author's own");
}

pub(super) async fn duplicates_at_once_post_once(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let message = bench.message(&ada, Target::User(bob.id), "hello");
    let posted = join_all((0..50).map(|_| bench.store.message_post(message.clone()))).await;
    let posted: Vec<_> = posted.into_iter().map(Result::unwrap).collect();
    assert_eq!(posted.iter().filter(|post| post.created).count(), 1);
    assert!(posted.iter().all(|post| post.message == posted[0].message));
    assert_eq!(bench.published().iter().filter(|event| event.body.op() == "MESSAGE_CREATE").count(), 1);
}

pub(super) async fn a_nonce_outlives_membership(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let room = bench.room("room", &[&ada, &bob]).await;
    let message = bench.message(&ada, Target::Conversation(room), "bye");
    let original = bench.store.message_post(message.clone()).await.unwrap();
    bench.leave(&ada, room);
    let again = bench.store.message_post(message).await.unwrap();
    assert_eq!((again.message, again.created), (original.message, false));
    let new = bench.try_post(&ada, Target::Conversation(room), "again").await;
    assert!(matches!(new, Err(StoreError::NotFound)), "{new:?}");
}

pub(super) async fn a_cancelled_call_is_still_published(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    bench.published();
    let mut committed = bench.take_committed();
    let message = bench.message(&ada, Target::User(bob.id), "sent, then the tab was closed");
    // Polled once, then dropped: as when a browser hangs up.
    drop(bench.store.message_post(message.clone()).now_or_never());
    let commit = committed.recv().await.unwrap();
    assert_eq!(outline(&commit.events), [(Stream::Conversation(conversation), 2, "MESSAGE_CREATE")]);
    assert!(!bench.store.message_post(message).await.unwrap().created);
}
