//! The store of a single node: one SQLite file beside the program.
//!
//! Owns all SQL of this back end. The contract is [`Store`]'s; this page says how SQLite keeps it.
//!
//! The page is long because the trait is wide: each method only says which thread runs which function.
//!
//! # Group commit
//!
//! A durable commit costs an fsync, milliseconds on ordinary disks, however little it holds. So one writer thread
//! (`writer`) takes all changes that wait while the last fsync ran and commits them together: under load hundreds
//! of messages share one fsync, alone a message waits for nobody. The one writer is also what makes the order: seqs
//! are taken, committed and published by one thread, so nothing can overtake. Reads go past it: a few connections
//! (`readers`) see the last commit and never wait for a writer, as the log is write-ahead.
//!
//! # Pragmas
//!
//! - `journal_mode = WAL`: readers and the writer do not block each other, and a commit is one append.
//! - `synchronous = FULL`: in WAL mode `NORMAL` would lose acknowledged messages with the power.
//! - `foreign_keys = ON`: a defect of ours fails its change instead of leaving orphans.
//! - `busy_timeout`: the commands beside the server write too; each waits for the other.
//! - `secure_delete = ON`: what was deleted or changed is overwritten in the file.
//! - `temp_store = MEMORY`: savepoints keep what they may have to undo; that needs no file.
//! - `cache_size`: 32 MiB for the writer, 8 MiB a reader; the system's page cache holds the rest.
//! - `journal_size_limit`: 64 MiB, so that a WAL that one burst grew is cut again.
//! - Checkpoints are the writer's (`writer`), also at the end: a reader that closes last leaves the log as it is.
//! - `SQLITE_DBCONFIG_ENABLE_QPSG`: a plan does not depend on values, so binding others does not make it anew.
//! - `query_only = ON` on readers: a read that would write is a defect and fails.
//!
//! `ANALYZE` never runs: without statistics the plans are those that the tests hold the statements to.

mod amending;
mod blocking;
mod chat_page;
mod connection;
mod contacts;
mod conversations;
mod directory;
mod events;
mod failure;
mod integrity;
mod leftover;
mod lists;
mod managing;
mod mentions;
mod messages;
pub(super) mod moving;
mod nonces;
mod overview;
mod people;
#[cfg(test)]
mod plans;
mod posting;
mod readers;
mod room;
mod sessions;
#[cfg(test)]
mod steps;
mod touched;
#[cfg(test)]
mod trouble;
mod users;
mod values;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use rusqlite::Connection;
use tokio::sync::mpsc;

use self::lists::Lists;
use self::messages::LatestPages;
use self::readers::Readers;
use self::touched::Touched;
use self::writer::{Caches, Writer};
use super::session_cache::SessionCache;
use super::{
    Absence, Amendment, ChatPage, Committed, ConversationChange, Credentials, EventPage, InFull, Memberships,
    NewConversation, NewMessage, NewSession, NewUser, Page, Permit, PostedMessage, ReadySnapshot, Session, Store,
    StoreError, TokenHash,
};
use crate::protocol::{
    Conversation, ConversationId, ConversationList, ConversationSummary, Edit, Event, MemberList, Message, MessageList,
    RoomList, Seq, SessionId, Stream, UserId, UserRef,
};

/// Groups of events that may wait for the publisher; the writer waits beyond that, so that memory stays bounded.
/// Whoever drains them must therefore never wait for a change, only for reads.
const COMMITTED: usize = 256;

pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    sessions: Arc<SessionCache>,
    latest: Arc<LatestPages>,
    touched: Arc<Touched>,
    lists: Lists,
    path: PathBuf,
    /// SQLite's `data_version` when it was last asked for.
    seen_version: AtomicI64,
}

/// Totals since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Transactions committed.
    pub groups: u64,
    /// Changes committed in them.
    pub jobs: u64,
}

impl SqliteStore {
    /// Opens the file, creates it (mode 0600) where there is none, and brings its schema up to date. Blocks.
    ///
    /// `nonce_key` keys the hashes kept with nonces; it must stay the same as long as the file.
    /// The receiver may be dropped by programs that publish nothing.
    ///
    /// Errors: `NewerDatabase`, `Unfinished`, `Unavailable`.
    pub fn open(path: &Path, nonce_key: [u8; 32]) -> Result<(Self, Committed), StoreError> {
        Self::on(connection::writer(path)?, path, nonce_key)
    }

    /// The same, where no other process works with the file: the log that a crash left behind is written once more
    /// before anything else is (see `leftover`).
    ///
    /// Errors: also `Failed`.
    pub fn open_alone(path: &Path, nonce_key: [u8; 32]) -> Result<(Self, Committed), StoreError> {
        let connection = connection::writer(path)?;
        leftover::mend(&connection, path)?;
        Self::on(connection, path, nonce_key)
    }

    fn on(connection: Connection, path: &Path, nonce_key: [u8; 32]) -> Result<(Self, Committed), StoreError> {
        let seen_version = AtomicI64::new(data_version(&connection)?);
        let readers = Readers::open(path)?;
        let (committed, receiver) = mpsc::channel(COMMITTED);
        let sessions = Arc::<SessionCache>::default();
        let nonce_key = hmac::Key::new(hmac::HMAC_SHA256, &nonce_key);
        let touched = Arc::<Touched>::default();
        let latest = Arc::new(LatestPages::new(messages::LATEST_BYTES));
        let caches = Caches { sessions: sessions.clone(), latest: latest.clone(), touched: touched.clone() };
        let writer = Writer::start(connection, nonce_key, committed, caches)?;
        let (path, lists) = (path.to_owned(), Lists::default());
        Ok((Self { writer, readers, sessions, latest, touched, lists, path, seen_version }, receiver))
    }

    /// Everything that is wrong with the file, in sentences; empty if all is well. Blocks, and reads everything.
    pub fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        integrity::check(&mut connection::reader(&self.path)?)
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        let counts = self.writer.counts();
        Stats { groups: counts.groups.load(Ordering::Relaxed), jobs: counts.jobs.load(Ordering::Relaxed) }
    }
}

/// Changes when another connection than this one commits.
fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

#[async_trait]
impl Store for SqliteStore {
    async fn user_create(&self, user: NewUser) -> Result<UserRef, StoreError> {
        self.writer.run(move |writing| users::create(writing, &user)).await
    }

    async fn user_by_id(&self, id: UserId) -> Result<Option<UserRef>, StoreError> {
        self.readers.run(move |connection| users::by_id(connection, id)).await
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<UserRef>, StoreError> {
        let ids = ids.to_vec();
        self.readers
            .run(move |connection| ids.into_iter().filter_map(|id| users::by_id(connection, id).transpose()).collect())
            .await
    }

    async fn user_by_name(&self, folded: &str) -> Result<Option<UserRef>, StoreError> {
        Ok(self.credentials(folded).await?.map(|credentials| credentials.user))
    }

    async fn credentials(&self, folded: &str) -> Result<Option<Credentials>, StoreError> {
        let folded = folded.to_owned();
        self.readers.run(move |connection| users::by_name(connection, &folded)).await
    }

    async fn user_names(&self) -> Result<Vec<UserRef>, StoreError> {
        self.readers.run(users::names).await
    }

    async fn password_set(
        &self,
        user: UserId,
        expected: Option<String>,
        password_hash: String,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.writer
            .run(move |writing| users::password_set(writing, user, expected.as_deref(), &password_hash, keep))
            .await
    }

    async fn session_create(&self, session: NewSession) -> Result<SessionId, StoreError> {
        self.writer.run(move |writing| sessions::create(writing, &session)).await
    }

    async fn session_by_token(&self, token_hash: TokenHash, now_ms: i64) -> Result<Option<Session>, StoreError> {
        let era = match self.sessions.find(&token_hash, now_ms) {
            Ok(session) => return Ok(Some(session)),
            Err(era) => era,
        };
        let read = self.readers.run(move |connection| sessions::by_token(connection, &token_hash, now_ms)).await?;
        if let Some(session) = &read {
            self.sessions.keep(token_hash, session.clone(), era);
        }
        Ok(read)
    }

    async fn session_by_id(&self, id: SessionId, now_ms: i64) -> Result<Option<Session>, StoreError> {
        self.readers.run(move |connection| sessions::by_id(connection, id, now_ms)).await
    }

    async fn session_extend(&self, id: SessionId, seen_ms: i64, expires_ms: i64) -> Result<(), StoreError> {
        self.writer.run(move |writing| sessions::extend(writing, id, seen_ms, expires_ms)).await
    }

    async fn session_end(&self, id: SessionId) -> Result<bool, StoreError> {
        self.writer.run(move |writing| sessions::end(writing, id)).await
    }

    async fn message_post(&self, message: NewMessage) -> Result<PostedMessage, StoreError> {
        self.writer.run_bare(move |writing| posting::post(writing, message)).await
    }

    async fn message_amend(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        amendment: Amendment,
    ) -> Result<Message, StoreError> {
        self.writer.run(move |writing| amending::amend(writing, user, conversation, seq, &amendment)).await
    }

    async fn message_history(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Vec<Edit>>, StoreError> {
        self.readers.run(move |connection| amending::history(connection, viewer, conversation, seq)).await
    }

    async fn message_pinned(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Option<MessageList>, StoreError> {
        self.readers.run(move |connection| messages::pinned(connection, viewer, conversation, before, limit)).await
    }

    async fn message_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        page: Page,
        limit: u32,
    ) -> Result<Option<MessageList>, StoreError> {
        self.readers.run(move |connection| messages::list(connection, viewer, conversation, page, limit)).await
    }

    async fn event_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<EventPage>, StoreError> {
        self.readers.run(move |connection| events::list(connection, viewer, conversation, after, limit)).await
    }

    async fn conversation_list(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<ConversationList, StoreError> {
        self.readers.run(move |connection| overview::list(connection, viewer, after, limit)).await
    }

    async fn conversation(
        &self,
        viewer: UserId,
        conversation: ConversationId,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        self.readers.run(move |connection| overview::one(connection, viewer, conversation)).await
    }

    async fn chat_page(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        listed: u32,
        open: Option<(ConversationId, Page)>,
        limit: u32,
    ) -> Result<ChatPage, StoreError> {
        let latest = match open {
            _ if after.is_some() => None,
            None => Some(None),
            Some((id, Page::Latest)) => Some(Some(id)),
            Some(_) => None,
        };
        let kept = |open| self.lists.page(&self.touched, &self.latest, viewer, listed, open, limit);
        if let Some(page) = latest.and_then(kept) {
            return Ok(page);
        }
        let (before, pages) = (self.touched.now(), self.latest.clone());
        let (list, opened) = self
            .readers
            .run(move |connection| chat_page::read(connection, &pages, viewer, after, listed, open, limit))
            .await?;
        let version = self.lists.keep(&self.touched, viewer, listed, &list, before);
        Ok(ChatPage { conversations: list.list, version, opened })
    }

    async fn direct_find(&self, one: UserId, other: UserId) -> Result<Option<ConversationId>, StoreError> {
        self.readers.run(move |connection| conversations::direct_find(connection, one, other)).await
    }

    async fn conversation_create(&self, new: NewConversation) -> Result<Conversation, StoreError> {
        self.writer.run(move |writing| managing::create(writing, &new)).await
    }

    async fn conversation_update(
        &self,
        by: UserId,
        conversation: ConversationId,
        change: ConversationChange,
        permit: Permit,
    ) -> Result<Conversation, StoreError> {
        self.writer.run(move |writing| managing::update(writing, by, conversation, &change, &permit)).await
    }

    async fn members_add(
        &self,
        by: UserId,
        conversation: ConversationId,
        users: Vec<UserId>,
        permit: Permit,
    ) -> Result<Conversation, StoreError> {
        self.writer.run(move |writing| managing::add(writing, by, conversation, &users, &permit)).await
    }

    async fn member_remove(
        &self,
        by: UserId,
        conversation: ConversationId,
        user: UserId,
        permit: Permit,
    ) -> Result<(), StoreError> {
        self.writer.run(move |writing| managing::remove(writing, by, conversation, user, &permit)).await
    }

    async fn member_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<MemberList>, StoreError> {
        self.readers.run(move |connection| directory::members(connection, viewer, conversation, after, limit)).await
    }

    async fn room_list(
        &self,
        viewer: UserId,
        query: &str,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<RoomList, StoreError> {
        let query = query.to_owned();
        self.readers.run(move |connection| directory::rooms(connection, viewer, &query, after, limit)).await
    }

    async fn conversation_find(
        &self,
        viewer: UserId,
        query: &str,
        limit: u32,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let query = query.to_owned();
        self.readers.run(move |connection| directory::find(connection, viewer, &query, limit)).await
    }

    async fn read_mark(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Seq>, StoreError> {
        self.writer
            .run(move |writing| {
                writing.touched.push(viewer);
                people::read_mark(writing, viewer, conversation, seq)
            })
            .await
    }

    async fn memberships(&self, user: UserId) -> Result<Memberships, StoreError> {
        self.readers.run(move |connection| overview::memberships(connection, user)).await
    }

    async fn contacts(&self, user: UserId, limit: u32) -> Result<Vec<UserId>, StoreError> {
        self.readers.run(move |connection| contacts::of(connection, user, limit)).await
    }

    async fn ready(&self, user: UserId, choose: InFull) -> Result<ReadySnapshot, StoreError> {
        self.readers.run(move |connection| overview::ready(connection, user, choose)).await
    }

    async fn events_after(&self, stream: Stream, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.readers.run(move |connection| events::after(connection, stream, after, limit)).await
    }

    async fn events_after_each(&self, logs: &[(Stream, Seq)], limit: u32) -> Result<Vec<Vec<Event>>, StoreError> {
        let logs = logs.to_vec();
        self.readers
            .run(move |connection| {
                logs.into_iter().map(|(stream, after)| events::after(connection, stream, after, limit)).collect()
            })
            .await
    }

    async fn membership_edges(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        let entries = entries.to_vec();
        self.readers
            .run(move |connection| entries.into_iter().map(|(user, seq)| events::edge(connection, user, seq)).collect())
            .await
    }

    async fn membership_ends(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        let entries = entries.to_vec();
        self.readers
            .run(move |connection| entries.into_iter().map(|(user, seq)| events::end(connection, user, seq)).collect())
            .await
    }

    async fn direct_absences(&self, conversation: ConversationId) -> Result<Vec<Absence>, StoreError> {
        self.readers.run(move |connection| blocking::absences(connection, conversation)).await
    }

    async fn last_seqs(&self, streams: &[Stream]) -> Result<Vec<Seq>, StoreError> {
        let streams = streams.to_vec();
        self.readers
            .run(move |connection| streams.into_iter().map(|stream| events::last_seq(connection, stream)).collect())
            .await
    }

    /// Asked on the writer's own connection: it is the only one for which this process's commits do not count.
    async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        let version = self.writer.run(|writing| data_version(writing.connection)).await?;
        let changed = self.seen_version.swap(version, Ordering::Relaxed) != version;
        if changed {
            self.sessions.forget_all();
            self.latest.forget_all();
            self.touched.note_all();
        }
        Ok(changed)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let probed = self.writer.health().is_refusing().then(|| self.path.clone());
        self.writer.run(move |writing| probed.map_or(Ok(()), |path| room::probe(writing.connection, &path))).await?;
        self.readers.run(|connection| events::last_seq(connection, Stream::Inbox(UserId(1)))).await?;
        Ok(())
    }

    async fn failed(&self) -> String {
        self.writer.health().failed().await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.sessions.forget_all();
        self.touched.note_all();
        self.writer.close().await;
    }
}
