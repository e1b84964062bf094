//! The chat page's read: asked for again and again, it may come from where it is kept, and is never older than an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatter::protocol::{ConversationId, Seq, UserRef};
use chatter::server::store::{ListVersion, NewRoom, Page, Target};

use super::bench::{Bench, new_user};

/// Fewer than there are, so that some are beyond the list's end.
const LISTED: u32 = 2;
const LIMIT: u32 = 5;

/// What the page shows is what the other reads show, the first time and the second; and its list's version.
async fn shown(bench: &Bench, viewer: &UserRef, open: ConversationId) -> Option<ListVersion> {
    let store = &bench.store;
    let mut version = None;
    for turn in ["read", "asked again"] {
        let page = store.chat_page(viewer.id, None, LISTED, Some((open, Page::Latest)), LIMIT).await.unwrap();
        let list = store.conversation_list(viewer.id, None, LISTED).await.unwrap();
        assert_eq!(*page.conversations, list, "{turn}");
        let summary = store.conversation(viewer.id, open).await.unwrap();
        let messages = store.message_list(viewer.id, open, Page::Latest, LIMIT).await.unwrap();
        let opened = page.opened.map(|(summary, messages)| (summary, messages.into_inner()));
        assert_eq!(opened, summary.zip(messages), "{turn}");
        if turn == "asked again" {
            assert_eq!(page.version, version, "nothing has changed meanwhile");
        }
        version = page.version;
    }
    version
}

pub(super) async fn a_page_is_never_older_than_an_answer(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let hall = NewRoom { title: "hall".into(), everyone: true, members: Vec::new(), now_ms: bench.now_ms() };
    let hall = bench.store.room_create(hall).await.unwrap();
    let with_bob = bench.post(&bob, Target::User(ada.id), "1").await.conversation;
    let mut last = shown(&bench, &ada, hall).await;
    let mut changed = async |what: &str| {
        let now = shown(&bench, &ada, hall).await;
        assert!(now.is_none() || now != last, "{what}: the old version stands for another list");
        last = now;
    };
    bench.post(&eve, Target::Conversation(hall), "a message of somebody else").await;
    changed("a message").await;
    bench.store.read_mark(ada.id, hall, Seq(1)).await.unwrap();
    changed("a read mark").await;
    bench.post(&bob, Target::User(ada.id), "2").await;
    changed("a message elsewhere").await;
    bench.post(&ada, Target::Conversation(hall), "her own").await;
    changed("an own message").await;
    bench.store.user_create(new_user("dan")).await.unwrap();
    changed("somebody joins").await;
    bench.post(&eve, Target::User(ada.id), "1").await;
    changed("somebody opens a conversation").await;
    bench.room("room", &[&ada, &bob]).await;
    changed("a room").await;
    bench.post(&bob, Target::Conversation(with_bob), "3").await;
    changed("a message beyond the list's end").await;
    bench.leave(&ada, with_bob);
    bench.store.changed_elsewhere().await.unwrap();
    changed("another process took her out").await;
    assert_eq!(shown(&bench, &ada, with_bob).await, last, "and it is hers no more");
}

pub(super) async fn a_version_is_one_users(bench: Arc<Bench>) {
    let (ada, bob, id) = bench.direct(3).await;
    let versions = [shown(&bench, &ada, id).await, shown(&bench, &bob, id).await];
    assert!(versions[0].is_none() || versions[0] != versions[1]);
    let page = bench.store.chat_page(ada.id, Some(id), LISTED, None, LIMIT).await.unwrap();
    assert!(page.version.is_none() || page.version != versions[0], "a later part of it is another list");
}

pub(super) async fn an_acknowledged_message_is_on_every_page_from_then_on(bench: Arc<Bench>) {
    let (ada, bob, id) = bench.direct(1).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [&ada, &bob]
        .map(|reader| {
            let (store, reader, is_over) = (bench.store.clone(), reader.id, is_over.clone());
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let page = store.chat_page(reader, None, LISTED, Some((id, Page::Latest)), LIMIT).await.unwrap();
                    let (summary, messages) = page.opened.unwrap();
                    assert_eq!(summary.last_seq, messages.as_of, "one moment");
                    assert_eq!(page.conversations.conversations[0], summary);
                    tokio::task::yield_now().await;
                }
            })
        })
        .into();
    for _ in 0..200 {
        let seq = bench.post(&ada, Target::Conversation(id), "another").await.message.seq;
        let page = bench.store.chat_page(bob.id, None, LISTED, Some((id, Page::Latest)), LIMIT).await.unwrap();
        assert_eq!(page.conversations.conversations[0].last_seq, seq);
        bench.store.read_mark(bob.id, id, seq).await.unwrap();
        let page = bench.store.chat_page(bob.id, None, LISTED, None, LIMIT).await.unwrap();
        assert_eq!(page.conversations.conversations[0].unread, 0);
    }
    is_over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}
