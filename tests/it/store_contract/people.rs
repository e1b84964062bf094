//! People: profiles, the directory, devices, and how a member keeps a conversation.

use std::sync::Arc;

use chatter::protocol::{
    ConversationId, Density, Event, EventBody, Level, Mine, MineChange, Preferences, Seq, SessionId, Stream, Theme,
    UserId, UserRef,
};
use chatter::server::store::{Display, Keep, NewSession, Page, StoreError, Target, UserChange};

use super::bench::{Bench, new_session};

fn shown_as(text: &str) -> UserChange {
    let display = Display { text: text.into(), folded: text.to_lowercase() };
    UserChange { display: Some(Some(display)), ..UserChange::default() }
}

pub(super) async fn a_profile_is_changed_in_parts(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let first = bench.store.account(ada.id).await.unwrap().unwrap();
    assert_eq!((first.profile.user(), first.presence_hidden), (ada.clone(), false));
    assert_eq!((first.preferences, first.profile.created_ms), (Preferences::default(), 1));
    let change = UserChange { about: Some(Some("I count.".into())), ..shown_as("Ada L.") };
    let changed = bench.store.user_update(ada.id, change).await.unwrap();
    assert_eq!((changed.profile.shown(), changed.profile.about.as_deref()), ("Ada L.", Some("I count.")));
    let preferences = Preferences { theme: Theme::Dark, density: Density::Compact };
    let change = UserChange {
        time_zone: Some(Some("Europe/London".into())),
        presence_hidden: Some(true),
        theme: Some(Theme::Dark),
        density: Some(Density::Compact),
        ..UserChange::default()
    };
    let changed = bench.store.user_update(ada.id, change).await.unwrap();
    assert_eq!((changed.profile.shown(), changed.profile.about.as_deref()), ("Ada L.", Some("I count.")), "they stay");
    assert_eq!((changed.presence_hidden, changed.preferences), (true, preferences));
    assert_eq!(bench.store.account(ada.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(bench.store.user_update(ada.id, UserChange::default()).await.unwrap(), changed);
    let change = UserChange { display: Some(None), about: Some(None), ..UserChange::default() };
    let changed = bench.store.user_update(ada.id, change).await.unwrap();
    assert_eq!((changed.profile.user(), changed.profile.about), (ada, None));
    assert_eq!(bench.store.account(bob.id).await.unwrap().unwrap().profile.user(), bob, "nobody else's");
    assert_eq!(bench.store.account(UserId(99)).await.unwrap(), None);
    assert_eq!(bench.store.hiding(&[bob.id, changed.profile.id, UserId(99)]).await.unwrap(), [changed.profile.id]);
    let refused = bench.store.user_update(UserId(99), shown_as("x")).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

/// What is kept of what was read before must not show the old name to anybody.
pub(super) async fn a_new_name_shows_everywhere_at_once(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let direct = bench.post(&ada, Target::User(bob.id), "hello").await.conversation;
    let room = bench.room("room", &[&ada, &bob]).await;
    bench.post(&ada, Target::Conversation(room), "hello").await;
    let last = bench.post(&bob, Target::Conversation(room), "last").await;
    bench.store.session_create(new_session(ada.id, 1, 1, 100)).await.unwrap();
    let mut versions = Vec::new();
    for name in [None, Some("Ada L."), Some("Countess")] {
        if let Some(name) = name {
            bench.store.user_update(ada.id, shown_as(name)).await.unwrap();
        }
        let shown = UserRef { display: name.map(str::to_owned), ..ada.clone() };
        // Twice: read, and from what is kept.
        for _ in 0..2 {
            let open = Some((room, Page::Latest));
            let page = bench.store.chat_page(bob.id, None, 100, open, 50).await.unwrap();
            let (_, messages) = page.opened.unwrap();
            assert_eq!(messages.messages[0].author, shown);
            let members = &page.conversations.conversations.iter().find(|s| s.conversation.id == direct).unwrap();
            assert_eq!(members.conversation.members[0], shown);
            versions.push(page.version);
            let open = Some((direct, Page::Latest));
            let (summary, page) = bench.store.chat_page(bob.id, None, 100, open, 50).await.unwrap().opened.unwrap();
            assert_eq!((&page.messages[0].author, &summary.preview.unwrap().author), (&shown, &shown));
            assert_eq!(bench.store.session_by_token([1; 32], 2).await.unwrap().unwrap().user, shown);
        }
    }
    assert_eq!(last.message.author, bob);
    versions.dedup();
    assert!(versions.len() == 3 || versions == [None], "a version stands for names, too: {versions:?}");
}

/// The room alone has what she said, and the list nothing of her: its version tells of her name all the same.
pub(super) async fn a_version_is_of_names_that_the_list_does_not_show(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let room = bench.room("room", &[&ada, &bob]).await;
    bench.post(&ada, Target::Conversation(room), "hello").await;
    bench.post(&bob, Target::Conversation(room), "last").await;
    let mut versions = Vec::new();
    for _ in 0..2 {
        let page = bench.store.chat_page(bob.id, None, 100, Some((room, Page::Latest)), 50).await.unwrap();
        versions.extend(page.version);
        bench.store.user_update(ada.id, shown_as("Ada L.")).await.unwrap();
    }
    assert!(versions.is_empty() || versions[0] != versions[1], "{versions:?}");
}

async fn found(bench: &Bench, prefix: &str, after: Option<UserId>, limit: u32) -> (Vec<String>, bool) {
    let list = bench.store.user_list(prefix, after, limit).await.unwrap();
    (list.users.iter().map(|user| user.name.clone()).collect(), list.more)
}

pub(super) async fn people_are_found_by_either_name(bench: Arc<Bench>) {
    let [ben, ada, adam, zoe, _b, beate] = bench.users(["ben", "Ada", "adam", "zoe", "b-1", "Beate"]).await;
    bench.store.user_update(zoe.id, shown_as("Adele")).await.unwrap();
    bench.store.user_update(ben.id, shown_as("Ad-hoc")).await.unwrap();
    bench.store.user_update(adam.id, shown_as("Adam A.")).await.unwrap();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let all = names(&["Ada", "adam", "b-1", "Beate", "ben", "zoe"]);
    assert_eq!(found(&bench, "", None, 100).await, (all.clone(), false), "in the order of bytes");
    let expected = names(&["Ada", "adam", "ben", "zoe"]);
    assert_eq!(found(&bench, "ad", None, 100).await, (expected.clone(), false), "names first, each once");
    assert_eq!(found(&bench, "be", None, 100).await, (names(&["Beate", "ben"]), false));
    assert_eq!(found(&bench, "adam", None, 100).await, (names(&["adam"]), false));
    for nobody in ["x", "_", "%", "ad%", "\u{10ffff}"] {
        assert_eq!(found(&bench, nobody, None, 100).await, (vec![], false), "{nobody:?}");
    }
    for (prefix, all) in [("", all), ("ad", expected)] {
        for limit in 1..4 {
            let (mut pages, mut after, mut more) = (Vec::new(), None, true);
            while more {
                let list = bench.store.user_list(prefix, after, limit).await.unwrap();
                (after, more) = (list.users.last().map(|user| user.id), list.more);
                pages.extend(list.users.into_iter().map(|user| user.name));
            }
            assert_eq!(pages, all, "{prefix:?} by {limit}");
        }
    }
    assert_eq!(found(&bench, "ad", Some(beate.id), 9).await, (vec![], false), "she is not in the list");
    assert_eq!(found(&bench, "", Some(UserId(99)), 9).await, (vec![], false));
    bench.store.user_update(zoe.id, UserChange { display: Some(None), ..UserChange::default() }).await.unwrap();
    assert_eq!(found(&bench, "ad", Some(ada.id), 9).await, (names(&["adam", "ben"]), false), "no longer by that");
}

pub(super) async fn devices_are_listed_and_revoked(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let mut sessions = Vec::new();
    for token in 1..=3 {
        let client = (token != 2).then(|| format!("Firefox {token}"));
        let session = NewSession { client, ..new_session(ada.id, token, token.into(), 100) };
        sessions.push(bench.store.session_create(session).await.unwrap());
    }
    let bobs = bench.store.session_create(new_session(bob.id, 9, 1, 100)).await.unwrap();
    let expired = bench.store.session_create(new_session(ada.id, 8, 1, 4)).await.unwrap();
    bench.store.session_extend(sessions[1], 50, 100).await.unwrap();
    let listed = bench.store.session_list(ada.id, 5).await.unwrap();
    let told: Vec<_> = listed.iter().map(|s| (s.id, s.client.as_deref(), s.created_ms, s.seen_ms)).collect();
    let expected =
        [(sessions[1], None, 2, 50), (sessions[2], Some("Firefox 3"), 3, 3), (sessions[0], Some("Firefox 1"), 1, 1)];
    assert_eq!(told, expected);
    assert!(!told.iter().any(|session| session.0 == expired));
    let known = |token: u8| {
        let store = bench.store.clone();
        async move { store.session_by_token([token; 32], 5).await.unwrap().is_some() }
    };
    assert!(known(1).await && known(2).await && known(9).await);
    assert!(!bench.store.session_revoke(ada.id, bobs).await.unwrap(), "not hers");
    assert!(bench.store.session_revoke(ada.id, sessions[0]).await.unwrap());
    assert!(!bench.store.session_revoke(ada.id, sessions[0]).await.unwrap(), "once");
    assert!(!known(1).await && known(9).await);
    let mut ended = bench.store.sessions_revoke_others(ada.id, sessions[1]).await.unwrap();
    ended.retain(|session: &SessionId| *session != expired);
    assert_eq!(ended, [sessions[2]]);
    assert!(known(2).await && !known(3).await && known(9).await);
    assert_eq!(bench.store.session_list(ada.id, 5).await.unwrap().len(), 1);
}

pub(super) async fn preferences_come_with_the_session(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let id = bench.store.session_create(new_session(ada.id, 1, 1, 100)).await.unwrap();
    let preferences = Preferences { theme: Theme::Light, density: Density::Comfortable };
    for expected in [Preferences::default(), preferences] {
        let session = bench.store.session_by_token([1; 32], 2).await.unwrap().unwrap();
        assert_eq!((session.id, session.preferences), (id, expected));
        let change = UserChange { theme: Some(Theme::Light), ..UserChange::default() };
        bench.store.user_update(ada.id, change).await.unwrap();
    }
}

async fn keeps(bench: &Bench, user: &UserRef, id: ConversationId, change: Keep) -> Option<Mine> {
    bench.store.mine_set(user.id, id, change).await.unwrap()
}

async fn inbox(bench: &Bench, user: &UserRef) -> Vec<Event> {
    bench.store.events_after(Stream::Inbox(user.id), Seq::ZERO, 100).await.unwrap()
}

pub(super) async fn a_member_keeps_a_conversation_in_their_own_way(bench: Arc<Bench>) {
    let [ada, bob, eve] = bench.users(["ada", "bob", "eve"]).await;
    let id = bench.post(&ada, Target::User(bob.id), "1").await.conversation;
    let mut committed = bench.take_committed();
    let pin = Keep { pinned: Some(true), ..Keep::default() };
    let mine = Mine { level: Level::Mentions, pinned: true, marked: false };
    assert_eq!(keeps(&bench, &ada, id, pin).await, Some(Mine { pinned: true, ..Mine::default() }));
    let quiet = Keep { level: Some(Level::Mentions), ..Keep::default() };
    assert_eq!(keeps(&bench, &ada, id, quiet).await, Some(mine), "what is not named stays");
    assert_eq!(keeps(&bench, &ada, id, pin).await, Some(mine));
    assert_eq!(keeps(&bench, &ada, id, Keep::default()).await, Some(mine));
    assert_eq!(keeps(&bench, &eve, id, pin).await, None, "not theirs");
    assert_eq!(keeps(&bench, &ada, ConversationId(99), pin).await, None);
    let told = inbox(&bench, &ada).await;
    let change = EventBody::MineUpdate(MineChange { id, mine });
    assert_eq!(told.iter().map(|event| event.seq).collect::<Vec<_>>(), [Seq(1), Seq(2), Seq(3)], "nothing twice");
    assert_eq!(told[2].body, change);
    assert_eq!(inbox(&bench, &bob).await.len(), 1, "theirs alone");
    let summary = |user: UserId| {
        let store = bench.store.clone();
        async move { store.conversation(user, id).await.unwrap().unwrap().mine }
    };
    assert_eq!((summary(ada.id).await, summary(bob.id).await), (mine, Mine::default()));
    let mut published = Vec::new();
    while let Ok(commit) = committed.try_recv() {
        published.extend(commit.events.into_iter().filter(|event| matches!(event.body, EventBody::MineUpdate(_))));
    }
    assert_eq!(published.last().map(|event| (event.stream, event.seq)), Some((Stream::Inbox(ada.id), Seq(3))));
    assert_eq!(published.len(), 2);
}

pub(super) async fn what_was_marked_as_unread_is_read_with_the_mark(bench: Arc<Bench>) {
    let (ada, bob, id) = bench.direct(3).await;
    let mark = Keep { marked: Some(true), ..Keep::default() };
    let read = |seq: i64| {
        let store = bench.store.clone();
        async move { store.read_mark(bob.id, id, Seq(seq)).await.unwrap().unwrap() }
    };
    let marked = |user: UserId| {
        let store = bench.store.clone();
        async move { store.conversation(user, id).await.unwrap().unwrap().mine.marked }
    };
    let bob_id = bench.store.user_by_name("bob").await.unwrap().unwrap();
    assert_eq!(read(2).await, Seq(2));
    assert!(keeps(&bench, &bob_id, id, mark).await.unwrap().marked);
    assert_eq!(read(1).await, Seq(2), "an older mark reads nothing");
    assert!(marked(bob_id.id).await);
    assert_eq!(read(2).await, Seq(2), "reading it once more does");
    assert!(!marked(bob_id.id).await);
    keeps(&bench, &bob_id, id, mark).await.unwrap();
    assert_eq!(read(3).await, Seq(3));
    assert!(!marked(bob_id.id).await && !marked(ada.id).await);
    let told = inbox(&bench, &bob_id).await;
    assert_eq!(told.len(), 5, "created, and twice there and back");
    assert_eq!(told[4].body, EventBody::MineUpdate(MineChange { id, mine: Mine::default() }));
    assert_eq!(read(3).await, Seq(3));
    assert_eq!(inbox(&bench, &bob_id).await.len(), 5);
}

pub(super) async fn pinned_conversations_come_first(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let mut rooms = Vec::new();
    for number in 0..5 {
        rooms.push(bench.room(&number.to_string(), &[&ada]).await);
    }
    let pin = |on| Keep { pinned: Some(on), ..Keep::default() };
    for at in [1, 3] {
        keeps(&bench, &ada, rooms[at], pin(true)).await.unwrap();
    }
    let expected = [3, 1, 4, 2, 0].map(|at: usize| rooms[at]);
    for limit in 1..=5 {
        let (mut listed, mut after, mut more) = (Vec::new(), None, true);
        while more {
            let list = bench.store.conversation_list(ada.id, after, limit).await.unwrap();
            more = list.more;
            listed.extend(list.conversations.iter().map(|summary| summary.conversation.id));
            after = listed.last().copied();
        }
        assert_eq!(listed, expected, "by {limit}");
    }
    let page = bench.store.chat_page(ada.id, None, 2, None, 50).await.unwrap();
    assert_eq!(page.conversations.conversations[0].conversation.id, rooms[3]);
    keeps(&bench, &ada, rooms[3], pin(false)).await.unwrap();
    let page = bench.store.chat_page(ada.id, None, 2, None, 50).await.unwrap();
    let ids: Vec<_> = page.conversations.conversations.iter().map(|summary| summary.conversation.id).collect();
    assert_eq!(ids, [rooms[1], rooms[4]], "what is kept of a list gives way");
}

pub(super) async fn readers_are_told_where_few_are(bench: Arc<Bench>) {
    let (ada, bob, id) = bench.direct(3).await;
    let eve = bench.user("eve").await;
    bench.store.read_mark(bob.id, id, Seq(2)).await.unwrap();
    let readers = bench.store.readers(ada.id, id).await.unwrap();
    assert_eq!(readers, Some(vec![(ada.id, Seq(3)), (bob.id, Seq(2))]));
    assert_eq!(bench.store.readers(eve.id, id).await.unwrap(), None);
    let room = bench.room("room", &[&ada, &bob]).await;
    assert_eq!(bench.store.readers(ada.id, room).await.unwrap(), Some(Vec::new()));
    assert_eq!(bench.store.readers(eve.id, room).await.unwrap(), None);
}
