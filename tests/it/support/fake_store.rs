//! A store in memory: what the gateway and delivery need of the contract, and nothing else.
//!
//! Tests change it directly: with the event published, as this process's commits are, or silently, as another
//! process's are.

mod people;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use chatter::protocol::frame::Mark;
use chatter::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationList, ConversationSummary, Edit, Event, EventBody,
    MemberList, Message, MessageList, Preferences, RoomList, Seq, SessionId, Stream, UserId, UserRef,
};
use chatter::server::store::{
    Absence, Amendment, ChatPage, Commit, Committed, ConversationChange, Credentials, EventPage, InFull, Memberships,
    NewConversation, NewMessage, NewSession, NewUser, Page, Permit, PostedMessage, ReadySnapshot, Session, Store,
    StoreError, TokenHash,
};
use tokio::sync::mpsc;

#[derive(Default)]
struct State {
    users: HashMap<UserId, UserRef>,
    sessions: HashMap<SessionId, (UserId, TokenHash)>,
    members: HashMap<ConversationId, Vec<UserRef>>,
    logs: HashMap<Stream, Vec<Event>>,
    /// Where memberships begin and end, by the inboxes' entries that tell of it.
    edges: HashMap<(UserId, Seq), Seq>,
    /// Who left what without a word in its log, or is back.
    absences: HashMap<ConversationId, Vec<Absence>>,
    hiding: HashSet<UserId>,
}

pub struct FakeStore {
    state: Mutex<State>,
    committed: mpsc::Sender<Commit>,
    /// What [`Store::changed_elsewhere`] answers next.
    pub changed: AtomicBool,
    /// Held by a test: `memberships` has read, and does not answer yet.
    pub memberships_gate: tokio::sync::Mutex<()>,
    /// Held by a test: `events_after` of this conversation does not answer yet.
    events_gate: tokio::sync::Mutex<()>,
    gated: Mutex<Option<Stream>>,
    /// So many of the next reads of events fail.
    pub failing_reads: AtomicU32,
    /// How often [`Store::last_seqs`] was asked.
    pub comparisons: AtomicU32,
    /// How often [`Store::events_after`] was asked.
    pub event_reads: AtomicU32,
}

fn not_here<T>() -> Result<T, StoreError> {
    Err(StoreError::Internal("the fake store does not do this".into()))
}

impl FakeStore {
    pub fn open() -> (Self, Committed) {
        let (committed, receiver) = mpsc::channel(64);
        let store = Self {
            state: Mutex::default(),
            committed,
            changed: AtomicBool::new(false),
            memberships_gate: tokio::sync::Mutex::default(),
            events_gate: tokio::sync::Mutex::default(),
            gated: Mutex::default(),
            failing_reads: AtomicU32::new(0),
            comparisons: AtomicU32::new(0),
            event_reads: AtomicU32::new(0),
        };
        (store, receiver)
    }

    /// Until what is answered is dropped, reads of this log's events wait.
    pub async fn hold_back(&self, stream: Stream) -> tokio::sync::MutexGuard<'_, ()> {
        *self.gated.lock().unwrap() = Some(stream);
        self.events_gate.lock().await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn user(&self, id: i64, name: &str) -> UserId {
        self.state().users.insert(UserId(id), UserRef::new(UserId(id), name));
        UserId(id)
    }

    pub fn session(&self, id: i64, user: UserId, token_hash: TokenHash) -> SessionId {
        self.state().sessions.insert(SessionId(id), (user, token_hash));
        SessionId(id)
    }

    /// Ends a session without telling anybody, as another process does.
    pub fn drop_session(&self, id: SessionId) {
        self.state().sessions.remove(&id);
    }

    pub async fn publish(&self, events: Vec<Event>) {
        self.committed.send(events.into()).await.unwrap();
    }

    fn append(&self, stream: Stream, body: impl FnOnce(Seq) -> EventBody) -> Event {
        let mut state = self.state();
        let log = state.logs.entry(stream).or_default();
        let seq = Seq(i64::try_from(log.len()).unwrap() + 1);
        log.push(Event { stream, seq, body: body(seq) });
        log.last().unwrap().clone()
    }

    /// Makes a user a member, without publishing it. Answers the events: the conversation's, then the inbox's.
    pub fn add_member(&self, conversation: i64, user: UserId) -> Vec<Event> {
        let id = ConversationId(conversation);
        let member = self.state().users[&user].clone();
        self.state().members.entry(id).or_default().push(member.clone());
        let body = EventBody::ConversationCreate(self.shape(id));
        self.told_of(user, self.append(Stream::Conversation(id), |_| EventBody::MemberAdd(member)), body)
    }

    pub fn remove_member(&self, conversation: i64, user: UserId) -> Vec<Event> {
        let id = ConversationId(conversation);
        let member = self.state().users[&user].clone();
        self.state().members.entry(id).or_default().retain(|one| one.id != user);
        let event = self.append(Stream::Conversation(id), |_| EventBody::MemberRemove(member));
        self.told_of(user, event, EventBody::ConversationDelete(id))
    }

    /// Ends a membership of which the log says nothing, as blocking does; without publishing it.
    pub fn leave_unsaid(&self, conversation: i64, user: UserId) -> Event {
        let id = ConversationId(conversation);
        self.state().members.entry(id).or_default().retain(|one| one.id != user);
        let told = self.append(Stream::Inbox(user), |_| EventBody::ConversationDelete(id));
        let last = self.last(Stream::Conversation(id));
        self.state().edges.insert((user, told.seq), last);
        self.absent(id, Absence { user, seq: last, is_over: false });
        told
    }

    /// Somebody wants to be seen by nobody, or is seen again; without a word of it on the bus.
    pub fn hide_unsaid(&self, user: UserId, hides: bool) {
        let hiding = &mut self.state().hiding;
        let _changed = if hides { hiding.insert(user) } else { hiding.remove(&user) };
    }

    /// The other way round.
    pub fn return_unsaid(&self, conversation: i64, user: UserId) -> Event {
        let id = ConversationId(conversation);
        let member = self.state().users[&user].clone();
        self.state().members.entry(id).or_default().push(member);
        let body = EventBody::ConversationCreate(self.shape(id));
        let told = self.append(Stream::Inbox(user), |_| body);
        let last = self.last(Stream::Conversation(id));
        self.absent(id, Absence { user, seq: last, is_over: true });
        self.state().edges.insert((user, told.seq), last.next());
        told
    }

    fn absent(&self, id: ConversationId, absence: Absence) {
        let mut state = self.state();
        let absences = state.absences.entry(id).or_default();
        absences.retain(|known| known.user != absence.user);
        absences.push(absence);
    }

    /// Enters in the user's inbox what `event` of a conversation means to them.
    fn told_of(&self, user: UserId, event: Event, body: EventBody) -> Vec<Event> {
        let told = self.append(Stream::Inbox(user), |_| body);
        self.state().edges.insert((user, told.seq), event.seq);
        vec![event, told]
    }

    /// Commits a message, without publishing it.
    pub fn commit(&self, conversation: i64, author: UserId, content: &str) -> Event {
        let author = self.state().users[&author].clone();
        let message = |seq| {
            EventBody::MessageCreate(Message::new(seq, author, content.into(), format!("n{seq}"), 1_700_000_000_000))
        };
        self.append(Stream::Conversation(ConversationId(conversation)), message)
    }

    /// Commits a message and publishes it.
    pub async fn post(&self, conversation: i64, author: UserId, content: &str) {
        let event = self.commit(conversation, author, content);
        self.publish(vec![event]).await;
    }

    fn shape(&self, id: ConversationId) -> Conversation {
        let members = self.state().members.get(&id).cloned().unwrap_or_default();
        Conversation::new(id, ConversationKind::Group, Some("tea".into()), members)
    }

    fn last(&self, stream: Stream) -> Seq {
        Seq(self.state().logs.get(&stream).map_or(0, |log| i64::try_from(log.len()).unwrap()))
    }

    /// The last MEMBER_ADD of this user.
    fn joined(&self, conversation: ConversationId, user: UserId) -> Seq {
        let state = self.state();
        let log = state.logs.get(&Stream::Conversation(conversation)).map_or(&[][..], Vec::as_slice);
        let joining = |event: &&Event| matches!(&event.body, EventBody::MemberAdd(member) if member.id == user);
        log.iter().rfind(joining).map_or(Seq::ZERO, |event| event.seq)
    }

    fn conversations_of(&self, user: UserId) -> Vec<(ConversationId, Seq)> {
        let mut ids: Vec<ConversationId> = self
            .state()
            .members
            .iter()
            .filter(|(_, members)| members.iter().any(|member| member.id == user))
            .map(|(id, _)| *id)
            .collect();
        ids.sort_unstable();
        ids.into_iter().map(|id| (id, self.last(Stream::Conversation(id)))).collect()
    }

    fn events(&self, stream: Stream, after: Seq, limit: u32) -> Vec<Event> {
        let state = self.state();
        let log = state.logs.get(&stream).map_or(&[][..], Vec::as_slice);
        log.iter().filter(|event| event.seq > after).take(limit as usize).cloned().collect()
    }
}

#[async_trait]
impl Store for FakeStore {
    async fn session_by_token(&self, token_hash: TokenHash, now_ms: i64) -> Result<Option<Session>, StoreError> {
        let id = self.state().sessions.iter().find(|(_, (_, hash))| *hash == token_hash).map(|(id, _)| *id);
        match id {
            Some(id) => self.session_by_id(id, now_ms).await,
            None => Ok(None),
        }
    }

    async fn session_by_id(&self, id: SessionId, _: i64) -> Result<Option<Session>, StoreError> {
        let state = self.state();
        let session = state.sessions.get(&id).map(|(user, _)| state.users[user].clone());
        Ok(session.map(|user| Session {
            id,
            user,
            seen_ms: 0,
            expires_ms: i64::MAX,
            preferences: Preferences::default(),
        }))
    }

    async fn event_list(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<EventPage>, StoreError> {
        let Some((_, as_of)) = self.conversations_of(viewer).into_iter().find(|(id, _)| *id == conversation) else {
            return Ok(None);
        };
        let events = self.events(Stream::Conversation(conversation), after, limit);
        let more = events.last().is_some_and(|event| event.seq < as_of);
        Ok(Some(EventPage { events, as_of, more }))
    }

    async fn memberships(&self, user: UserId) -> Result<Memberships, StoreError> {
        let (inbox_seq, conversations) = (self.last(Stream::Inbox(user)), self.conversations_of(user));
        let memberships = Memberships { inbox_seq, conversations, floors: Vec::new() };
        let _open = self.memberships_gate.lock().await;
        Ok(memberships)
    }

    async fn contacts(&self, user: UserId, limit: u32) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let theirs = state.members.values().filter(|members| members.iter().any(|member| member.id == user));
        let mut contacts: Vec<_> = theirs.flatten().map(|member| member.id).filter(|id| *id != user).collect();
        contacts.sort_unstable();
        contacts.dedup();
        contacts.truncate(limit as usize);
        Ok(contacts)
    }

    async fn ready(&self, user: UserId, choose: InFull) -> Result<ReadySnapshot, StoreError> {
        let conversations = self.conversations_of(user);
        let mut snapshot = ReadySnapshot {
            inbox_seq: self.last(Stream::Inbox(user)),
            marks: conversations.iter().map(|(id, last)| Mark(*id, *last, Seq(0), 0)).collect(),
            joined: conversations.iter().map(|(id, _)| self.joined(*id, user)).collect(),
            floors: Vec::new(),
            mine: Vec::new(),
            mentions: Vec::new(),
            conversations: Vec::new(),
        };
        let chosen = choose(&snapshot);
        snapshot.conversations =
            conversations.iter().filter(|(id, _)| chosen.contains(id)).map(|(id, _)| self.shape(*id)).collect();
        Ok(snapshot)
    }

    async fn events_after(&self, stream: Stream, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.event_reads.fetch_add(1, Ordering::Relaxed);
        let fails = self.failing_reads.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if fails.is_ok() {
            return Err(StoreError::Unavailable("on purpose".into()));
        }
        let gated = *self.gated.lock().unwrap() == Some(stream);
        if gated {
            let _open = self.events_gate.lock().await;
        }
        Ok(self.events(stream, after, limit))
    }

    async fn membership_edges(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        let state = self.state();
        Ok(entries.iter().map(|entry| state.edges.get(entry).copied()).collect())
    }

    async fn membership_ends(&self, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
        let state = self.state();
        let end = |(user, entry): &(UserId, Seq)| {
            let inbox = &state.logs[&Stream::Inbox(*user)];
            let began = inbox.iter().find(|event| event.seq == *entry)?;
            let EventBody::ConversationCreate(conversation) = &began.body else { return None };
            let ends = |event: &&Event| event.body == EventBody::ConversationDelete(conversation.id);
            let ended = inbox.iter().filter(|event| event.seq > *entry).find(ends)?;
            Some(state.edges[&(*user, ended.seq)])
        };
        Ok(entries.iter().map(end).collect())
    }

    async fn direct_absences(&self, conversation: ConversationId) -> Result<Vec<Absence>, StoreError> {
        Ok(self.state().absences.get(&conversation).cloned().unwrap_or_default())
    }

    async fn last_seqs(&self, streams: &[Stream]) -> Result<Vec<Seq>, StoreError> {
        self.comparisons.fetch_add(1, Ordering::Relaxed);
        Ok(streams.iter().map(|stream| self.last(*stream)).collect())
    }

    async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        Ok(self.changed.swap(false, Ordering::Relaxed))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {}

    async fn user_create(&self, _: NewUser) -> Result<UserRef, StoreError> {
        not_here()
    }
    async fn user_by_id(&self, id: UserId) -> Result<Option<UserRef>, StoreError> {
        Ok(self.state().users.get(&id).cloned())
    }
    async fn user_by_name(&self, _: &str) -> Result<Option<UserRef>, StoreError> {
        not_here()
    }
    async fn credentials(&self, _: &str) -> Result<Option<Credentials>, StoreError> {
        not_here()
    }
    async fn user_names(&self) -> Result<Vec<UserRef>, StoreError> {
        not_here()
    }
    async fn password_set(
        &self,
        _: UserId,
        _: Option<String>,
        _: String,
        _: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        not_here()
    }
    async fn session_create(&self, _: NewSession) -> Result<SessionId, StoreError> {
        not_here()
    }
    async fn session_extend(&self, _: SessionId, _: i64, _: i64) -> Result<(), StoreError> {
        not_here()
    }
    async fn session_end(&self, _: SessionId) -> Result<bool, StoreError> {
        not_here()
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
}
