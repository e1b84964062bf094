//! The store on PostgreSQL, for several nodes.
//!
//! Long because the trait is wide: each method only says on which connection which function runs.
//!
//! - **Durable**: `synchronous_commit=on` on every connection, whatever the server's settings say.
//! - **Gap-free, in the order of commits**: a conversation's number is taken under the lock of its row, an inbox's under
//!   the lock of its user's. Rows are locked in ascending id.
//! - **Few round trips**: posts are committed in groups, by lanes that do not wait for each other ([`lanes`]).
//! - **One way out**: each node publishes what it committed itself, a log's events in the order of their numbers
//!   ([`house::Order`]). What other nodes commit comes by the bus.
//! - **One read, one moment**: a snapshot (`REPEATABLE READ`) where a read has more than one statement.
//! - **A call that is cancelled goes on**: changes run in tasks of their own.
//! - **No call waits for ever**: a database that hangs is `Unavailable` after a while, and what was asked is unknown.

mod amending;
mod blocking;
mod changes;
mod connections;
mod contacts;
mod conversations;
mod directory;
mod events;
mod failure;
mod house;
mod integrity;
mod lanes;
mod managing;
mod mentions;
mod messages;
pub(super) mod moving;
mod neighbours;
mod overview;
mod people;
mod replicas;
mod rows;
mod schema;
mod tls;
mod users;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use deadpool_postgres::Object;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use self::changes::First;
use self::connections::{Connections, snapshot};
use self::failure::closed;
use self::house::{House, Order};
use self::lanes::{Answer, Asked, LANES, Post, WAITING};
use self::neighbours::Neighbours;
pub use self::neighbours::Part;
use self::replicas::Replicas;
use super::session_cache::SessionCache;
use super::{
    Absence, Amendment, ChatPage, Committed, ConversationChange, Credentials, EventPage, InFull, Memberships,
    NewConversation, NewMessage, NewSession, NewUser, Page, Permit, PostedMessage, ReadySnapshot, Session, Store,
    StoreError, Target, TokenHash,
};
use crate::protocol::{
    Conversation, ConversationId, ConversationList, ConversationSummary, Edit, Event, MemberList, Message, MessageList,
    RoomList, Seq, SessionId, Stream, UserId, UserRef,
};
use crate::server::kept::Kept;

/// Groups of events that may wait for the publisher; lanes wait beyond that, so that memory stays bounded.
const COMMITTED: usize = 256;
/// Longer than any statement may take: who still has no answer asks a database that hangs.
const PATIENCE: Duration = Duration::from_secs(12);
/// Bytes of pairs that were asked for since the last turn; as many again may be left from before it.
const PAIRS: usize = 2 * 1024 * 1024;
/// What a pair takes, about.
const PAIR: usize = 80;

pub struct PostgresStore {
    connections: Connections,
    sessions: Arc<SessionCache>,
    replicas: Replicas,
    neighbours: Neighbours,
    part: Part,
    /// None once it was closed.
    open: RwLock<Option<Arc<Open>>>,
    /// Changes that run.
    changes: TaskTracker,
}

struct Open {
    house: Arc<House>,
    sessions: Arc<SessionCache>,
    lanes: Vec<mpsc::Sender<Asked>>,
    /// Direct conversations by their two people, the lower id first: they never change.
    pairs: Kept<(UserId, UserId), ConversationId>,
}

impl PostgresStore {
    /// Connects, and brings the schema up to date.
    ///
    /// `nonce_key` keys the hashes kept with nonces; it must stay the same as long as the data, on every node.
    /// The receiver may be dropped by programs that publish nothing.
    ///
    /// Errors: `NewerDatabase`, `OtherSecrets`, `Unfinished`, `Unavailable` (a node that this one cannot work beside, too).
    pub async fn open(
        url: &str,
        replicas: &[&str],
        nonce_key: [u8; 32],
        part: Part,
    ) -> Result<(Self, Committed), StoreError> {
        let connections = Connections::new(url, replicas)?;
        let nonce_key = hmac::Key::new(hmac::HMAC_SHA256, &nonce_key);
        schema::bring_up_to_date(&connections, &nonce_key).await?;
        let neighbours = Neighbours::watch(&connections, part).await?;
        let (committed, receiver) = mpsc::channel(COMMITTED);
        let house = Arc::new(House::new(connections.clone(), nonce_key, committed));
        let sessions = Arc::<SessionCache>::default();
        let changes = TaskTracker::new();
        let lane = |lane| {
            let (intake, asked) = mpsc::channel(WAITING);
            changes.spawn(lanes::serve(lane, asked, house.clone()));
            intake
        };
        let lanes = (0..LANES).map(lane).collect();
        let open =
            RwLock::new(Some(Arc::new(Open { house, sessions: sessions.clone(), lanes, pairs: Kept::new(PAIRS) })));
        Ok((Self { connections, sessions, replicas: Replicas::default(), neighbours, part, open, changes }, receiver))
    }

    /// Everything that is wrong with the data, in sentences; empty if all is well. Reads everything.
    pub async fn integrity_check(url: &str) -> Result<Vec<String>, StoreError> {
        integrity::check(&Connections::new(url, &[])?).await
    }

    /// Whether the database at this address follows another.
    pub async fn is_replica(url: &str) -> Result<bool, StoreError> {
        let connections = Connections::new(url, &[])?;
        let client = connections.reader().await?;
        Ok(client.query_one("SELECT pg_is_in_recovery()", &[]).await?.try_get(0)?)
    }

    fn opened(&self) -> Result<Arc<Open>, StoreError> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }

    async fn reader(&self) -> Result<Object, StoreError> {
        self.opened()?;
        self.connections.reader().await
    }

    /// Runs a change to its end, whether or not the caller still waits for it.
    async fn change<T, Work>(&self, work: impl FnOnce(Arc<Open>) -> Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let work = work(self.opened()?);
        let done = self.changes.spawn(work);
        bounded(async { done.await.unwrap_or_else(|_| Err(StoreError::Internal("a change panicked".into()))) }).await
    }
}

/// Gives up waiting for an answer, so that whoever asked is told that it is not known.
async fn bounded<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = || StoreError::Unavailable(format!("PostgreSQL did not answer in {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| Err(late()))
}

impl Open {
    async fn writer(&self) -> Result<Object, StoreError> {
        self.house.connections.writer().await
    }

    /// The direct conversation that a message to somebody goes to. It is opened with the first one.
    async fn direct(&self, new: &NewMessage, other: UserId) -> Result<First, StoreError> {
        let pair = (new.author.min(other), new.author.max(other));
        if let Some(id) = self.pairs.find(&pair) {
            return Ok(First::Open(id));
        }
        // On a reader's connection: thousands may look for theirs at once, and commits must not stand in line behind them.
        let found = conversations::direct_find(&self.house.connections.reader().await?, new.author, other).await?;
        let first = match found {
            Some(id) => First::Open(id),
            None => changes::first_message(&self.house, new, other).await?,
        };
        match &first {
            First::Open(id) | First::Settled(Ok(PostedMessage { conversation: id, .. })) => {
                self.pairs.keep(pair, *id, PAIR);
            }
            First::Settled(Err(_)) => {}
        }
        Ok(first)
    }

    async fn post(&self, new: NewMessage) -> Answer {
        let conversation = match new.target {
            Target::Conversation(id) => id,
            Target::User(other) => match self.direct(&new, other).await? {
                First::Settled(answer) => return answer,
                First::Open(id) => id,
            },
        };
        let (reply, answer) = oneshot::channel();
        let asked = Asked { post: Post { new, conversation }, reply };
        self.lanes[Order::lane_of(conversation)].send(asked).await.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("its lane ended".into())))
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn user_create(&self, user: NewUser) -> Result<UserRef, StoreError> {
        self.change(|open| async move { changes::user_create(&open.house, &user).await }).await
    }

    async fn user_by_id(&self, id: UserId) -> Result<Option<UserRef>, StoreError> {
        bounded(async { users::by_id(&self.reader().await?, id).await }).await
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<UserRef>, StoreError> {
        bounded(async { users::by_ids(&self.reader().await?, ids).await }).await
    }

    async fn user_by_name(&self, folded: &str) -> Result<Option<UserRef>, StoreError> {
        Ok(self.credentials(folded).await?.map(|credentials| credentials.user))
    }

    async fn credentials(&self, folded: &str) -> Result<Option<Credentials>, StoreError> {
        bounded(async { users::by_name(&self.reader().await?, folded).await }).await
    }

    async fn user_names(&self) -> Result<Vec<UserRef>, StoreError> {
        bounded(async { users::names(&self.reader().await?).await }).await
    }

    async fn password_set(
        &self,
        user: UserId,
        expected: Option<String>,
        password_hash: String,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.change(move |open| async move {
            let ended = users::password_set(open.writer().await?, user, expected, password_hash, keep).await;
            // Also where it is not known what became of it.
            open.sessions.forget_all();
            ended
        })
        .await
    }

    async fn session_create(&self, session: NewSession) -> Result<SessionId, StoreError> {
        self.change(move |open| async move {
            let replaced = session.replaces;
            let created = users::session_create(open.writer().await?, session).await;
            open.sessions.forget(replaced.as_slice());
            created
        })
        .await
    }

    async fn session_by_token(&self, token_hash: TokenHash, now_ms: i64) -> Result<Option<Session>, StoreError> {
        self.opened()?;
        let era = match self.sessions.find(&token_hash, now_ms) {
            Ok(session) => return Ok(Some(session)),
            Err(era) => era,
        };
        let read = bounded(async { users::session_by_token(&self.reader().await?, &token_hash, now_ms).await }).await?;
        if let Some(session) = &read {
            self.sessions.keep(token_hash, session.clone(), era);
        }
        Ok(read)
    }

    async fn session_by_id(&self, id: SessionId, now_ms: i64) -> Result<Option<Session>, StoreError> {
        bounded(async { users::session_by_id(&self.reader().await?, id, now_ms).await }).await
    }

    async fn sessions_living(&self, ids: &[SessionId], now_ms: i64) -> Result<Vec<SessionId>, StoreError> {
        bounded(async { users::living(&self.reader().await?, ids, now_ms).await }).await
    }

    async fn session_extend(&self, id: SessionId, seen_ms: i64, expires_ms: i64) -> Result<(), StoreError> {
        self.change(move |open| async move {
            let extended = users::session_extend(open.writer().await?, id, seen_ms, expires_ms).await;
            open.sessions.forget(&[id]);
            extended
        })
        .await
    }

    async fn session_end(&self, id: SessionId) -> Result<bool, StoreError> {
        self.change(move |open| async move {
            let ended = users::session_end(open.writer().await?, id).await;
            open.sessions.forget(&[id]);
            ended
        })
        .await
    }

    async fn message_post(&self, message: NewMessage) -> Result<PostedMessage, StoreError> {
        self.change(|open| async move { open.post(message).await }).await
    }

    async fn message_amend(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        amendment: Amendment,
    ) -> Result<Message, StoreError> {
        self.change(move |open| async move { amending::amend(&open.house, user, conversation, seq, &amendment).await })
            .await
    }

    async fn message_history(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Vec<Edit>>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            amending::history(&snapshot(&mut client).await?, viewer, conversation, seq).await
        })
        .await
    }

    async fn message_pinned(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Option<MessageList>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            messages::pinned(&snapshot(&mut client).await?, viewer, conversation, before, limit).await
        })
        .await
    }

    async fn message_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        page: Page,
        limit: u32,
    ) -> Result<Option<MessageList>, StoreError> {
        bounded(async {
            self.opened()?;
            let read = self.replicas.read(&self.connections, conversation, |snapshot| {
                Box::pin(messages::list(snapshot, viewer, conversation, page, limit))
            });
            read.await
        })
        .await
    }

    async fn event_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<EventPage>, StoreError> {
        bounded(async {
            self.opened()?;
            let read = self.replicas.read(&self.connections, conversation, |snapshot| {
                Box::pin(events::list(snapshot, viewer, conversation, after, limit))
            });
            read.await
        })
        .await
    }

    async fn conversation_list(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<ConversationList, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            overview::list(&snapshot(&mut client).await?, viewer, after, limit).await
        })
        .await
    }

    async fn conversation(
        &self,
        viewer: UserId,
        conversation: ConversationId,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            overview::one_of(&snapshot(&mut client).await?, viewer, conversation).await
        })
        .await
    }

    async fn chat_page(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        listed: u32,
        open: Option<(ConversationId, Page)>,
        limit: u32,
    ) -> Result<ChatPage, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            overview::chat_page(&snapshot(&mut client).await?, viewer, after, listed, open, limit).await
        })
        .await
    }

    async fn direct_find(&self, one: UserId, other: UserId) -> Result<Option<ConversationId>, StoreError> {
        bounded(async { conversations::direct_find(&self.reader().await?, one, other).await }).await
    }

    async fn conversation_create(&self, new: NewConversation) -> Result<Conversation, StoreError> {
        self.change(|open| async move { managing::create(&open.house, &new).await }).await
    }

    async fn conversation_update(
        &self,
        by: UserId,
        conversation: ConversationId,
        change: ConversationChange,
        permit: Permit,
    ) -> Result<Conversation, StoreError> {
        self.change(move |open| async move { managing::update(&open.house, by, conversation, &change, &permit).await })
            .await
    }

    async fn members_add(
        &self,
        by: UserId,
        conversation: ConversationId,
        users: Vec<UserId>,
        permit: Permit,
    ) -> Result<Conversation, StoreError> {
        self.change(move |open| async move { managing::add(&open.house, by, conversation, &users, &permit).await })
            .await
    }

    async fn member_remove(
        &self,
        by: UserId,
        conversation: ConversationId,
        user: UserId,
        permit: Permit,
    ) -> Result<(), StoreError> {
        self.change(move |open| async move { managing::remove(&open.house, by, conversation, user, &permit).await })
            .await
    }

    async fn member_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<MemberList>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            directory::members(&snapshot(&mut client).await?, viewer, conversation, after, limit).await
        })
        .await
    }

    async fn room_list(
        &self,
        viewer: UserId,
        query: &str,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<RoomList, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            directory::rooms(&snapshot(&mut client).await?, viewer, query, after, limit).await
        })
        .await
    }

    async fn conversation_find(
        &self,
        viewer: UserId,
        query: &str,
        limit: u32,
    ) -> Result<Vec<ConversationId>, StoreError> {
        bounded(async { directory::find(&self.reader().await?, viewer, query, limit).await }).await
    }

    async fn read_mark(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Seq>, StoreError> {
        self.change(move |open| async move { people::read_mark(&open.house, viewer, conversation, seq).await }).await
    }

    async fn memberships(&self, user: UserId) -> Result<Memberships, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            overview::memberships(&snapshot(&mut client).await?, user).await
        })
        .await
    }

    async fn contacts(&self, user: UserId, limit: u32) -> Result<Vec<UserId>, StoreError> {
        bounded(async { contacts::of(&self.reader().await?, user, limit).await }).await
    }

    async fn ready(&self, user: UserId, choose: InFull) -> Result<ReadySnapshot, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            overview::ready(&snapshot(&mut client).await?, user, choose).await
        })
        .await
    }

    async fn events_after(&self, stream: Stream, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            events::after(&snapshot(&mut client).await?, stream, after, limit).await
        })
        .await
    }

    async fn events_after_each(&self, logs: &[(Stream, Seq)], limit: u32) -> Result<Vec<Vec<Event>>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            let snapshot = snapshot(&mut client).await?;
            let mut pages = Vec::with_capacity(logs.len());
            for (stream, after) in logs {
                pages.push(events::after(&snapshot, *stream, *after, limit).await?);
            }
            Ok(pages)
        })
        .await
    }

    async fn membership_edges(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        bounded(async { events::edges(&self.reader().await?, entries).await }).await
    }

    async fn membership_ends(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        bounded(async { events::ends(&self.reader().await?, entries).await }).await
    }

    async fn direct_absences(&self, conversation: ConversationId) -> Result<Vec<Absence>, StoreError> {
        bounded(async { blocking::absences(&self.reader().await?, conversation).await }).await
    }

    async fn last_seqs(&self, streams: &[Stream]) -> Result<Vec<Seq>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            events::last_seqs(&snapshot(&mut client).await?, streams).await
        })
        .await
    }

    /// What other nodes commit comes by the bus, and is looked for where that may have lost it: this is what commands did.
    async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        self.opened()?;
        // Another node may have ended sessions: they count no longer than until this is asked the next time.
        self.sessions.forget_all();
        Ok(self.neighbours.changed())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        bounded(async {
            let client = self.opened()?.writer().await?;
            let standby: bool = client.query_one("SELECT pg_is_in_recovery()", &[]).await?.try_get(0)?;
            if standby {
                return Err(StoreError::Unavailable("this PostgreSQL is a standby, and takes no changes".into()));
            }
            self.reader().await?.execute("SELECT", &[]).await?;
            Ok(())
        })
        .await
    }

    async fn close(&self) {
        drop(self.open.write().unwrap_or_else(PoisonError::into_inner).take());
        self.changes.close();
        self.changes.wait().await;
        if self.part == Part::Command
            && let Err(error) = self.connections.tell(neighbours::DONE).await
        {
            tracing::warn!(%error, "the nodes were not told: they find what was done within seconds");
        }
        self.neighbours.close();
        self.connections.close();
    }
}
