//! Whom messages call, and how many of those that are unread call a reader.

use std::sync::Arc;

use chatter::protocol::{ConversationId, Seq, UserRef};
use chatter::server::store::{Amendment, Called, NewMessage, Page, PostedMessage, Target, all_in_full};

use super::bench::Bench;

fn names(names: &[&str]) -> Called {
    Called::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

async fn call(bench: &Bench, author: &UserRef, target: Target, called: Called) -> PostedMessage {
    bench.store.message_post(NewMessage { called, ..bench.message(author, target, "come") }).await.unwrap()
}

/// As the list, READY, the page and the conversation alone have it.
async fn count(bench: &Bench, viewer: &UserRef, id: ConversationId) -> u32 {
    let alone = bench.store.conversation(viewer.id, id).await.unwrap().unwrap();
    let list = bench.store.conversation_list(viewer.id, None, 9).await.unwrap().conversations;
    assert_eq!(list.iter().find(|one| one.conversation.id == id), Some(&alone));
    let ready = bench.store.ready(viewer.id, all_in_full()).await.unwrap().mentions;
    let ready = ready.iter().find(|(called, _)| *called == id).map_or(0, |(_, count)| *count);
    bench.page(viewer, id, Page::Latest, 1).await;
    assert_eq!(ready, alone.mentions);
    alone.mentions
}

pub(super) async fn unread_messages_that_call_somebody_are_counted(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["Ada", "bob", "eve"]).await;
    let room = bench.room("room", &[&ada, &bob, &eve]).await;
    let target = Target::Conversation(room);
    let first = call(&bench, &bob, target, names(&["ada", "nobody"])).await;
    call(&bench, &bob, target, names(&["eve", "bob"])).await;
    let third = call(&bench, &bob, target, Called::Everybody).await;
    bench.post(&bob, target, "and no more").await;
    for (viewer, expected) in [(&ada, 2), (&eve, 2), (&bob, 0)] {
        assert_eq!(count(&bench, viewer, room).await, expected, "{}", viewer.name);
    }
    // Again with the same nonce is once.
    let again = NewMessage { called: names(&["eve"]), ..bench.message(&bob, target, "twice") };
    for _ in 0..2 {
        bench.store.message_post(again.clone()).await.unwrap();
    }
    assert_eq!(count(&bench, &eve, room).await, 3);
    bench.store.read_mark(ada.id, room, first.message.seq).await.unwrap();
    assert_eq!(count(&bench, &ada, room).await, 1);
    // Another text calls others, and what is gone calls nobody.
    let edit = |called| Amendment::Edit { content: "come!".into(), called, now_ms: 9 };
    bench.store.message_amend(bob.id, room, third.message.seq, edit(names(&["ada"]))).await.unwrap();
    assert_eq!((count(&bench, &ada, room).await, count(&bench, &eve, room).await), (1, 2));
    bench.store.message_amend(bob.id, room, third.message.seq, Amendment::Delete).await.unwrap();
    assert_eq!((count(&bench, &ada, room).await, count(&bench, &eve, room).await), (0, 2));
    // Whoever writes has read.
    bench.post(&eve, target, "here").await;
    assert_eq!(count(&bench, &eve, room).await, 0);
    // The first message of two people, too.
    let direct = call(&bench, &ada, Target::User(eve.id), names(&["eve"])).await;
    assert_eq!((count(&bench, &eve, direct.conversation).await, direct.message.seq), (1, Seq(1)));
}
