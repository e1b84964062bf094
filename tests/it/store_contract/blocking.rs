//! Hearing no more from somebody: what it leaves of a direct conversation for each of the two.

use std::sync::Arc;

use chatter::protocol::{EventBody, Seq, Stream, UserId};
use chatter::server::store::{Page, StoreError, Target, all_in_full};

use super::bench::{Bench, contents, outline};

pub(super) async fn who_blocks_hears_no_more_and_the_other_is_not_told(bench: Arc<Bench>) {
    let (ada, bob, direct) = bench.direct(2).await;
    let log = Stream::Conversation(direct);
    bench.published();
    bench.store.block_set(bob.id, ada.id, true, 7).await.unwrap();
    bench.store.block_set(bob.id, ada.id, true, 8).await.unwrap();
    assert_eq!(outline(&bench.published()), [(Stream::Inbox(bob.id), 2, "CONVERSATION_DELETE")], "once, to him alone");
    assert!(bench.store.is_blocked(bob.id, ada.id).await.unwrap());
    assert!(!bench.store.is_blocked(ada.id, bob.id).await.unwrap());
    assert_eq!(bench.store.blocked(bob.id).await.unwrap(), std::slice::from_ref(&ada));
    assert_eq!(bench.store.blocked(ada.id).await.unwrap(), []);

    // Hers goes on as before.
    bench.store.read_mark(ada.id, direct, Seq(2)).await.unwrap();
    let third = bench.post(&ada, Target::User(bob.id), "3").await;
    assert_eq!((third.conversation, third.message.seq), (direct, Seq(3)));
    bench.post(&ada, Target::Conversation(direct), "4 @bob").await;
    assert_eq!(outline(&bench.published()), [(log, 3, "MESSAGE_CREATE"), (log, 4, "MESSAGE_CREATE")]);
    let hers = bench.store.conversation(ada.id, direct).await.unwrap().unwrap();
    assert_eq!((hers.conversation.members, hers.conversation.member_count), (vec![ada.clone(), bob.clone()], 2));
    let members = bench.store.member_list(ada.id, direct, None, 9).await.unwrap().unwrap().members;
    assert_eq!(members, [ada.clone(), bob.clone()]);
    assert_eq!(bench.store.readers(ada.id, direct).await.unwrap().unwrap().len(), 2);

    // Of his there is nothing.
    assert_eq!(bench.store.conversation_list(bob.id, None, 9).await.unwrap().conversations, []);
    assert_eq!(bench.store.conversation(bob.id, direct).await.unwrap(), None);
    assert_eq!(bench.store.message_list(bob.id, direct, Page::Latest, 9).await.unwrap(), None);
    assert_eq!(bench.store.event_list(bob.id, direct, Seq(2), 9).await.unwrap(), None);
    assert_eq!(bench.store.member_list(bob.id, direct, None, 9).await.unwrap(), None);
    assert_eq!(bench.store.memberships(bob.id).await.unwrap().conversations, []);
    assert_eq!(bench.store.ready(bob.id, all_in_full()).await.unwrap().marks, []);
    assert_eq!(
        (bench.store.contacts(ada.id, 9).await.unwrap(), bench.store.contacts(bob.id, 9).await.unwrap()),
        (vec![], vec![])
    );
    for target in [Target::User(ada.id), Target::Conversation(direct)] {
        let refused = bench.try_post(&bob, target, "hello?").await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }

    bench.store.block_set(bob.id, ada.id, false, 9).await.unwrap();
    bench.store.block_set(bob.id, ada.id, false, 9).await.unwrap();
    let told = bench.published();
    assert_eq!(outline(&told), [(Stream::Inbox(bob.id), 3, "CONVERSATION_CREATE")]);
    let EventBody::ConversationCreate(conversation) = &told[0].body else { panic!("{told:?}") };
    assert_eq!(conversation.members, [ada.clone(), bob.clone()]);
    let his = bench.store.conversation(bob.id, direct).await.unwrap().unwrap();
    assert_eq!((his.last_seq, his.read_seq, his.unread, his.mentions), (Seq(4), Seq(4), 0, 0));
    assert_eq!(contents(&bench.page(&bob, direct, Page::Latest, 9).await), ["1", "2", "3", "4 @bob"]);
    let ready = bench.store.ready(bob.id, all_in_full()).await.unwrap();
    assert_eq!(ready.joined, [Seq(4)], "what a client has of before counts for nothing");
    bench.post(&ada, Target::User(bob.id), "5").await;
    assert_eq!(bench.store.conversation(bob.id, direct).await.unwrap().unwrap().unread, 1);
    bench.post(&bob, Target::User(ada.id), "6").await;
    assert_eq!(bench.store.conversation(bob.id, direct).await.unwrap().unwrap().unread, 0);
}

pub(super) async fn a_first_message_opens_nothing_for_who_has_blocked_its_author(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    bench.store.block_set(bob.id, eve.id, true, 7).await.unwrap();
    assert_eq!(bench.published(), [], "there was nothing to leave");
    let direct = bench.post(&eve, Target::User(bob.id), "hello").await.conversation;
    let (log, inbox) = (Stream::Conversation(direct), Stream::Inbox(eve.id));
    assert_eq!(outline(&bench.published()), [(inbox, 1, "CONVERSATION_CREATE"), (log, 1, "MESSAGE_CREATE")]);
    let hers = bench.store.conversation(eve.id, direct).await.unwrap().unwrap();
    assert_eq!(hers.conversation.members, [bob.clone(), eve.clone()], "she does not see it");
    assert_eq!(bench.store.conversation_list(bob.id, None, 9).await.unwrap().conversations, []);
    // Nor does he write to whom he has blocked, and so open what he would not see.
    bench.store.block_set(bob.id, ada.id, true, 7).await.unwrap();
    let refused = bench.try_post(&bob, Target::User(ada.id), "hello").await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(bench.store.direct_find(ada.id, bob.id).await.unwrap(), None);
    bench.store.block_set(bob.id, eve.id, false, 7).await.unwrap();
    assert_eq!(outline(&bench.published()), [(Stream::Inbox(bob.id), 1, "CONVERSATION_CREATE")]);
    assert_eq!(contents(&bench.page(&bob, direct, Page::Latest, 9).await), ["hello"]);
    for (other, expected) in [(bob.id, "Forbidden"), (UserId(99), "NotFound")] {
        let refused = bench.store.block_set(bob.id, other, true, 7).await;
        assert_eq!(format!("{:?}", refused.unwrap_err()), expected);
    }
}

/// Whichever comes first: afterwards he is not in it.
pub(super) async fn blocking_and_a_first_message_at_once(bench: Arc<Bench>) {
    for round in 0..12 {
        let [ada, bob] = bench.users([&format!("ada{round}"), &format!("bob{round}")]).await;
        let block = bench.store.block_set(bob.id, ada.id, true, 7);
        let (posted, blocked) = tokio::join!(bench.try_post(&ada, Target::User(bob.id), "hello"), block);
        blocked.unwrap();
        let direct = posted.unwrap().conversation;
        assert_eq!(bench.store.conversation(bob.id, direct).await.unwrap(), None);
        assert!(bench.store.conversation(ada.id, direct).await.unwrap().is_some());
    }
}
