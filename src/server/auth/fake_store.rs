//! Users and sessions in memory, for tests of accounts. Knows nothing of conversations. Long because the trait is wide.

mod people;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use crate::protocol::{
    Conversation, ConversationId, ConversationList, ConversationSummary, Edit, Event, MemberList, Message, MessageList,
    Preferences, RoomList, Seq, SessionId, Stream, UserId, UserRef,
};
use crate::server::store::{
    Absence, Amendment, ChatPage, ConversationChange, Credentials, EventPage, InFull, Memberships, NewConversation,
    NewMessage, NewSession, NewUser, Page, Permit, PostedMessage, ReadySnapshot, Session, Store, StoreError, TokenHash,
};

#[derive(Default)]
pub(crate) struct FakeStore {
    users: Mutex<Vec<(NewUser, UserRef)>>,
    sessions: Mutex<Vec<(TokenHash, Session, bool)>>,
    pub(crate) extensions: Mutex<Vec<(SessionId, i64)>>,
    pub(crate) broken: AtomicBool,
    /// Passwords change in the moment before a session is opened.
    pub(crate) overtaken: AtomicBool,
    /// What was committed is told to `committed` before it is answered.
    pub(crate) late: AtomicBool,
    pub(crate) committed: tokio::sync::Notify,
}

fn not_here<T>() -> Result<T, StoreError> {
    Err(StoreError::Internal("the fake store has users and sessions only".into()))
}

impl FakeStore {
    fn living(
        &self,
        wanted: impl Fn(&TokenHash, &Session) -> bool,
        now_ms: i64,
    ) -> Result<Option<Session>, StoreError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("as the test wants it".into()));
        }
        let sessions = self.sessions.lock().unwrap();
        let found = sessions.iter().find(|(hash, s, alive)| *alive && s.expires_ms > now_ms && wanted(hash, s));
        Ok(found.map(|(_, session, _)| session.clone()))
    }

    fn end(&self, id: SessionId) -> bool {
        let mut sessions = self.sessions.lock().unwrap();
        let found = sessions.iter_mut().find(|(_, s, alive)| *alive && s.id == id);
        found.map(|(_, _, alive)| *alive = false).is_some()
    }

    async fn answer(&self) {
        if self.late.load(Ordering::Relaxed) {
            self.committed.notify_one();
            tokio::task::yield_now().await;
        }
    }

    /// As if it had last been used then.
    pub(crate) fn age(&self, id: SessionId, seen_ms: i64) {
        let mut sessions = self.sessions.lock().unwrap();
        sessions.iter_mut().filter(|(_, s, _)| s.id == id).for_each(|(_, s, _)| s.seen_ms = seen_ms);
    }
}

#[async_trait]
impl Store for FakeStore {
    async fn user_create(&self, user: NewUser) -> Result<UserRef, StoreError> {
        let created = {
            let mut users = self.users.lock().unwrap();
            if users.iter().any(|(known, _)| known.folded == user.folded) {
                return Err(StoreError::NameTaken);
            }
            let created = UserRef::new(UserId(users.len() as i64 + 1), user.name.clone());
            users.push((user, created.clone()));
            created
        };
        self.answer().await;
        Ok(created)
    }

    async fn user_by_id(&self, id: UserId) -> Result<Option<UserRef>, StoreError> {
        Ok(self.users.lock().unwrap().iter().find(|(_, user)| user.id == id).map(|(_, user)| user.clone()))
    }

    async fn user_by_name(&self, folded: &str) -> Result<Option<UserRef>, StoreError> {
        Ok(self.users.lock().unwrap().iter().find(|(new, _)| new.folded == folded).map(|(_, user)| user.clone()))
    }

    async fn credentials(&self, folded: &str) -> Result<Option<Credentials>, StoreError> {
        let users = self.users.lock().unwrap();
        let found = users.iter().find(|(new, _)| new.folded == folded);
        Ok(found.map(|(new, user)| Credentials { user: user.clone(), password_hash: new.password_hash.clone() }))
    }

    async fn user_names(&self) -> Result<Vec<UserRef>, StoreError> {
        Ok(self.users.lock().unwrap().iter().map(|(_, user)| user.clone()).collect())
    }

    async fn password_set(
        &self,
        user: UserId,
        expected: Option<String>,
        password_hash: String,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let ended = {
            let mut users = self.users.lock().unwrap();
            let (new, _) = users.iter_mut().find(|(_, known)| known.id == user).ok_or(StoreError::NotFound)?;
            if expected.is_some() && new.password_hash != expected {
                return Err(StoreError::PasswordChanged);
            }
            new.password_hash = Some(password_hash);
            let mut sessions = self.sessions.lock().unwrap();
            let ending = sessions.iter_mut().filter(|(_, s, alive)| *alive && s.user.id == user && Some(s.id) != keep);
            ending.map(|(_, s, alive)| (*alive = false, s.id).1).collect()
        };
        self.answer().await;
        Ok(ended)
    }

    async fn session_create(&self, session: NewSession) -> Result<SessionId, StoreError> {
        let user = self.user_by_id(session.user).await?.ok_or(StoreError::NotFound)?;
        if self.overtaken.load(Ordering::Relaxed) {
            self.password_set(user.id, None, "another".into(), None).await?;
        }
        if let Some(replaced) = session.replaces {
            self.end(replaced);
        }
        let id = {
            let mut sessions = self.sessions.lock().unwrap();
            let id = SessionId(sessions.len() as i64 + 1);
            let opened = Session {
                id,
                user,
                seen_ms: session.now_ms,
                expires_ms: session.expires_ms,
                preferences: Preferences::default(),
            };
            sessions.push((session.token_hash, opened, true));
            id
        };
        self.answer().await;
        Ok(id)
    }

    async fn session_by_token(&self, token_hash: TokenHash, now_ms: i64) -> Result<Option<Session>, StoreError> {
        self.living(|hash, _| *hash == token_hash, now_ms)
    }

    async fn session_by_id(&self, id: SessionId, now_ms: i64) -> Result<Option<Session>, StoreError> {
        self.living(|_, session| session.id == id, now_ms)
    }

    async fn session_extend(&self, id: SessionId, seen_ms: i64, expires_ms: i64) -> Result<(), StoreError> {
        self.age(id, seen_ms);
        self.extensions.lock().unwrap().push((id, expires_ms - seen_ms));
        Ok(())
    }

    async fn session_end(&self, id: SessionId) -> Result<bool, StoreError> {
        let ended = self.end(id);
        self.answer().await;
        Ok(ended)
    }

    async fn message_post(&self, _: NewMessage) -> Result<PostedMessage, StoreError> {
        not_here()
    }
    async fn message_amend(&self, _: UserId, _: ConversationId, _: Seq, _: Amendment) -> Result<Message, StoreError> {
        not_here()
    }
    async fn message_history(&self, _: UserId, _: ConversationId, _: Seq) -> Result<Option<Vec<Edit>>, StoreError> {
        not_here()
    }
    async fn message_pinned(
        &self,
        _: UserId,
        _: ConversationId,
        _: Option<Seq>,
        _: u32,
    ) -> Result<Option<MessageList>, StoreError> {
        not_here()
    }
    async fn message_list(
        &self,
        _: UserId,
        _: ConversationId,
        _: Page,
        _: u32,
    ) -> Result<Option<MessageList>, StoreError> {
        not_here()
    }
    async fn event_list(&self, _: UserId, _: ConversationId, _: Seq, _: u32) -> Result<Option<EventPage>, StoreError> {
        not_here()
    }
    async fn conversation_list(
        &self,
        _: UserId,
        _: Option<ConversationId>,
        _: u32,
    ) -> Result<ConversationList, StoreError> {
        not_here()
    }
    async fn conversation(&self, _: UserId, _: ConversationId) -> Result<Option<ConversationSummary>, StoreError> {
        not_here()
    }
    async fn chat_page(
        &self,
        _: UserId,
        _: Option<ConversationId>,
        _: u32,
        _: Option<(ConversationId, Page)>,
        _: u32,
    ) -> Result<ChatPage, StoreError> {
        not_here()
    }
    async fn direct_find(&self, _: UserId, _: UserId) -> Result<Option<ConversationId>, StoreError> {
        not_here()
    }
    async fn conversation_create(&self, _: NewConversation) -> Result<Conversation, StoreError> {
        not_here()
    }
    async fn conversation_update(
        &self,
        _: UserId,
        _: ConversationId,
        _: ConversationChange,
        _: Permit,
    ) -> Result<Conversation, StoreError> {
        not_here()
    }
    async fn members_add(
        &self,
        _: UserId,
        _: ConversationId,
        _: Vec<UserId>,
        _: Permit,
    ) -> Result<Conversation, StoreError> {
        not_here()
    }
    async fn member_remove(&self, _: UserId, _: ConversationId, _: UserId, _: Permit) -> Result<(), StoreError> {
        not_here()
    }
    async fn member_list(
        &self,
        _: UserId,
        _: ConversationId,
        _: Option<UserId>,
        _: u32,
    ) -> Result<Option<MemberList>, StoreError> {
        not_here()
    }
    async fn room_list(&self, _: UserId, _: &str, _: Option<ConversationId>, _: u32) -> Result<RoomList, StoreError> {
        not_here()
    }
    async fn conversation_find(&self, _: UserId, _: &str, _: u32) -> Result<Vec<ConversationId>, StoreError> {
        not_here()
    }
    async fn read_mark(&self, _: UserId, _: ConversationId, _: Seq) -> Result<Option<Seq>, StoreError> {
        not_here()
    }
    async fn memberships(&self, _: UserId) -> Result<Memberships, StoreError> {
        not_here()
    }
    async fn contacts(&self, _: UserId, _: u32) -> Result<Vec<UserId>, StoreError> {
        not_here()
    }
    async fn ready(&self, _: UserId, _: InFull) -> Result<ReadySnapshot, StoreError> {
        not_here()
    }
    async fn events_after(&self, _: Stream, _: Seq, _: u32) -> Result<Vec<Event>, StoreError> {
        not_here()
    }
    async fn membership_edges(&self, _: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        not_here()
    }
    async fn membership_ends(&self, _: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        not_here()
    }
    async fn direct_absences(&self, _: ConversationId) -> Result<Vec<Absence>, StoreError> {
        not_here()
    }
    async fn last_seqs(&self, _: &[Stream]) -> Result<Vec<Seq>, StoreError> {
        not_here()
    }
    async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
    async fn close(&self) {}
}
