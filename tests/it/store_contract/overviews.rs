//! A user's conversations at a glance: the list, unread counts, read marks and READY.

use std::sync::Arc;

use chatter::protocol::frame::Mark;
use chatter::protocol::limits::UNREAD_MAX;
use chatter::protocol::{ConversationId, Seq, Stream, UserId, UserRef};
use chatter::server::store::{Memberships, Page, ReadySnapshot, Target, all_in_full};
use futures_util::future::join_all;

use super::bench::Bench;

async fn listed(bench: &Bench, user: &UserRef, after: Option<ConversationId>, limit: u32) -> (Vec<i64>, bool) {
    let list = bench.store.conversation_list(user.id, after, limit).await.unwrap();
    (list.conversations.iter().map(|summary| summary.conversation.id.0).collect(), list.more)
}

async fn unread(bench: &Bench, user: &UserRef, conversation: ConversationId) -> u32 {
    bench.store.conversation(user.id, conversation).await.unwrap().unwrap().unread
}

pub(super) async fn the_most_recently_active_comes_first(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let with_bob = bench.post(&ada, Target::User(bob.id), "1").await.conversation;
    let with_eve = bench.post(&eve, Target::User(ada.id), "1").await.conversation;
    let room = bench.room("room", &[&ada]).await;
    bench.room("not hers", &[&bob]).await;
    assert_eq!(listed(&bench, &ada, None, 9).await, (vec![room.0, with_eve.0, with_bob.0], false));
    let posted = bench.post(&bob, Target::User(ada.id), "2").await;
    assert_eq!(listed(&bench, &ada, None, 9).await, (vec![with_bob.0, room.0, with_eve.0], false));

    let list = bench.store.conversation_list(ada.id, None, 9).await.unwrap();
    let (first, second) = (&list.conversations[0], &list.conversations[1]);
    assert_eq!(first.conversation.members, [ada.clone(), bob.clone()]);
    assert_eq!((first.last_seq, first.read_seq, first.unread), (Seq(2), Seq(1), 1));
    assert_eq!(first.active_ms, posted.message.created_ms);
    let preview = first.preview.as_ref().unwrap();
    assert_eq!((&preview.author, preview.text.as_str(), preview.created_ms), (&bob, "2", first.active_ms));
    assert_eq!((second.conversation.title.as_deref(), second.conversation.member_count), (Some("room"), 1));
    assert_eq!((second.conversation.members.len(), &second.preview), (0, &None));
    assert_eq!(bench.store.conversation(ada.id, with_bob).await.unwrap().as_ref(), Some(first));
}

pub(super) async fn a_list_pages_without_loss(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let mut rooms = Vec::new();
    for number in 0..7 {
        rooms.push(bench.room(&number.to_string(), &[&ada]).await.0);
    }
    // Of equal age: only the id tells them apart.
    (bench.execute)("UPDATE conversations SET active_ms = 5 WHERE id % 2 = 0");
    let (all, _) = listed(&bench, &ada, None, 99).await;
    let mut paged = Vec::new();
    let mut more = true;
    while more {
        let after = paged.last().copied().map(ConversationId);
        let (page, further) = listed(&bench, &ada, after, 3).await;
        paged.extend(page);
        more = further;
    }
    assert_eq!(paged, all);
    rooms.sort_unstable();
    paged.sort_unstable();
    assert_eq!(paged, rooms);
    assert!(!listed(&bench, &ada, None, 7).await.1, "exactly all is not more");
    assert!(listed(&bench, &ada, None, 6).await.1);

    // The place of what is not one's own is not told.
    let foreign = bench.room("not hers", &[&bob]).await;
    for id in [foreign, ConversationId(0), ConversationId(i64::MAX), ConversationId(i64::MIN)] {
        assert_eq!(listed(&bench, &ada, Some(id), 9).await, (vec![], false));
    }
}

pub(super) async fn unread_counts_what_others_wrote_after_the_mark(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(3).await;
    assert_eq!((unread(&bench, &ada, conversation).await, unread(&bench, &bob, conversation).await), (0, 3));
    bench.store.read_mark(bob.id, conversation, Seq(2)).await.unwrap();
    assert_eq!(unread(&bench, &bob, conversation).await, 1);
    // Writing is reading: the author's mark moves to their own message.
    bench.post(&bob, Target::User(ada.id), "4").await;
    assert_eq!((unread(&bench, &ada, conversation).await, unread(&bench, &bob, conversation).await), (1, 0));
    let summary = bench.store.conversation(bob.id, conversation).await.unwrap().unwrap();
    assert_eq!(summary.read_seq, Seq(4));

    let [eve, dan] = bench.users(["eve", "dan"]).await;
    let room = bench.room("room", &[&ada, &eve, &dan]).await;
    for author in [&ada, &eve, &ada] {
        bench.post(author, Target::Conversation(room), "hi").await;
    }
    bench.leave(&dan, room);
    assert_eq!(unread(&bench, &eve, room).await, 1, "somebody's leaving is no message");
    assert_eq!(unread(&bench, &ada, room).await, 0);
    // However a mark came to stand before one's own messages, they are not unread.
    (bench.execute)(&format!("UPDATE members SET read_seq = 0 WHERE conversation_id = {room}"));
    assert_eq!((unread(&bench, &ada, room).await, unread(&bench, &eve, room).await), (1, 2));
}

pub(super) async fn unread_is_counted_up_to_its_bound(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    join_all((0..UNREAD_MAX).map(|_| bench.post(&ada, Target::User(bob.id), "x"))).await;
    assert_eq!(unread(&bench, &bob, conversation).await, UNREAD_MAX);
    bench.store.read_mark(bob.id, conversation, Seq(2)).await.unwrap();
    assert_eq!(unread(&bench, &bob, conversation).await, UNREAD_MAX - 1);
}

pub(super) async fn read_marks_only_move_forward(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(3).await;
    let eve = bench.user("eve").await;
    bench.published();
    for (asked, expected) in [(2, 2), (1, 2), (-5, 2), (i64::MIN, 2), (2, 2), (i64::MAX, 3), (0, 3)] {
        let mark = bench.store.read_mark(bob.id, conversation, Seq(asked)).await.unwrap();
        assert_eq!(mark, Some(Seq(expected)), "asked for {asked}");
    }
    assert_eq!(bench.store.read_mark(eve.id, conversation, Seq(1)).await.unwrap(), None);
    let marks = [1, 3, 2].map(|asked| bench.store.read_mark(ada.id, conversation, Seq(asked)));
    join_all(marks).await;
    assert_eq!(bench.store.read_mark(ada.id, conversation, Seq(0)).await.unwrap(), Some(Seq(3)));
    assert_eq!(bench.published(), [], "a mark is state, not an event");
}

pub(super) async fn a_preview_is_short_and_on_one_line(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let long = format!("one\ntwo\n{}", "é".repeat(4_000));
    let posted = bench.post(&ada, Target::User(bob.id), &long).await;
    let summary = bench.store.conversation(bob.id, posted.conversation).await.unwrap().unwrap();
    assert_eq!(summary.preview.unwrap().text, format!("one two {}", "é".repeat(112)));
    assert_eq!(bench.page(&bob, posted.conversation, Page::Latest, 1).await.messages[0].content, long);
}

pub(super) async fn ready_memberships_and_positions_agree(bench: Arc<Bench>) {
    let (ada, bob, direct) = bench.direct(3).await;
    let room = bench.room("room", &[&ada, &bob]).await;
    bench.post(&bob, Target::Conversation(room), "hi").await;
    bench.room("not hers", &[&bob]).await;
    let ready = bench.store.ready(ada.id, all_in_full()).await.unwrap();
    assert_eq!(ready.marks, [Mark(direct, Seq(3), Seq(3), 0), Mark(room, Seq(1), Seq(0), 1)]);
    assert_eq!(ready.inbox_seq, Seq(2));
    for conversation in &ready.conversations {
        let summary = bench.store.conversation(ada.id, conversation.id).await.unwrap().unwrap();
        assert_eq!(*conversation, summary.conversation);
    }
    assert_eq!(ready.conversations.len(), 2);
    let memberships = bench.store.memberships(ada.id).await.unwrap();
    let conversations = vec![(direct, Seq(3)), (room, Seq(1))];
    let expected = Memberships { inbox_seq: Seq(2), conversations, floors: Vec::new() };
    assert_eq!(memberships, expected);
    let streams = [
        Stream::Conversation(room),
        Stream::Inbox(ada.id),
        Stream::Conversation(ConversationId(99)),
        Stream::Conversation(direct),
    ];
    assert_eq!(bench.store.last_seqs(&streams).await.unwrap(), [Seq(1), Seq(2), Seq(0), Seq(3)]);
}

pub(super) async fn ready_gives_in_full_what_is_chosen(bench: Arc<Bench>) {
    let (ada, bob, direct) = bench.direct(2).await;
    let room = bench.room("room", &[&ada, &bob]).await;
    let foreign = bench.room("not hers", &[&bob]).await;
    let later = bench.room("later", &[&ada]).await;
    bench.leave(&ada, later);
    bench.rejoin(&ada, later);
    let choose = move |snapshot: &ReadySnapshot| {
        assert_eq!(snapshot.marks.iter().map(|mark| mark.0).collect::<Vec<_>>(), [direct, room, later]);
        assert_eq!(snapshot.joined, [Seq(0), Seq(0), Seq(2)], "the founders, and who came back by event 2");
        assert_eq!(snapshot.conversations, []);
        [room, foreign, ConversationId(99)].into()
    };
    let ready = bench.store.ready(ada.id, Box::new(choose)).await.unwrap();
    let full: Vec<_> = ready.conversations.iter().map(|conversation| conversation.id).collect();
    assert_eq!(full, [room], "chosen, and hers");
    assert_eq!(ready.marks.len(), 3);
}

pub(super) async fn contacts_are_those_of_direct_conversations_and_groups(bench: Arc<Bench>) {
    let [ada, bob, eve, dan, zoe] = bench.users(["ada", "bob", "eve", "dan", "zoe"]).await;
    bench.room("a room", &[&ada, &bob, &zoe]).await;
    let contacts = async |user: &UserRef, limit| {
        let mut contacts = bench.store.contacts(user.id, limit).await.unwrap();
        contacts.sort_unstable();
        contacts
    };
    assert_eq!(contacts(&ada, 9).await, [], "a room does not count");
    bench.post(&ada, Target::User(ada.id), "to herself").await;
    bench.post(&ada, Target::User(bob.id), "hi").await;
    assert_eq!(contacts(&ada, 9).await, [bob.id]);
    let group = bench.room("a group", &[&ada, &bob, &eve, &dan]).await;
    (bench.execute)(&format!("UPDATE conversations SET kind = 'group' WHERE id = {group}"));
    for (user, expected) in [(&ada, [bob.id, eve.id, dan.id]), (&dan, [ada.id, bob.id, eve.id])] {
        assert_eq!(contacts(user, 9).await, expected, "each once, and not oneself");
    }
    assert_eq!(contacts(&ada, 2).await.len(), 2);
    assert_eq!(bench.store.contacts(ada.id, 3).await.unwrap().len(), 3);
    bench.leave(&eve, group);
    assert_eq!((contacts(&ada, 9).await, contacts(&eve, 9).await), (vec![bob.id, dan.id], vec![]));
    bench.rejoin(&eve, group);
    assert_eq!(contacts(&eve, 9).await, [ada.id, bob.id, dan.id]);
    assert_eq!(contacts(&zoe, 9).await, []);
}

pub(super) async fn nobody_has_nothing(bench: Arc<Bench>) {
    let nobody = UserId(99);
    let ready = ReadySnapshot {
        inbox_seq: Seq(0),
        marks: Vec::new(),
        joined: Vec::new(),
        floors: Vec::new(),
        mine: Vec::new(),
        mentions: Vec::new(),
        conversations: Vec::new(),
    };
    assert_eq!(bench.store.ready(nobody, all_in_full()).await.unwrap(), ready);
    assert_eq!(bench.store.memberships(nobody).await.unwrap().conversations, []);
    assert_eq!(bench.store.conversation_list(nobody, None, 9).await.unwrap().conversations, []);
    assert_eq!(bench.store.last_seqs(&[]).await.unwrap(), []);
    assert_eq!(bench.store.user_names().await.unwrap(), []);
    bench.store.ping().await.unwrap();
}
