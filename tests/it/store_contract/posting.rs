//! Posting: one way in, one order.

use std::collections::HashMap;
use std::sync::Arc;

use chatter::protocol::{EventBody, Seq, Stream, UserId};
use chatter::server::store::{NewMessage, Page, StoreError, Target};
use futures_util::future::join_all;

use super::bench::{Bench, contents, nonce, outline, seqs};

pub(super) async fn the_first_message_opens_the_conversation_for_both(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let posted = bench.post(&ada, Target::User(bob.id), "hello").await;
    assert!(posted.created);
    assert_eq!((posted.message.seq, posted.message.version), (Seq(1), Seq(1)));
    let events = bench.published();
    assert_eq!(
        outline(&events),
        [
            (Stream::Inbox(ada.id), 1, "CONVERSATION_CREATE"),
            (Stream::Inbox(bob.id), 1, "CONVERSATION_CREATE"),
            (Stream::Conversation(posted.conversation), 1, "MESSAGE_CREATE"),
        ]
    );
    assert_eq!(events[2].body, EventBody::MessageCreate(posted.message.clone()));
    let EventBody::ConversationCreate(conversation) = &events[0].body else { panic!("an inbox's event") };
    assert_eq!((conversation.members.clone(), conversation.member_count), (vec![ada.clone(), bob.clone()], 2));

    let answer = bench.post(&bob, Target::User(ada.id), "hello too").await;
    assert_eq!((answer.conversation, answer.message.seq), (posted.conversation, Seq(2)));
    assert_eq!(outline(&bench.published()), [(Stream::Conversation(posted.conversation), 2, "MESSAGE_CREATE")]);
}

pub(super) async fn writing_to_oneself_opens_one_conversation_with_one_member(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let posted = bench.post(&ada, Target::User(ada.id), "remember").await;
    let expected = [
        (Stream::Inbox(ada.id), 1, "CONVERSATION_CREATE"),
        (Stream::Conversation(posted.conversation), 1, "MESSAGE_CREATE"),
    ];
    assert_eq!(outline(&bench.published()), expected);
    let summary = bench.store.conversation(ada.id, posted.conversation).await.unwrap().unwrap();
    assert_eq!((summary.conversation.members, summary.unread), (vec![ada], 0));
}

pub(super) async fn racing_first_messages_make_one_conversation(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let posts = (0..20).map(|number| {
        let (from, to) = if number % 2 == 0 { (&ada, &bob) } else { (&bob, &ada) };
        bench.post(from, Target::User(to.id), "hello")
    });
    let posted = join_all(posts).await;
    assert!(posted.iter().all(|post| post.conversation == posted[0].conversation));
    let mut taken: Vec<_> = posted.iter().map(|post| post.message.seq.0).collect();
    taken.sort_unstable();
    assert_eq!(taken, (1..=20).collect::<Vec<_>>());
    assert_eq!(bench.store.memberships(ada.id).await.unwrap().conversations.len(), 1);
}

pub(super) async fn logs_are_gap_free_and_published_in_order(bench: Arc<Bench>) {
    const POSTS: i64 = 30;
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let mut committed = bench.take_committed();
    let listener = tokio::spawn(async move {
        let mut events = Vec::new();
        while let Some(group) = committed.recv().await {
            events.extend(group.events);
        }
        events
    });
    let people = [&ada, &bob, &eve];
    let writers = people.iter().flat_map(|from| people.iter().map(move |to| (*from, *to))).map(|(from, to)| {
        let (bench, from, to) = (bench.clone(), from.clone(), to.clone());
        tokio::spawn(async move {
            for number in 0..POSTS {
                bench.post(&from, Target::User(to.id), &number.to_string()).await;
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    // Three wrote to themselves, and three pairs in both directions.
    let memberships = bench.store.memberships(ada.id).await.unwrap();
    let mut ends: Vec<_> = memberships.conversations.iter().map(|(_, last)| last.0).collect();
    ends.sort_unstable();
    assert_eq!(ends, [POSTS, 2 * POSTS, 2 * POSTS]);

    bench.store.close().await;
    let mut last: HashMap<Stream, i64> = HashMap::new();
    for event in listener.await.unwrap() {
        let last = last.entry(event.stream).or_default();
        *last += 1;
        assert_eq!(event.seq.0, *last, "{:?} has a hole or goes back", event.stream);
    }
    for (conversation, end) in memberships.conversations {
        assert_eq!(last[&Stream::Conversation(conversation)], end.0);
    }
}

pub(super) async fn what_is_not_theirs_does_not_exist(bench: Arc<Bench>) {
    let (ada, _, theirs) = bench.direct(1).await;
    let eve = bench.user("eve").await;
    bench.published();
    let targets = [
        Target::User(UserId(99)),
        Target::User(UserId(-1)),
        Target::User(UserId(i64::MAX)),
        Target::Conversation(theirs),
        Target::Conversation(chatter::protocol::ConversationId(99)),
        Target::Conversation(chatter::protocol::ConversationId(i64::MIN)),
    ];
    for target in targets {
        let refused = bench.try_post(&eve, target, "let me in").await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{target:?}: {refused:?}");
    }
    assert_eq!(bench.published(), []);
    assert_eq!(bench.page(&ada, theirs, Page::Latest, 9).await.as_of, Seq(1));
}

pub(super) async fn replies_need_a_message_that_the_author_sees(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(2).await;
    let eve = bench.user("eve").await;
    let reply = |target, to| NewMessage { reply_to: Some(Seq(to)), ..bench.message(&bob, target, "yes") };
    let posted = bench.store.message_post(reply(Target::User(ada.id), 1)).await.unwrap();
    assert_eq!(posted.message.reply_to, Some(Seq(1)));
    for to in [0, -1, 4, i64::MIN, i64::MAX] {
        let refused = bench.store.message_post(reply(Target::Conversation(conversation), to)).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{to}: {refused:?}");
    }
    // A first message replies to nothing, and opens nothing.
    let refused = bench.store.message_post(reply(Target::User(eve.id), 1)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(bench.store.direct_find(bob.id, eve.id).await.unwrap(), None);
    let list = bench.page(&ada, conversation, Page::Latest, 9).await;
    assert_eq!((seqs(&list), list.as_of), (vec![1, 2, 3], Seq(3)));
    assert_eq!(list.messages[2].reply_to, Some(Seq(1)));
}

pub(super) async fn a_failed_post_takes_no_number_and_harms_no_neighbour(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    let eve = bench.user("eve").await;
    bench.published();
    let target = Target::Conversation(conversation);
    let lost = NewMessage { reply_to: Some(Seq(7)), ..bench.message(&ada, Target::User(eve.id), "opens nothing") };
    let posts = [
        bench.message(&ada, target, "one"),
        bench.message(&eve, target, "not hers"),
        lost,
        bench.message(&bob, target, "two"),
        bench.message(&ada, Target::User(UserId(99)), "nobody"),
        bench.message(&ada, target, "three"),
    ];
    let answers = join_all(posts.map(|post| bench.store.message_post(post))).await;
    let numbers: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().map(|post| post.message.seq.0)).collect();
    assert_eq!(numbers, [Some(2), None, None, Some(3), None, Some(4)]);
    let expected = [2, 3, 4].map(|number| (Stream::Conversation(conversation), number, "MESSAGE_CREATE"));
    assert_eq!(outline(&bench.published()), expected);
    assert_eq!(bench.store.memberships(eve.id).await.unwrap().inbox_seq, Seq(0));
}

pub(super) async fn text_is_stored_as_it_is(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let texts =
        ["'; DROP TABLE users; --", "\" OR 1=1", "?1 :a @b $c", "👩‍👩‍👧 e\u{301} \u{202e}", "a\nb\tc", "%_\\", "\u{0}x"];
    for text in texts {
        let message =
            NewMessage { nonce: format!("{text}{}", nonce()), ..bench.message(&ada, Target::User(bob.id), text) };
        let posted = bench.store.message_post(message.clone()).await.unwrap();
        assert_eq!((posted.message.content.as_str(), &posted.message.nonce), (text, &message.nonce));
    }
    let conversation = bench.store.direct_find(ada.id, bob.id).await.unwrap().unwrap();
    assert_eq!(contents(&bench.page(&bob, conversation, Page::Latest, 99).await), texts);
}
