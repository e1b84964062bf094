//! The store: the only truth. [`Store`] is its contract; `tests/it/store_contract.rs` holds every back
//! end to it.
//!
//! Long because the contract is one trait.
//!
//! # The contract
//!
//! - **Durable before answered.** A method that changes something answers `Ok` only after the change
//!   is committed and synced. `Err(Unavailable)` means *unknown*: it may or may not have been done.
//! - **A failed sync is the end.** After it nobody knows what the disk holds: `Err(Failed)` for all that was not yet
//!   answered and for every later change, and [`Store::failed`] tells whoever can stop the program. Never tried again.
//! - **A full disk is not.** `Err(Full)`: not done. Reads go on, and changes work again once there is room.
//! - **Gap-free.** Each log numbers its events 1, 2, 3 … in commit order; the number is taken in the
//!   transaction that commits the event. A failed change takes no number.
//! - **One way out.** Committed events go, in commit order and after the commit, to the one
//!   [`Committed`] receiver that opening the store returned: whoever asked, and whether or not they
//!   still wait for the answer.
//! - **Exactly once.** (author, nonce) names one message for ever. The same hash of (conversation,
//!   content, reply) returns the original; another is [`StoreError::NonceReused`].
//! - **What you may not see does not exist.** Methods that take a `viewer` answer `None` (or
//!   `NotFound`) alike for what is missing and for what is not theirs.
//! - **One read, one moment.** All parts of an answer come from one read transaction.
//! - Cancelling a call never cancels half of it.

mod agreed;
mod amend;
mod error;
mod invariants;
mod managing;
pub mod moving;
mod nonce_hash;
mod people;
pub mod postgres;
mod session_cache;
pub mod sqlite;
mod types;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationList, ConversationSummary, Edit, Event, MemberList,
    Message, MessageList, RoomList, Seq, SessionId, Stream, UserId, UserRef,
};

pub use amend::Amendment;
pub use error::StoreError;
pub use managing::{ConversationChange, NewConversation, Permit};
pub use people::{Display, Keep, People, UserChange};
pub use types::{
    Absence, Called, ChatPage, Commit, Credentials, EventPage, InFull, ListVersion, Memberships, NewMessage, NewRoom,
    NewSession, NewUser, Page, PostedMessage, ReadySnapshot, Session, Target, all_in_full,
};

/// What was committed, in order. See the contract: one way out.
pub type Committed = mpsc::Receiver<Commit>;

/// SHA-256 of a session's token: the store never holds the token itself.
pub type TokenHash = [u8; 32];

#[async_trait]
pub trait Store: People {
    // Users.

    /// Creates a user, and makes them a member of every room that takes in everyone.
    /// Errors: `NameTaken`.
    async fn user_create(&self, user: NewUser) -> Result<UserRef, StoreError>;
    async fn user_by_id(&self, id: UserId) -> Result<Option<UserRef>, StoreError>;
    /// Those of them that exist, in the order asked.
    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<UserRef>, StoreError> {
        let mut users = Vec::with_capacity(ids.len());
        for id in ids {
            users.extend(self.user_by_id(*id).await?);
        }
        Ok(users)
    }
    /// `folded`: NFKC, case-folded.
    async fn user_by_name(&self, folded: &str) -> Result<Option<UserRef>, StoreError>;
    async fn credentials(&self, folded: &str) -> Result<Option<Credentials>, StoreError>;
    /// Every user's name, in order of id: for operators.
    async fn user_names(&self) -> Result<Vec<UserRef>, StoreError>;
    /// Sets the password and ends every session of the user but `keep`, in one transaction.
    /// `expected`: the hash that must still be theirs; `None` sets it whatever it is.
    /// Answers the sessions that ended. Errors: `NotFound`, `PasswordChanged`.
    async fn password_set(
        &self,
        user: UserId,
        expected: Option<String>,
        password_hash: String,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError>;

    // Sessions.

    async fn session_create(&self, session: NewSession) -> Result<SessionId, StoreError>;
    /// The living session of this token. What another process did to it may count only once
    /// [`changed_elsewhere`](Self::changed_elsewhere) has been asked.
    async fn session_by_token(&self, token_hash: TokenHash, now_ms: i64) -> Result<Option<Session>, StoreError>;
    /// The session, if it lives.
    async fn session_by_id(&self, id: SessionId, now_ms: i64) -> Result<Option<Session>, StoreError>;
    /// Those of these sessions that live.
    async fn sessions_living(&self, ids: &[SessionId], now_ms: i64) -> Result<Vec<SessionId>, StoreError> {
        let mut living = Vec::with_capacity(ids.len());
        for id in ids {
            living.extend(self.session_by_id(*id, now_ms).await?.map(|session| session.id));
        }
        Ok(living)
    }
    /// Moves its end; nothing happens to one that is gone.
    async fn session_extend(&self, id: SessionId, seen_ms: i64, expires_ms: i64) -> Result<(), StoreError>;
    /// Whether there was one to end.
    async fn session_end(&self, id: SessionId) -> Result<bool, StoreError>;

    // Conversations.

    /// Posts a message; see the contract: exactly once. The author's read mark moves to it. Whom it calls is counted in
    /// what they read of the conversation, until they have read it, or it is deleted.
    /// Errors: `NotFound` (target unknown or not theirs, reply to nothing), `NonceReused`.
    async fn message_post(&self, message: NewMessage) -> Result<PostedMessage, StoreError>;
    /// Changes a message that is there, if that changes anything; answers it as it stands then. A change that was made
    /// before is made once.
    /// Errors: `NotFound` (not theirs to see, or deleted), `Forbidden` (somebody else's), `Archived`, `LimitReached`.
    async fn message_amend(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        amendment: Amendment,
    ) -> Result<Message, StoreError>;
    /// All that a message said, the oldest first and what it says now last. `None`: not theirs to see.
    async fn message_history(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Vec<Edit>>, StoreError>;
    /// At most `limit` pinned messages before `before`, in ascending seq. `None`: not theirs to see.
    async fn message_pinned(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Option<MessageList>, StoreError>;
    /// At most `limit` messages in ascending seq. `None`: not theirs to see.
    async fn message_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        page: Page,
        limit: u32,
    ) -> Result<Option<MessageList>, StoreError>;
    /// At most `limit` events after `after`, as they stand now. `None`: not theirs to see.
    async fn event_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<EventPage>, StoreError>;
    /// The most recently active first, after the conversation `after`.
    async fn conversation_list(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<ConversationList, StoreError>;
    async fn conversation(
        &self,
        viewer: UserId,
        conversation: ConversationId,
    ) -> Result<Option<ConversationSummary>, StoreError>;
    /// At most `listed` conversations after `after`, and of the one that is opened at most `limit` messages.
    /// What was answered before this was asked is in it; what another process did, once
    /// [`changed_elsewhere`](Self::changed_elsewhere) has been asked.
    async fn chat_page(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        listed: u32,
        open: Option<(ConversationId, Page)>,
        limit: u32,
    ) -> Result<ChatPage, StoreError>;
    /// The direct conversation of these two, if they have one.
    async fn direct_find(&self, one: UserId, other: UserId) -> Result<Option<ConversationId>, StoreError>;
    /// Creates a room that nobody manages, with its first members. Errors: `NotFound` (a member).
    async fn room_create(&self, room: NewRoom) -> Result<ConversationId, StoreError> {
        let created = self.conversation_create(NewConversation {
            kind: ConversationKind::Room,
            title: Some(room.title),
            topic: None,
            open: room.everyone,
            everyone: room.everyone,
            creator: None,
            members: room.members,
            nonce: None,
            now_ms: room.now_ms,
        });
        Ok(created.await?.id)
    }
    /// Creates a group or room with its first members; with a nonce that its creator used before, answers what that made.
    /// Errors: `NotFound` (a member; or what was made is theirs no longer), `LimitReached`.
    async fn conversation_create(&self, new: NewConversation) -> Result<Conversation, StoreError>;
    /// Changes what a group or room is, in one event, if that changes anything. Answers it as it stands then.
    /// Errors: those of `permit`; `NotFound`; `Forbidden` (a direct conversation).
    async fn conversation_update(
        &self,
        by: UserId,
        conversation: ConversationId,
        change: ConversationChange,
        permit: Permit,
    ) -> Result<Conversation, StoreError>;
    /// Makes these users members. Who comes back starts anew; who is a member stays what they are.
    /// Errors: as `conversation_update`; `NotFound` (one of them); `LimitReached`.
    async fn members_add(
        &self,
        by: UserId,
        conversation: ConversationId,
        users: Vec<UserId>,
        permit: Permit,
    ) -> Result<Conversation, StoreError>;
    /// Ends a membership; nothing happens where there is none. Where the manager goes, whoever was there longest follows.
    /// Errors: as `conversation_update`.
    async fn member_remove(
        &self,
        by: UserId,
        conversation: ConversationId,
        user: UserId,
        permit: Permit,
    ) -> Result<(), StoreError>;
    /// At most `limit` members after `after`, in ascending id. `None`: not theirs to see.
    async fn member_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<MemberList>, StoreError>;
    /// At most `limit` open rooms that are not archived and whose title has `query` in it, in any case; after the room
    /// `after`, in the order of their titles.
    async fn room_list(
        &self,
        viewer: UserId,
        query: &str,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<RoomList, StoreError>;
    /// At most `limit` of the viewer's groups and rooms that have `query` in their title, or of a group without one in its
    /// other members' names, in any case; the most recently active first.
    async fn conversation_find(
        &self,
        viewer: UserId,
        query: &str,
        limit: u32,
    ) -> Result<Vec<ConversationId>, StoreError>;
    /// Moves the read mark forward, never back and never past the log. Answers where it stands.
    async fn read_mark(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<Seq>, StoreError>;

    // The gateway and the node.

    async fn memberships(&self, user: UserId) -> Result<Memberships, StoreError>;
    /// Whom the user has a direct conversation or a group with, each once, never themselves; at most `limit`, those of the
    /// latest conversations. Rooms do not count.
    async fn contacts(&self, user: UserId, limit: u32) -> Result<Vec<UserId>, StoreError>;
    /// Where everything of the user's stands, and the conversations that `choose` picks in full.
    async fn ready(&self, user: UserId, choose: InFull) -> Result<ReadySnapshot, StoreError>;
    /// Events of a log after `after`, at most `limit`, for filling gaps: no viewer is asked for.
    async fn events_after(&self, stream: Stream, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError>;
    /// The same for several logs at once.
    async fn events_after_each(&self, logs: &[(Stream, Seq)], limit: u32) -> Result<Vec<Vec<Event>>, StoreError> {
        let mut pages = Vec::with_capacity(logs.len());
        for (stream, after) in logs {
            pages.push(self.events_after(*stream, *after, limit).await?);
        }
        Ok(pages)
    }
    /// For each of these entries of inboxes that tell of a membership: the number of the conversation's log that it begins
    /// with, or that was the last of it. Of one that an earlier version wrote, as far as the last membership tells; else
    /// `None`.
    async fn membership_edges(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError>;
    /// For each of these entries of inboxes that tell of a membership that begins: the last number of the conversation's
    /// log that is theirs by it; `None` while it lasts. 0 where an earlier version ended it.
    async fn membership_ends(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError>;
    /// Who has left this conversation, if it is direct, or is back: they have, or had, blocked the other.
    async fn direct_absences(&self, conversation: ConversationId) -> Result<Vec<Absence>, StoreError>;
    /// Where these logs stand; a log that does not exist stands at 0. In the order asked.
    async fn last_seqs(&self, streams: &[Stream]) -> Result<Vec<Seq>, StoreError>;
    /// Whether another process may have committed since the last call. Asked twice a second.
    async fn changed_elsewhere(&self) -> Result<bool, StoreError>;
    /// Whether it can still read and write.
    async fn ping(&self) -> Result<(), StoreError>;
    /// Resolves with the reason once the store has failed for good: see the contract. Never, where that cannot be.
    async fn failed(&self) -> String {
        std::future::pending().await
    }
    /// Finishes what was handed in, then closes. Later calls are `Unavailable`.
    async fn close(&self);
}
