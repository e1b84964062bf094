//! Changing messages: edits, deletions, reactions, pins, and what the log says of them live and later.

use std::sync::Arc;

use chatter::protocol::limits::{REACTIONS, REACTORS};
use chatter::protocol::{ConversationId, Event, EventBody, Message, Reaction, ReactionChange, Seq, Stream, UserRef};
use chatter::server::store::{Amendment, Called, NewMessage, Page, StoreError, Target};
use futures_util::future::join_all;

use super::bench::{Bench, contents, outline, seqs};

fn edit(content: &str) -> Amendment {
    Amendment::Edit { content: content.into(), called: Called::default(), now_ms: 99 }
}

fn react(emoji: &str, on: bool) -> Amendment {
    Amendment::React { emoji: emoji.into(), on }
}

impl Bench {
    async fn try_amend(
        &self,
        user: &UserRef,
        conversation: ConversationId,
        seq: i64,
        amendment: Amendment,
    ) -> Result<Message, StoreError> {
        self.store.message_amend(user.id, conversation, Seq(seq), amendment).await
    }

    async fn amend(&self, user: &UserRef, conversation: ConversationId, seq: i64, amendment: Amendment) -> Message {
        self.try_amend(user, conversation, seq, amendment).await.unwrap()
    }

    async fn log(&self, viewer: &UserRef, conversation: ConversationId) -> Vec<Event> {
        self.store.event_list(viewer.id, conversation, Seq(0), 100).await.unwrap().unwrap().events
    }
}

pub(super) async fn an_edit_has_a_history_and_is_made_once(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(2).await;
    let created_ms = bench.page(&ada, conversation, Page::Latest, 9).await.messages[0].created_ms;
    bench.published();
    let once = bench.amend(&ada, conversation, 1, edit("once")).await;
    assert_eq!((once.content.as_str(), once.version, once.edited_ms), ("once", Seq(3), Some(99)));
    let twice = bench.amend(&ada, conversation, 1, edit("twice")).await;
    assert_eq!(bench.amend(&ada, conversation, 1, edit("twice")).await, twice, "it says so already");
    let told: Vec<_> = bench.published().into_iter().map(|event| (event.seq.0, event.body)).collect();
    assert_eq!(told, [(3, EventBody::MessageUpdate(once)), (4, EventBody::MessageUpdate(twice.clone()))]);
    let page = bench.page(&bob, conversation, Page::Latest, 9).await;
    assert_eq!((page.messages[0].clone(), page.as_of), (twice.clone(), Seq(4)));
    let log = bench.log(&bob, conversation).await;
    assert_eq!(log[0].body, EventBody::MessageCreate(twice.clone()), "a replay shows what stands now");
    assert!(log[2..].iter().all(|event| event.body == EventBody::MessageUpdate(twice.clone())), "{log:?}");

    let history = bench.store.message_history(bob.id, conversation, Seq(1)).await.unwrap().unwrap();
    let history: Vec<_> = history.into_iter().map(|edit| (edit.content, edit.written_ms)).collect();
    assert_eq!(history, [("1".into(), created_ms), ("once".into(), 99), ("twice".into(), 99)]);
    for n in 3..=103 {
        bench.amend(&ada, conversation, 1, edit(&n.to_string())).await;
    }
    let latest = bench.store.message_history(bob.id, conversation, Seq(1)).await.unwrap().unwrap();
    let ends = [latest[0].content.as_str(), latest[1].content.as_str(), latest[100].content.as_str()];
    assert_eq!((latest.len(), ends), (101, ["3", "4", "103"]), "the latest hundred, and what it says now");
    let unchanged = bench.store.message_history(bob.id, conversation, Seq(2)).await.unwrap().unwrap();
    assert_eq!(unchanged.len(), 1);
}

pub(super) async fn only_the_author_edits_and_deletes_and_strangers_see_nothing(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    let eve = bench.user("eve").await;
    bench.published();
    for amendment in [edit("mine"), Amendment::Delete] {
        let refused = bench.try_amend(&bob, conversation, 1, amendment).await;
        assert!(matches!(refused, Err(StoreError::Forbidden)), "{refused:?}");
    }
    for amendment in [edit("mine"), Amendment::Delete, react("👍", true), Amendment::Pin { on: true }] {
        let refused = bench.try_amend(&eve, conversation, 1, amendment.clone()).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        for seq in [0, 2, -1, i64::MIN, i64::MAX] {
            let refused = bench.try_amend(&ada, conversation, seq, amendment.clone()).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{seq}: {refused:?}");
        }
    }
    assert_eq!(bench.store.message_history(eve.id, conversation, Seq(1)).await.unwrap(), None);
    assert_eq!(bench.store.message_history(ada.id, conversation, Seq(9)).await.unwrap(), None);
    assert_eq!(bench.store.message_pinned(eve.id, conversation, None, 9).await.unwrap(), None);
    assert_eq!(bench.published(), []);
    assert_eq!(bench.page(&ada, conversation, Page::Latest, 9).await.as_of, Seq(1), "no number was taken");
}

pub(super) async fn a_deleted_message_leaves_a_tombstone_and_nothing_else(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    let secret =
        NewMessage { nonce: "n-2".into(), ..bench.message(&ada, Target::Conversation(conversation), "secret") };
    let posted = bench.store.message_post(secret.clone()).await.unwrap().message;
    bench.amend(&ada, conversation, 2, edit("secret 2")).await;
    bench.amend(&bob, conversation, 2, react("👍", true)).await;
    bench.amend(&bob, conversation, 2, Amendment::Pin { on: true }).await;
    let unread = || async { bench.store.conversation(bob.id, conversation).await.unwrap().unwrap() };
    assert_eq!(unread().await.unread, 2);
    bench.published();

    let tombstone = bench.amend(&ada, conversation, 2, Amendment::Delete).await;
    assert_eq!(tombstone, posted.tombstone(Seq(6)));
    assert_eq!(bench.amend(&ada, conversation, 2, Amendment::Delete).await, tombstone, "it is gone already");
    let gone = EventBody::MessageDelete(tombstone.clone());
    assert_eq!(bench.published().into_iter().map(|event| event.body).collect::<Vec<_>>(), std::slice::from_ref(&gone));
    let page = bench.page(&bob, conversation, Page::Latest, 9).await;
    assert_eq!((page.messages[1].clone(), page.as_of), (tombstone.clone(), Seq(6)));
    let log = bench.log(&bob, conversation).await;
    assert_eq!(log.len(), 6);
    assert!(log[1..].iter().all(|event| event.body == gone), "every word of it: {log:?}");
    let summary = unread().await;
    assert_eq!((summary.unread, summary.preview.unwrap().text), (1, "1".to_owned()));
    let ready = bench.store.ready(bob.id, chatter::server::store::all_in_full()).await.unwrap();
    assert_eq!(ready.marks[0].3, 1);
    assert!(bench.store.message_pinned(bob.id, conversation, None, 9).await.unwrap().unwrap().messages.is_empty());
    let history = bench.store.message_history(bob.id, conversation, Seq(2)).await.unwrap().unwrap();
    assert!(history.iter().all(|edit| edit.content.is_empty()), "{history:?}");

    for amendment in [edit("back"), react("👍", true), Amendment::Pin { on: true }] {
        let refused = bench.try_amend(&ada, conversation, 2, amendment).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    let again = bench.store.message_post(secret).await.unwrap();
    assert_eq!((again.created, again.message), (false, tombstone), "a retry is answered with what is left");
}

pub(super) async fn reactions_count_once_a_person_and_emoji(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    bench.published();
    for (user, emoji, on) in [(&bob, "👍", true), (&bob, "👍", true), (&ada, "👍", true), (&bob, "🎉", true)] {
        bench.amend(user, conversation, 1, react(emoji, on)).await;
    }
    let reaction = |emoji: &str, users: &[&UserRef]| Reaction {
        emoji: emoji.into(),
        users: users.iter().map(|user| user.id).collect(),
    };
    let message = bench.amend(&bob, conversation, 1, react("👎", false)).await;
    assert_eq!(message.reactions, [reaction("👍", &[&bob, &ada]), reaction("🎉", &[&bob])]);
    assert_eq!((message.version, message.edited_ms), (Seq(4), None));
    let change = |emoji: &str, user: &UserRef| ReactionChange { seq: Seq(1), emoji: emoji.into(), user: user.clone() };
    let told: Vec<_> = bench.published().into_iter().map(|event| event.body).collect();
    let added = [change("👍", &bob), change("👍", &ada), change("🎉", &bob)].map(EventBody::ReactionAdd);
    assert_eq!(told, added);
    let message = bench.amend(&bob, conversation, 1, react("👍", false)).await;
    assert_eq!(message.reactions, [reaction("👍", &[&ada]), reaction("🎉", &[&bob])]);
    assert_eq!(bench.published()[0].body, EventBody::ReactionRemove(change("👍", &bob)));
    assert_eq!(bench.page(&ada, conversation, Page::Latest, 9).await.messages, std::slice::from_ref(&message));
    let log = bench.log(&ada, conversation).await;
    assert_eq!(log[0].body, EventBody::MessageCreate(message.clone()));
    assert!(log[1..].iter().all(|event| event.body == EventBody::MessageUpdate(message.clone())), "{log:?}");
    // Nobody's reaction is news that has to be read.
    assert_eq!(bench.store.conversation(bob.id, conversation).await.unwrap().unwrap().unread, 1);

    for number in 2..REACTIONS {
        bench.amend(&ada, conversation, 1, react(&number.to_string(), true)).await;
    }
    let refused = bench.try_amend(&ada, conversation, 1, react("z", true)).await;
    assert!(matches!(refused, Err(StoreError::LimitReached)), "{refused:?}");
    const { assert!(REACTORS >= 1_000) };
}

pub(super) async fn pinned_messages_are_found(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(5).await;
    for seq in [4, 2, 5] {
        bench.amend(&bob, conversation, seq, Amendment::Pin { on: true }).await;
    }
    bench.amend(&ada, conversation, 5, Amendment::Pin { on: false }).await;
    bench.amend(&ada, conversation, 5, Amendment::Pin { on: false }).await;
    let pinned = |before: Option<i64>, limit| {
        let (bench, ada) = (bench.clone(), ada.clone());
        async move {
            let list = bench.store.message_pinned(ada.id, conversation, before.map(Seq), limit).await.unwrap().unwrap();
            (seqs(&list), list.more, list.as_of)
        }
    };
    assert_eq!(pinned(None, 9).await, (vec![2, 4], false, Seq(9)));
    assert_eq!(pinned(None, 1).await, (vec![4], true, Seq(9)));
    assert_eq!(pinned(Some(4), 9).await, (vec![2], false, Seq(9)));
}

pub(super) async fn a_page_brings_what_it_answers(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(6).await;
    for to in [2, 2, 6] {
        let target = Target::Conversation(conversation);
        let reply = NewMessage { reply_to: Some(Seq(to)), ..bench.message(&bob, target, "yes") };
        bench.store.message_post(reply).await.unwrap();
    }
    let page = bench.page(&ada, conversation, Page::Latest, 4).await;
    assert_eq!(seqs(&page), [6, 7, 8, 9]);
    assert_eq!(page.quoted.iter().map(|message| message.content.as_str()).collect::<Vec<_>>(), ["2"]);
    bench.amend(&ada, conversation, 2, Amendment::Delete).await;
    let page = bench.page(&ada, conversation, Page::Latest, 4).await;
    assert!(page.quoted[0].deleted && page.quoted[0].content.is_empty(), "{page:?}");
    let whole = bench.page(&ada, conversation, Page::Latest, 9).await;
    assert_eq!((whole.quoted.len(), contents(&whole)[1]), (0, ""), "it is on the page itself");
}

pub(super) async fn changes_and_posts_at_once_leave_no_hole(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(3).await;
    bench.published();
    let works = (0..60).map(|number| {
        let (bench, user) = (bench.clone(), if number % 2 == 0 { ada.clone() } else { bob.clone() });
        async move {
            match number % 3 {
                0 => _ = bench.post(&user, Target::Conversation(conversation), "more").await,
                1 => _ = bench.amend(&user, conversation, 1 + number % 3, react(&number.to_string()[..1], true)).await,
                _ => _ = bench.try_amend(&user, conversation, 2, edit(&number.to_string())).await,
            }
        }
    });
    join_all(works).await;
    let events = outline(&bench.published());
    let numbers: Vec<i64> = events.iter().map(|(_, seq, _)| *seq).collect();
    assert_eq!(numbers, (4..4 + i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
    assert!(events.iter().all(|(stream, ..)| *stream == Stream::Conversation(conversation)));
    assert_eq!(
        bench.page(&ada, conversation, Page::Latest, 99).await.as_of.0,
        3 + i64::try_from(numbers.len()).unwrap()
    );
}

pub(super) async fn an_archived_conversation_stands_still(bench: Arc<Bench>) {
    let (ada, bob, conversation) = bench.direct(1).await;
    // Both take this for true.
    (bench.execute)(&format!("UPDATE conversations SET archived = (1 = 1) WHERE id = {conversation}"));
    bench.published();
    for amendment in [edit("x"), Amendment::Delete, react("👍", true), Amendment::Pin { on: true }] {
        let refused = bench.try_amend(&ada, conversation, 1, amendment).await;
        assert!(matches!(refused, Err(StoreError::Archived)), "{refused:?}");
    }
    let refused = bench.try_post(&bob, Target::Conversation(conversation), "more").await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(bench.published(), []);
    assert!(bench.store.conversation(ada.id, conversation).await.unwrap().unwrap().conversation.archived);
}
