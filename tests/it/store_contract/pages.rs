//! Reading a conversation: pages of messages and of its log, and who may see what.

use std::sync::Arc;

use chatter::protocol::{ConversationId, EventBody, Seq, Stream, UserId, UserRef};
use chatter::server::store::{Page, StoreError, Target, all_in_full};

use super::bench::{Bench, contents, outline, seqs};

pub(super) async fn pages_at_their_boundaries(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(10).await;
    let cases: &[(Page, u32, &[i64], bool)] = &[
        (Page::Latest, 3, &[8, 9, 10], true),
        (Page::Latest, 9, &[2, 3, 4, 5, 6, 7, 8, 9, 10], true),
        (Page::Latest, 10, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false),
        (Page::Latest, 0, &[], true),
        (Page::Before(Seq(8)), 3, &[5, 6, 7], true),
        (Page::Before(Seq(4)), 3, &[1, 2, 3], false),
        (Page::Before(Seq(3)), 3, &[1, 2], false),
        (Page::Before(Seq(1)), 3, &[], false),
        (Page::Before(Seq(99)), 2, &[9, 10], true),
        (Page::After(Seq(0)), 3, &[1, 2, 3], true),
        (Page::After(Seq(7)), 3, &[8, 9, 10], false),
        (Page::After(Seq(6)), 3, &[7, 8, 9], true),
        (Page::After(Seq(10)), 3, &[], false),
        (Page::Around(Seq(5)), 4, &[3, 4, 5, 6], true),
        (Page::Around(Seq(3)), 4, &[1, 2, 3, 4], false),
        (Page::Around(Seq(1)), 4, &[1, 2, 3, 4], false),
        (Page::Around(Seq(10)), 4, &[8, 9, 10], true),
        (Page::Around(Seq(99)), 4, &[9, 10], true),
        (Page::Around(Seq(5)), 1, &[5], true),
    ];
    for viewer in [&ada, &bob] {
        for (page, limit, expected, more) in cases {
            let list = bench.page(viewer, conversation, *page, *limit).await;
            assert_eq!((seqs(&list).as_slice(), list.more), (*expected, *more), "{page:?}, {limit}");
            assert_eq!(list.as_of, Seq(10));
        }
    }
}

pub(super) async fn numbers_out_of_range_are_harmless(bench: Arc<Bench>) {
    let (ada, _, conversation) = bench.direct(2).await;
    let cases: &[(Page, &[i64])] = &[
        (Page::Before(Seq(i64::MIN)), &[]),
        (Page::Before(Seq(-1)), &[]),
        (Page::Before(Seq(i64::MAX)), &[1, 2]),
        (Page::After(Seq(i64::MIN)), &[1, 2]),
        (Page::After(Seq(i64::MAX)), &[]),
        (Page::Around(Seq(i64::MIN)), &[1, 2]),
        (Page::Around(Seq(i64::MAX)), &[1, 2]),
    ];
    for (page, expected) in cases {
        assert_eq!(seqs(&bench.page(&ada, conversation, *page, u32::MAX).await), *expected, "{page:?}");
    }
    for after in [i64::MIN, -1, 0] {
        let page = bench.store.event_list(ada.id, conversation, Seq(after), u32::MAX).await.unwrap().unwrap();
        assert_eq!((page.events.len(), page.more), (2, false), "{after}");
    }
    for after in [3, i64::MAX] {
        let page = bench.store.event_list(ada.id, conversation, Seq(after), 9).await.unwrap().unwrap();
        assert_eq!((page.events.len(), page.as_of, page.more), (0, Seq(2), false), "{after}");
    }
    for id in [0, -1, i64::MIN, i64::MAX] {
        let (id, user) = (ConversationId(id), UserId(id));
        assert_eq!(bench.store.message_list(ada.id, id, Page::Latest, 9).await.unwrap(), None);
        assert_eq!(bench.store.message_list(user, conversation, Page::Latest, 9).await.unwrap(), None);
        assert_eq!(bench.store.user_by_id(user).await.unwrap(), None);
        assert_eq!(bench.store.last_seqs(&[Stream::Inbox(user), Stream::Conversation(id)]).await.unwrap(), [Seq(0); 2]);
        assert_eq!(bench.store.events_after(Stream::Conversation(id), Seq(id.0), 9).await.unwrap(), []);
    }
}

pub(super) async fn an_answer_is_bounded(bench: Arc<Bench>) {
    let (ada, _, conversation) = bench.direct(103).await;
    let list = bench.page(&ada, conversation, Page::Latest, u32::MAX).await;
    assert_eq!((seqs(&list), list.more), ((4..=103).collect(), true));
    let page = bench.store.event_list(ada.id, conversation, Seq(0), u32::MAX).await.unwrap().unwrap();
    assert_eq!((page.events.len(), page.more), (100, true));
    let rest = bench.store.event_list(ada.id, conversation, Seq(100), u32::MAX).await.unwrap().unwrap();
    assert_eq!((rest.events.len(), rest.more), (3, false));
}

/// Whether `viewer` sees the conversation; every way of asking must agree.
async fn sees(bench: &Bench, viewer: &UserRef, conversation: ConversationId) -> bool {
    let store = &bench.store;
    // They leave beside the store.
    store.changed_elsewhere().await.unwrap();
    let answers = [
        store.message_list(viewer.id, conversation, Page::Latest, 9).await.unwrap().is_some(),
        store.event_list(viewer.id, conversation, Seq(0), 9).await.unwrap().is_some(),
        store.chat_page(viewer.id, None, 9, Some((conversation, Page::Latest)), 9).await.unwrap().opened.is_some(),
        store.conversation(viewer.id, conversation).await.unwrap().is_some(),
        store.read_mark(viewer.id, conversation, Seq(0)).await.unwrap().is_some(),
        store.memberships(viewer.id).await.unwrap().conversations.iter().any(|(id, _)| *id == conversation),
        store.ready(viewer.id, all_in_full()).await.unwrap().conversations.iter().any(|one| one.id == conversation),
        !store.conversation_list(viewer.id, None, 99).await.unwrap().conversations.is_empty(),
        !matches!(bench.try_post(viewer, Target::Conversation(conversation), "?").await, Err(StoreError::NotFound)),
    ];
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{}: {answers:?}", viewer.name);
    answers[0]
}

pub(super) async fn visibility(bench: Arc<Bench>) {
    let [ada, bob, eve, left] = bench.users(["ada", "bob", "eve", "left"]).await;
    let room = bench.room("room", &[&ada, &bob, &left]).await;
    bench.post(&ada, Target::Conversation(room), "hello").await;
    assert!(sees(&bench, &left, room).await);
    bench.leave(&left, room);
    for (viewer, expected) in [(&ada, true), (&bob, true), (&eve, false), (&left, false)] {
        assert_eq!(sees(&bench, viewer, room).await, expected, "{}", viewer.name);
    }
}

pub(super) async fn a_group_shows_its_history_from_joining(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let group = bench.room("friends", &[&ada]).await;
    for text in ["1", "2"] {
        bench.post(&ada, Target::Conversation(group), text).await;
    }
    // No method makes groups or adds members yet.
    (bench.execute)(&format!(
        "UPDATE conversations SET kind = 'group', last_seq = 3, member_count = 2 WHERE id = {group};
         INSERT INTO events (conversation_id, seq, kind, user_id) VALUES ({group}, 3, 2, {0});
         INSERT INTO members (conversation_id, user_id, joined_seq, read_seq) VALUES ({group}, {0}, 3, 3);",
        bob.id
    ));
    let summary = bench.store.conversation(bob.id, group).await.unwrap().unwrap();
    assert_eq!((summary.preview, summary.unread), (None, 0), "what was before is not theirs");
    bench.post(&ada, Target::Conversation(group), "4").await;
    assert_eq!(contents(&bench.page(&ada, group, Page::Latest, 9).await), ["1", "2", "4"]);
    for page in [Page::Latest, Page::Before(Seq(9)), Page::After(Seq(0)), Page::Around(Seq(2))] {
        let list = bench.page(&bob, group, page, 9).await;
        assert_eq!((contents(&list), list.more), (vec!["4"], false), "{page:?}");
    }
    let log = bench.store.event_list(bob.id, group, Seq(0), 9).await.unwrap().unwrap();
    let stream = Stream::Conversation(group);
    assert_eq!(outline(&log.events), [(stream, 3, "MEMBER_ADD"), (stream, 4, "MESSAGE_CREATE")]);
    let mut reply = bench.message(&bob, Target::Conversation(group), "to what?");
    reply.reply_to = Some(Seq(2));
    let refused = bench.store.message_post(reply).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let members = bench.store.conversation(bob.id, group).await.unwrap().unwrap().conversation.members;
    assert_eq!(members, [ada, bob]);
}

pub(super) async fn event_pages(bench: Arc<Bench>) {
    let (ada, _, conversation) = bench.direct(5).await;
    let cases: &[(i64, u32, &[i64], bool)] = &[
        (0, 2, &[1, 2], true),
        (0, 5, &[1, 2, 3, 4, 5], false),
        (3, 2, &[4, 5], false),
        (3, 1, &[4], true),
        (5, 1, &[], false),
        (2, 0, &[], true),
    ];
    for (after, limit, expected, more) in cases {
        let page = bench.store.event_list(ada.id, conversation, Seq(*after), *limit).await.unwrap().unwrap();
        let numbers: Vec<_> = page.events.iter().map(|event| event.seq.0).collect();
        assert_eq!((numbers.as_slice(), page.more, page.as_of), (*expected, *more, Seq(5)), "{after}, {limit}");
        let filled = bench.store.events_after(Stream::Conversation(conversation), Seq(*after), *limit).await.unwrap();
        assert_eq!(filled, page.events);
    }
}

pub(super) async fn a_replay_shows_what_stands_now(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let room = bench.room("before", &[&ada, &bob]).await;
    bench.post(&ada, Target::Conversation(room), "hello").await;
    let live = bench.published();
    (bench.execute)(&format!("UPDATE conversations SET title = 'after' WHERE id = {room}"));
    let inbox = bench.store.events_after(Stream::Inbox(ada.id), Seq(0), 9).await.unwrap();
    let EventBody::ConversationCreate(conversation) = &inbox[0].body else { panic!("{inbox:?}") };
    assert_eq!((conversation.title.as_deref(), conversation.member_count), (Some("after"), 2));
    let log = bench.store.events_after(Stream::Conversation(room), Seq(0), 9).await.unwrap();
    assert_eq!(log[0], live[2], "an unchanged message reads as it was published");

    bench.leave(&bob, room);
    let inbox = bench.store.events_after(Stream::Inbox(bob.id), Seq(0), 9).await.unwrap();
    let gone = EventBody::ConversationDelete(room);
    assert_eq!(inbox.iter().map(|event| &event.body).collect::<Vec<_>>(), [&gone, &gone]);
    let log = bench.store.events_after(Stream::Conversation(room), Seq(1), 9).await.unwrap();
    assert_eq!(log.iter().map(|event| &event.body).collect::<Vec<_>>(), [&EventBody::MemberRemove(bob.clone())]);

    // Back again: the entries that made it theirs show the room, the one between still says that they left.
    (bench.execute)(&format!(
        "UPDATE members SET left_seq = NULL WHERE conversation_id = {room};
         UPDATE conversations SET member_count = 2 WHERE id = {room};"
    ));
    let inbox = bench.store.events_after(Stream::Inbox(bob.id), Seq(0), 9).await.unwrap();
    let ops: Vec<_> = inbox.iter().map(|event| event.body.op()).collect();
    assert_eq!(ops, ["CONVERSATION_CREATE", "CONVERSATION_DELETE"]);
}
