//! Rooms, and closing the house.

use std::sync::Arc;

use chatter::protocol::{ConversationKind, EventBody, Seq, Stream, UserId};
use chatter::server::store::{NewRoom, Page, StoreError, Target};
use futures_util::future::join_all;

use super::bench::{Bench, contents, outline};

pub(super) async fn founding_members_are_part_of_the_creation(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let room = bench.room("tea", &[&bob, &ada, &bob]).await;
    let events = bench.published();
    let expected =
        [(Stream::Inbox(ada.id), 1, "CONVERSATION_CREATE"), (Stream::Inbox(bob.id), 1, "CONVERSATION_CREATE")];
    assert_eq!(outline(&events), expected);
    let EventBody::ConversationCreate(conversation) = &events[0].body else { panic!("{events:?}") };
    assert_eq!((conversation.id, conversation.kind), (room, ConversationKind::Room));
    assert_eq!((conversation.title.as_deref(), conversation.members.len()), (Some("tea"), 0));
    assert_eq!(conversation.member_count, 2);
    assert_eq!(bench.store.last_seqs(&[Stream::Conversation(room)]).await.unwrap(), [Seq(0)]);
    assert_eq!(bench.store.conversation(eve.id, room).await.unwrap(), None);
    let none = bench.room("empty", &[]).await;
    assert!(none > room);
}

pub(super) async fn a_room_for_everyone_takes_in_later_sign_ups(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let everyone = NewRoom { title: "all".into(), everyone: true, members: Vec::new(), now_ms: bench.now_ms() };
    let room = bench.store.room_create(everyone).await.unwrap();
    let other = bench.room("some", &[&ada]).await;
    bench.post(&ada, Target::Conversation(room), "hello").await;
    let before = bench.store.conversation(bob.id, room).await.unwrap().unwrap();
    assert_eq!((before.unread, before.conversation.member_count), (1, 2));
    bench.published();

    let eve = bench.user("eve").await;
    let events = bench.published();
    let expected = [(Stream::Inbox(eve.id), 1, "CONVERSATION_CREATE"), (Stream::Conversation(room), 2, "MEMBER_ADD")];
    assert_eq!(outline(&events), expected);
    assert_eq!(events[1].body, EventBody::MemberAdd(eve.clone()));
    let EventBody::ConversationCreate(conversation) = &events[0].body else { panic!("{events:?}") };
    assert_eq!(conversation.member_count, 3);
    let replay = bench.store.events_after(Stream::Conversation(room), Seq(1), 9).await.unwrap();
    assert_eq!(replay, events[1..]);

    let summary = bench.store.conversation(eve.id, room).await.unwrap().unwrap();
    assert_eq!((summary.read_seq, summary.unread), (Seq(2), 0), "nothing was unread before one joined");
    assert_eq!(summary.active_ms, before.active_ms, "a sign-up is no activity");
    assert_eq!(contents(&bench.page(&eve, room, Page::Latest, 9).await), ["hello"], "rooms show all their history");
    assert_eq!(bench.store.conversation(eve.id, other).await.unwrap(), None);

    // A name that is taken joins nothing.
    bench.store.user_create(super::bench::new_user("eve")).await.unwrap_err();
    assert_eq!(bench.store.last_seqs(&[Stream::Conversation(room)]).await.unwrap(), [Seq(2)]);
}

pub(super) async fn a_room_with_an_unknown_member_is_not_created(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let members = vec![ada.id, UserId(99)];
    let new = NewRoom { title: "tea".into(), everyone: false, members, now_ms: 1 };
    let refused = bench.store.room_create(new).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(bench.store.memberships(ada.id).await.unwrap().conversations, []);
    assert_eq!(bench.published(), []);
}

pub(super) async fn closing_finishes_what_was_handed_in(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let posts = join_all((0..100).map(|_| bench.try_post(&ada, Target::User(bob.id), "last words")));
    let closing = async { tokio::join!(bench.store.close(), bench.store.close()) };
    let (posted, _) = tokio::join!(posts, closing);
    assert!(posted.iter().all(Result::is_ok), "they were handed in before");
    assert_eq!(bench.published().iter().filter(|event| event.body.op() == "MESSAGE_CREATE").count(), 100);

    let change = bench.try_post(&ada, Target::User(bob.id), "too late").await;
    assert!(matches!(change, Err(StoreError::Unavailable(_))), "{change:?}");
    let read = bench.store.user_names().await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(matches!(bench.store.ping().await, Err(StoreError::Unavailable(_))));
    bench.store.close().await;
    assert_eq!(bench.take_committed().recv().await, None, "the publisher sees the end");
}
