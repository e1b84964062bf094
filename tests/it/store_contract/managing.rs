//! Groups and rooms that people make and change: what the logs say, who is in them, and what is found.

use std::sync::Arc;

use chatter::protocol::limits::GROUP_MEMBERS;
use chatter::protocol::rights::{Role, Standing};
use chatter::protocol::{Conversation, ConversationId, ConversationKind, EventBody, Seq, Stream, UserId, UserRef};
use chatter::server::store::{ConversationChange, NewConversation, Page, Permit, StoreError, Target, all_in_full};
use futures_util::future::join_all;

use super::bench::{Bench, contents, outline};

fn anybody() -> Permit {
    Arc::new(|_| Ok(()))
}

fn rename(title: &str) -> ConversationChange {
    ConversationChange { title: Some(Some(title.into())), ..ConversationChange::default() }
}

fn archive(archived: bool) -> ConversationChange {
    ConversationChange { archived: Some(archived), ..ConversationChange::default() }
}

impl Bench {
    async fn make(
        &self,
        kind: ConversationKind,
        title: Option<&str>,
        creator: &UserRef,
        members: &[&UserRef],
    ) -> Conversation {
        let new = NewConversation {
            nonce: None,
            kind,
            title: title.map(Into::into),
            topic: None,
            open: kind == ConversationKind::Room,
            everyone: false,
            creator: Some(creator.id),
            members: members.iter().map(|member| member.id).collect(),
            now_ms: self.now_ms(),
        };
        self.store.conversation_create(new).await.unwrap()
    }

    pub(super) async fn group(&self, creator: &UserRef, members: &[&UserRef]) -> Conversation {
        self.make(ConversationKind::Group, None, creator, members).await
    }

    async fn open_room(&self, title: &str, creator: &UserRef) -> ConversationId {
        self.make(ConversationKind::Room, Some(title), creator, &[]).await.id
    }

    async fn change(&self, by: &UserRef, id: ConversationId, change: ConversationChange) -> Conversation {
        self.store.conversation_update(by.id, id, change, anybody()).await.unwrap()
    }

    pub(super) async fn add(&self, by: &UserRef, id: ConversationId, users: &[&UserRef]) -> Conversation {
        let users = users.iter().map(|user| user.id).collect();
        self.store.members_add(by.id, id, users, anybody()).await.unwrap()
    }

    pub(super) async fn remove(&self, by: &UserRef, id: ConversationId, user: &UserRef) {
        self.store.member_remove(by.id, id, user.id, anybody()).await.unwrap();
    }

    async fn seen(&self, viewer: &UserRef, id: ConversationId) -> Conversation {
        self.store.conversation(viewer.id, id).await.unwrap().unwrap().conversation
    }

    async fn found(&self, viewer: &UserRef, query: &str, after: Option<ConversationId>, limit: u32) -> Vec<String> {
        let list = self.store.room_list(viewer.id, query, after, limit).await.unwrap();
        let mut titles: Vec<String> = list.rooms.into_iter().map(|room| room.title).collect();
        titles.extend(list.more.then(|| "…".to_owned()));
        titles
    }
}

fn names(conversation: &Conversation) -> Vec<&str> {
    conversation.members.iter().map(|member| member.name.as_str()).collect()
}

pub(super) async fn a_group_is_made_with_its_manager_and_members(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    bench.published();
    let group = bench.group(&bob, &[&ada, &bob, &ada]).await;
    assert_eq!((group.kind, group.manager, group.member_count), (ConversationKind::Group, Some(bob.id), 2));
    assert_eq!((names(&group), group.title.as_deref()), (vec!["ada", "bob"], None));
    let events = bench.published();
    let created = "CONVERSATION_CREATE";
    assert_eq!(outline(&events), [(Stream::Inbox(ada.id), 1, created), (Stream::Inbox(bob.id), 1, created)]);
    assert!(events.iter().all(|event| event.body == EventBody::ConversationCreate(group.clone())), "{events:?}");
    assert_eq!(bench.seen(&ada, group.id).await, group);
    assert_eq!(bench.store.ready(ada.id, all_in_full()).await.unwrap().conversations, [group]);
    assert!(bench.store.ready(eve.id, all_in_full()).await.unwrap().marks.is_empty());

    let unknown = NewConversation {
        nonce: None,
        kind: ConversationKind::Group,
        title: None,
        topic: None,
        open: false,
        everyone: false,
        creator: Some(ada.id),
        members: vec![UserId(99)],
        now_ms: 1,
    };
    let refused = bench.store.conversation_create(unknown).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(bench.published(), []);
}

pub(super) async fn a_creation_that_is_sent_again_makes_one(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let new = |creator: &UserRef, nonce: &str| NewConversation {
        nonce: Some(nonce.to_owned()),
        kind: ConversationKind::Group,
        title: Some("Tea".into()),
        topic: None,
        open: false,
        everyone: false,
        creator: Some(creator.id),
        members: vec![ada.id, bob.id],
        now_ms: 7,
    };
    let create = async |creator: &UserRef, nonce: &str| bench.store.conversation_create(new(creator, nonce)).await;
    let (first, again) = tokio::join!(create(&ada, "n-1"), create(&ada, "n-1"));
    let (first, again) = (first.unwrap(), again.unwrap());
    assert_eq!(first, again);
    assert_eq!(bench.published().len(), 2, "each is told once");
    bench.change(&bob, first.id, rename("Coffee")).await;
    assert_eq!(create(&ada, "n-1").await.unwrap().title.as_deref(), Some("Coffee"), "as it stands by then");
    assert_ne!(create(&ada, "n-2").await.unwrap().id, first.id);
    assert_ne!(create(&bob, "n-1").await.unwrap().id, first.id, "each has names of their own");
    bench.remove(&ada, first.id, &ada).await;
    assert!(matches!(create(&ada, "n-1").await, Err(StoreError::NotFound)), "what they left is not theirs to see");
}

pub(super) async fn a_change_is_one_event_and_none_where_nothing_changes(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let group = bench.group(&ada, &[&bob]).await.id;
    bench.published();
    let all = ConversationChange {
        title: Some(Some("tea".into())),
        topic: Some(Some("all about it".into())),
        open: None,
        archived: Some(true),
    };
    let changed = bench.change(&bob, group, all.clone()).await;
    assert_eq!((changed.title.as_deref(), changed.topic.as_deref()), (Some("tea"), Some("all about it")));
    assert!(changed.archived && names(&changed) == ["ada", "bob"]);
    assert_eq!(bench.change(&bob, group, all).await, changed, "it is so already");
    let events = bench.published();
    assert_eq!(outline(&events), [(Stream::Conversation(group), 1, "CONVERSATION_UPDATE")]);
    assert_eq!(events[0].body, EventBody::ConversationUpdate(changed.clone()));
    assert_eq!(bench.seen(&ada, group).await, changed);
    let posted = bench.try_post(&ada, Target::Conversation(group), "hello").await;
    assert!(posted.is_err(), "{posted:?}");

    let none = ConversationChange { title: Some(None), archived: Some(false), ..ConversationChange::default() };
    let cleared = bench.change(&ada, group, none).await;
    assert_eq!((cleared.title.as_deref(), cleared.topic.as_deref()), (None, Some("all about it")));
    let replay = bench.store.events_after(Stream::Conversation(group), Seq(0), 9).await.unwrap();
    assert_eq!(replay.len(), 2);
    assert!(replay.iter().all(|event| event.body == EventBody::ConversationUpdate(cleared.clone())), "{replay:?}");
    bench.post(&ada, Target::Conversation(group), "hello").await;
}

pub(super) async fn who_is_added_hears_of_it_and_reads_from_there(bench: Arc<Bench>) {
    let [ada, bob, eve, dan] = bench.users(["ada", "bob", "eve", "dan"]).await;
    let group = bench.group(&ada, &[&bob]).await.id;
    bench.post(&ada, Target::Conversation(group), "before").await;
    bench.published();
    let grown = bench.add(&bob, group, &[&dan, &eve, &ada]).await;
    assert_eq!((names(&grown), grown.member_count), (vec!["ada", "bob", "eve", "dan"], 4));
    let events = bench.published();
    let expected = [
        (Stream::Inbox(eve.id), 1, "CONVERSATION_CREATE"),
        (Stream::Conversation(group), 2, "MEMBER_ADD"),
        (Stream::Inbox(dan.id), 1, "CONVERSATION_CREATE"),
        (Stream::Conversation(group), 3, "MEMBER_ADD"),
    ];
    let mut told = outline(&events);
    told.sort();
    let mut sorted = expected;
    sorted.sort();
    assert_eq!(told, sorted);
    let log: Vec<_> = events.iter().filter(|event| event.stream == Stream::Conversation(group)).collect();
    assert_eq!([&log[0].body, &log[1].body], [&EventBody::MemberAdd(eve.clone()), &EventBody::MemberAdd(dan.clone())]);
    let summary = bench.store.conversation(dan.id, group).await.unwrap().unwrap();
    assert_eq!((summary.read_seq, summary.unread, summary.conversation), (Seq(3), 0, grown));
    bench.post(&ada, Target::Conversation(group), "after").await;
    assert_eq!(contents(&bench.page(&dan, group, Page::Latest, 9).await), ["after"]);
    bench.published();
    bench.add(&ada, group, &[&dan, &bob]).await;
    assert_eq!(bench.published(), [], "they are there already");
    let refused = bench.store.members_add(ada.id, group, vec![UserId(99)], anybody()).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

pub(super) async fn who_is_removed_hears_of_it_and_nothing_later(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let group = bench.group(&ada, &[&bob, &eve]).await.id;
    bench.post(&bob, Target::Conversation(group), "hello").await;
    bench.published();
    bench.remove(&ada, group, &bob).await;
    bench.remove(&ada, group, &bob).await;
    let events = bench.published();
    let expected =
        [(Stream::Conversation(group), 2, "MEMBER_REMOVE"), (Stream::Inbox(bob.id), 2, "CONVERSATION_DELETE")];
    assert_eq!(outline(&events), expected, "once, and the log's first");
    assert_eq!(events[0].body, EventBody::MemberRemove(bob.clone()));
    assert_eq!(bench.store.conversation(bob.id, group).await.unwrap(), None);
    assert_eq!(bench.store.event_list(bob.id, group, Seq(0), 9).await.unwrap(), None);
    let posted = bench.try_post(&bob, Target::Conversation(group), "still here").await;
    assert!(matches!(posted, Err(StoreError::NotFound)), "{posted:?}");
    let seen = bench.seen(&ada, group).await;
    assert_eq!((names(&seen), seen.member_count), (vec!["ada", "eve"], 2));

    // Who comes back starts anew.
    bench.post(&ada, Target::Conversation(group), "without bob").await;
    bench.add(&eve, group, &[&bob]).await;
    bench.post(&ada, Target::Conversation(group), "with bob").await;
    assert_eq!(contents(&bench.page(&bob, group, Page::Latest, 9).await), ["with bob"]);
    let summary = bench.store.conversation(bob.id, group).await.unwrap().unwrap();
    assert_eq!((summary.read_seq, summary.unread, summary.conversation.member_count), (Seq(4), 1, 3));
}

pub(super) async fn whoever_was_there_longest_follows_the_manager(bench: Arc<Bench>) {
    let [ada, bob, eve, dan] = bench.users(["ada", "bob", "eve", "dan"]).await;
    let group = bench.group(&dan, &[&eve]).await.id;
    bench.add(&dan, group, &[&bob]).await;
    bench.add(&dan, group, &[&ada]).await;
    bench.published();
    bench.remove(&dan, group, &dan).await;
    let events = bench.published();
    let log = Stream::Conversation(group);
    let expected =
        [(log, 3, "MEMBER_REMOVE"), (Stream::Inbox(dan.id), 2, "CONVERSATION_DELETE"), (log, 4, "CONVERSATION_UPDATE")];
    assert_eq!(outline(&events), expected);
    assert_eq!(events[2].body, EventBody::ConversationUpdate(bench.seen(&ada, group).await));
    let mut managers = vec![bench.seen(&ada, group).await.manager];
    bench.remove(&eve, group, &eve).await;
    managers.push(bench.seen(&ada, group).await.manager);
    bench.remove(&bob, group, &bob).await;
    managers.push(bench.seen(&ada, group).await.manager);
    assert_eq!(managers, [&eve, &bob, &ada].map(|user| Some(user.id)));
    bench.published();
    bench.remove(&ada, group, &ada).await;
    assert_eq!(bench.published().len(), 3, "the last one, too");
}

pub(super) async fn who_comes_first_into_a_deserted_room_manages_it(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let room = bench.open_room("tea", &ada).await;
    bench.remove(&ada, room, &ada).await;
    bench.published();
    bench.add(&bob, room, &[&bob]).await;
    let events = bench.published();
    let told: Vec<_> = outline(&events).into_iter().map(|(_, _, what)| what).collect();
    assert_eq!(told, ["CONVERSATION_CREATE", "MEMBER_ADD", "CONVERSATION_UPDATE"]);
    let seen = bench.seen(&bob, room).await;
    assert_eq!((seen.manager, &events[2].body), (Some(bob.id), &EventBody::ConversationUpdate(seen.clone())));
    assert_eq!(events[0].body, EventBody::ConversationCreate(seen));
    bench.add(&eve, room, &[&eve]).await;
    assert_eq!(bench.seen(&eve, room).await.manager, Some(bob.id), "there is one");
}

pub(super) async fn own_groups_and_rooms_are_found_by_what_they_are_called(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let walks = bench.open_room("Sunday Ärger", &ada).await;
    let closed = bench.room("sundry", &[&ada, &bob]).await;
    let direct = bench.post(&ada, Target::User(bob.id), "hi").await.conversation;
    let untitled = bench.group(&ada, &[&bob]).await.id;
    let found = async |who: &UserRef, query: &str| bench.store.conversation_find(who.id, query, 9).await.unwrap();
    assert_eq!(found(&ada, "SUN").await, [closed, walks]);
    assert_eq!(found(&ada, "ärg").await, [walks]);
    assert_eq!(found(&ada, "BO").await, [untitled], "not the direct one, {direct}");
    assert_eq!(found(&bob, "sun").await, [closed], "not what one is not in");
    for (who, query) in [(&ada, "ada"), (&ada, "%"), (&ada, "a\0"), (&eve, "sun")] {
        assert_eq!(found(who, query).await, [], "{} {query:?}", who.name);
    }
    assert_eq!(bench.store.conversation_find(ada.id, "sun", 1).await.unwrap(), [closed]);
    bench.remove(&ada, walks, &ada).await;
    assert_eq!(found(&ada, "ärg").await, [], "no longer");
}

pub(super) async fn it_is_asked_who_may_and_a_refusal_changes_nothing(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let room = bench.open_room("tea", &ada).await;
    bench.add(&ada, room, &[&bob]).await;
    bench.published();
    let refusing = |by: &UserRef, role| -> Permit {
        let expected = Standing { kind: ConversationKind::Room, role, managed: true, open: true, archived: false };
        let name = by.name.clone();
        Arc::new(move |standing| {
            assert_eq!(*standing, expected, "{name}");
            Err(StoreError::Forbidden)
        })
    };
    for (by, role) in [(&ada, Role::Manager), (&bob, Role::Member), (&eve, Role::Stranger)] {
        let refused = [
            bench.store.conversation_update(by.id, room, rename("other"), refusing(by, role)).await.map(|_| ()),
            bench.store.members_add(by.id, room, vec![eve.id], refusing(by, role)).await.map(|_| ()),
            bench.store.member_remove(by.id, room, bob.id, refusing(by, role)).await,
        ];
        assert!(refused.iter().all(|refused| matches!(refused, Err(StoreError::Forbidden))), "{refused:?}");
    }
    assert_eq!(bench.published(), []);
    assert_eq!(bench.store.last_seqs(&[Stream::Conversation(room)]).await.unwrap(), [Seq(1)]);
    let missing = bench.store.conversation_update(ada.id, ConversationId(99), rename("x"), anybody()).await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "{missing:?}");
}

pub(super) async fn two_peoples_conversation_stays_what_it_is(bench: Arc<Bench>) {
    let (ada, bob, direct) = bench.direct(1).await;
    let eve = bench.user("eve").await;
    bench.published();
    for (by, is_theirs) in [(&ada, true), (&eve, false)] {
        let refused = [
            bench.store.conversation_update(by.id, direct, archive(true), anybody()).await.map(|_| ()),
            bench.store.members_add(by.id, direct, vec![eve.id], anybody()).await.map(|_| ()),
            bench.store.member_remove(by.id, direct, bob.id, anybody()).await,
        ];
        for refused in refused {
            let fits = match &refused {
                Err(StoreError::Forbidden) => is_theirs,
                Err(StoreError::NotFound) => !is_theirs,
                _ => false,
            };
            assert!(fits, "{refused:?}");
        }
    }
    assert_eq!(bench.published(), []);
}

pub(super) async fn a_group_has_an_end(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let group = bench.group(&ada, &[]).await.id;
    let mut crowd = Vec::new();
    for number in 0..GROUP_MEMBERS {
        crowd.push(bench.user(&format!("user{number}")).await.id);
    }
    bench.published();
    let last = crowd.pop().unwrap();
    bench.store.members_add(ada.id, group, crowd, anybody()).await.unwrap();
    assert_eq!(bench.published().len(), 2 * (GROUP_MEMBERS - 1));
    let refused = bench.store.members_add(ada.id, group, vec![last], anybody()).await;
    assert!(matches!(refused, Err(StoreError::LimitReached)), "{refused:?}");
    assert_eq!(bench.published(), []);
    assert_eq!(bench.store.memberships(last).await.unwrap().conversations, []);
}

pub(super) async fn open_rooms_are_found_by_title(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    for title in ["Tea", "ärger", "apples", "Zebra", "tea", "Ärzte"] {
        bench.open_room(title, &ada).await;
    }
    let closed = bench.room("closed tea", &[&ada]).await;
    let gone = bench.open_room("archived tea", &ada).await;
    bench.change(&ada, gone, archive(true)).await;
    let all = ["apples", "Tea", "tea", "Zebra", "ärger", "Ärzte"];
    assert_eq!(bench.found(&bob, "", None, 100).await, all);
    assert_eq!(bench.found(&bob, "TE", None, 100).await, ["Tea", "tea", "Ärzte"]);
    assert_eq!(bench.found(&bob, "är", None, 100).await, ["ärger", "Ärzte"]);
    assert_eq!(bench.found(&bob, "%_", None, 100).await, Vec::<String>::new());
    assert_eq!(bench.found(&bob, "a\0", None, 100).await, Vec::<String>::new());
    assert_eq!(bench.found(&bob, "", None, 2).await, ["apples", "Tea", "…"]);
    let first = bench.store.room_list(bob.id, "", None, 2).await.unwrap().rooms;
    assert_eq!(bench.found(&bob, "", Some(first[1].id), 2).await, ["tea", "Zebra", "…"]);
    assert_eq!(bench.found(&bob, "z", Some(first[1].id), 2).await, ["Zebra", "Ärzte"]);
    assert_eq!(bench.found(&bob, "", Some(closed), 2).await, Vec::<String>::new(), "a closed room's place is not told");

    assert!(!first[1].joined && first[1].member_count == 1);
    bench.add(&bob, first[1].id, &[&bob]).await;
    let topic = ConversationChange { topic: Some(Some("green".into())), ..rename("Bees") };
    bench.change(&ada, first[1].id, topic).await;
    let found = bench.store.room_list(bob.id, "bee", None, 9).await.unwrap().rooms;
    assert!(found[0].joined && found[0].member_count == 2 && found[0].topic.as_deref() == Some("green"), "{found:?}");
    assert_eq!(
        bench.found(&bob, "", None, 2).await,
        ["apples", "Bees", "…"],
        "it has its place by what it is called now"
    );
    bench.change(&ada, first[1].id, ConversationChange { open: Some(false), ..ConversationChange::default() }).await;
    assert_eq!(bench.found(&bob, "bee", None, 9).await, Vec::<String>::new());
}

pub(super) async fn members_are_listed_a_page_at_a_time(bench: Arc<Bench>) {
    let [ada, bob, eve, dan] = bench.users(["ada", "bob", "eve", "dan"]).await;
    let room = bench.room("tea", &[&ada, &bob, &dan]).await;
    let page = |viewer: UserId, after: Option<UserId>, limit| {
        let bench = bench.clone();
        async move {
            let list = bench.store.member_list(viewer, room, after, limit).await.unwrap()?;
            Some((list.members.into_iter().map(|user| user.id).collect::<Vec<_>>(), list.more))
        }
    };
    assert_eq!(page(ada.id, None, 2).await, Some((vec![ada.id, bob.id], true)));
    assert_eq!(page(ada.id, Some(bob.id), 2).await, Some((vec![dan.id], false)));
    assert_eq!(page(eve.id, None, 2).await, None);
    bench.remove(&ada, room, &bob).await;
    assert_eq!(page(ada.id, None, 9).await, Some((vec![ada.id, dan.id], false)));
    assert_eq!(page(bob.id, None, 9).await, None);
}

pub(super) async fn comings_and_goings_at_once_leave_no_hole(bench: Arc<Bench>) {
    let [ada, bob, eve, dan] = bench.users(["ada", "bob", "eve", "dan"]).await;
    let rooms = [bench.open_room("one", &ada).await, bench.open_room("two", &ada).await];
    bench.published();
    let changes = (0..40_usize).map(|round| {
        let (bench, room, users) = (bench.clone(), rooms[round % 2], [&ada, &bob, &eve, &dan].map(Clone::clone));
        async move {
            let [ada, bob, eve, dan] = users;
            match round % 5 {
                0 => drop(bench.add(&ada, room, &[&bob, &eve, &dan]).await),
                1 => bench.remove(&ada, room, &eve).await,
                2 => bench.remove(&bob, room, &bob).await,
                3 => drop(bench.change(&ada, room, rename(&format!("room {round}"))).await),
                _ => drop(bench.post(&ada, Target::Conversation(room), "hello").await),
            }
        }
    });
    join_all(changes).await;
    let events = bench.published();
    let mut last = std::collections::HashMap::new();
    for event in &events {
        let stands = last.entry(event.stream).or_insert_with(|| match event.stream {
            Stream::Conversation(_) => 0,
            Stream::Inbox(_) => event.seq.0 - 1,
        });
        assert_eq!(event.seq.0, *stands + 1, "{:?} is published in order, without a hole", event.stream);
        *stands = event.seq.0;
    }
}
