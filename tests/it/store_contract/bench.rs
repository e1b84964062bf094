//! A fresh store a test, and the few verbs that the tests speak in.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatter::protocol::{ConversationId, Event, MessageList, Stream, UserId, UserRef};
use chatter::server::store::postgres::{Part, PostgresStore};
use chatter::server::store::sqlite::SqliteStore;
use chatter::server::store::{
    Committed, NewMessage, NewRoom, NewSession, NewUser, Page, PostedMessage, Store, StoreError, Target,
};

use crate::support::message::message;
use crate::support::postgres;

/// No test of the contract takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Bench {
    pub(super) store: Arc<dyn Store>,
    committed: Mutex<Option<Committed>>,
    /// Runs SQL beside the store: for states that no method makes yet.
    pub(super) execute: Box<dyn Fn(&str) + Send + Sync>,
    /// What the back end finds wrong with its data.
    wrong: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    clock_ms: AtomicI64,
}

/// A fresh SQLite store in a folder of its own.
pub(super) async fn sqlite() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chatter.db");
    let (store, committed) = SqliteStore::open(&path, [7; 32]).unwrap();
    let store = Arc::new(store);
    Bench {
        store: store.clone(),
        committed: Mutex::new(Some(committed)),
        execute: Box::new(move |sql| {
            let connection = rusqlite::Connection::open(&path).unwrap();
            connection.busy_timeout(Duration::from_secs(5)).unwrap();
            connection.execute_batch(sql).unwrap();
        }),
        // Holds the folder as long as the test runs.
        wrong: Box::new(move || {
            assert!(folder.path().exists());
            store.integrity_check().unwrap()
        }),
        clock_ms: AtomicI64::new(1_000),
    }
}

/// A fresh PostgreSQL database.
pub(super) async fn postgres() -> Bench {
    let url = postgres::database();
    let (store, committed) = PostgresStore::open(&url, &[], [7; 32], Part::Node).await.unwrap();
    let beside = url.clone();
    Bench {
        store: Arc::new(store),
        committed: Mutex::new(Some(committed)),
        execute: Box::new(move |sql| postgres::execute(&beside, &sql.replace("BEGIN IMMEDIATE", "BEGIN"))),
        wrong: Box::new(move || postgres::on_a_thread(|| PostgresStore::integrity_check(&url)).unwrap()),
        clock_ms: AtomicI64::new(1_000),
    }
}

/// Runs a test in bounded time, then has the back end look over what it left.
pub(super) async fn run<F: Future<Output = ()>>(test: impl FnOnce(Arc<Bench>) -> F, bench: Bench) {
    let bench = Arc::new(bench);
    tokio::time::timeout(PATIENCE, test(bench.clone())).await.expect("the test ends in time");
    assert_eq!((bench.wrong)(), Vec::<String>::new(), "the data is sound");
}

/// Another each time.
pub(super) fn nonce() -> String {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    format!("nonce-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn new_user(name: &str) -> NewUser {
    NewUser { name: name.into(), folded: name.to_lowercase(), password_hash: None, now_ms: 1 }
}

pub(super) fn new_session(user: UserId, token: u8, now_ms: i64, expires_ms: i64) -> NewSession {
    NewSession { user, token_hash: [token; 32], now_ms, expires_ms, client: None, replaces: None }
}

impl Bench {
    pub(super) async fn user(&self, name: &str) -> UserRef {
        self.store.user_create(new_user(name)).await.unwrap()
    }

    pub(super) async fn users<const N: usize>(&self, names: [&str; N]) -> [UserRef; N] {
        let mut users = Vec::new();
        for name in names {
            users.push(self.user(name).await);
        }
        users.try_into().unwrap()
    }

    pub(super) async fn room(&self, title: &str, members: &[&UserRef]) -> ConversationId {
        let members = members.iter().map(|member| member.id).collect();
        let now_ms = self.now_ms();
        self.store.room_create(NewRoom { title: title.into(), everyone: false, members, now_ms }).await.unwrap()
    }

    /// A later millisecond each time.
    pub(super) fn now_ms(&self) -> i64 {
        self.clock_ms.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn message(&self, author: &UserRef, target: Target, content: &str) -> NewMessage {
        NewMessage { now_ms: self.now_ms(), ..message(author.id, target, content, nonce()) }
    }

    pub(super) async fn try_post(
        &self,
        author: &UserRef,
        target: Target,
        content: &str,
    ) -> Result<PostedMessage, StoreError> {
        self.store.message_post(self.message(author, target, content)).await
    }

    pub(super) async fn post(&self, author: &UserRef, target: Target, content: &str) -> PostedMessage {
        self.try_post(author, target, content).await.unwrap()
    }

    /// Ada and Bob with a direct conversation of `count` messages by Ada: "1", "2" …
    pub(super) async fn direct(&self, count: usize) -> (UserRef, UserRef, ConversationId) {
        let [ada, bob] = self.users(["ada", "bob"]).await;
        for number in 1..=count {
            self.post(&ada, Target::User(bob.id), &number.to_string()).await;
        }
        let conversation = self.store.direct_find(ada.id, bob.id).await.unwrap().unwrap();
        (ada, bob, conversation)
    }

    pub(super) async fn page(
        &self,
        viewer: &UserRef,
        conversation: ConversationId,
        page: Page,
        limit: u32,
    ) -> MessageList {
        let list = self.store.message_list(viewer.id, conversation, page, limit).await.unwrap().unwrap();
        // Some tests change things beside the store.
        self.store.changed_elsewhere().await.unwrap();
        // The chat page shows the same, the first time and when it was asked for before.
        for _ in 0..2 {
            let shown = self.store.chat_page(viewer.id, None, 9, Some((conversation, page)), limit).await.unwrap();
            let (summary, shown) = shown.opened.unwrap();
            assert_eq!(shown.into_inner(), list, "{page:?}, {limit}");
            assert_eq!(Some(summary), self.store.conversation(viewer.id, conversation).await.unwrap());
        }
        list
    }

    /// Everything that was published until now: events leave before their caller has the answer.
    pub(super) fn published(&self) -> Vec<Event> {
        let mut committed = self.committed.lock().unwrap();
        let committed = committed.as_mut().expect("nobody took the receiver");
        std::iter::from_fn(|| committed.try_recv().ok()).flat_map(|commit| commit.events).collect()
    }

    /// The receiver itself, for tests that listen beside what they do.
    pub(super) fn take_committed(&self) -> Committed {
        self.committed.lock().unwrap().take().expect("nobody took the receiver")
    }

    /// What a member that leaves now leaves behind; no method does it yet.
    pub(super) fn leave(&self, user: &UserRef, conversation: ConversationId) {
        (self.execute)(&crate::support::membership::leave(user.id.0, conversation.0));
    }

    /// What a member that comes back leaves behind; no method does it yet.
    pub(super) fn rejoin(&self, user: &UserRef, conversation: ConversationId) {
        (self.execute)(&crate::support::membership::rejoin(user.id.0, conversation.0));
    }
}

/// (log, seq, op): what most tests want to know of an event.
pub(super) fn outline(events: &[Event]) -> Vec<(Stream, i64, &'static str)> {
    events.iter().map(|event| (event.stream, event.seq.0, event.body.op())).collect()
}

pub(super) fn contents(list: &MessageList) -> Vec<&str> {
    list.messages.iter().map(|message| message.content.as_str()).collect()
}

pub(super) fn seqs(list: &MessageList) -> Vec<i64> {
    list.messages.iter().map(|message| message.seq.0).collect()
}
