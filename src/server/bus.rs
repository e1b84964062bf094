//! The bus: carries what was committed, and what is never stored, to every node that asked for it.
//!
//! # The contract
//!
//! - **A hint, never the truth.** A message may be lost, and may come twice; the store repairs it by seq.
//! - **In order, where it arrives.** Two messages published one after the other by one node on one topic
//!   arrive in that order.
//! - **To all, oneself too.** A node that subscribed to the topic gets what it publishes itself, at once and also
//!   while the bus is away.
//! - **What may be missing is told.** A node that may have been told less than there was gets [`Received::Lost`], and
//!   compares with the store. So it does, too, for a topic from whose beginning something may be missing:
//!   [`Received::LostOf`].
//! - A node may get messages of topics that it did not ask for; it leaves them.
//! - `publish` never waits for a receiver to act on the message, nor for a bus that is away.

pub mod local;
pub mod nats;
mod node;

use async_trait::async_trait;
use thiserror::Error;
use tokio::sync::mpsc;

use crate::protocol::{ConversationId, Event, Seq, SessionId, Stream, UserId};
use crate::server::chatters::Frame;

pub use node::{NodeId, NodeSaid, NodeWord};

/// Whom a message concerns: the members of a conversation, one user, or the nodes themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Conversation(ConversationId),
    User(UserId),
    Nodes,
}

impl From<Stream> for Topic {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Conversation(id) => Self::Conversation(id),
            Stream::Inbox(user) => Self::User(user),
        }
    }
}

impl Topic {
    /// The log whose events it carries.
    #[must_use]
    pub fn stream(self) -> Option<Stream> {
        match self {
            Self::Conversation(id) => Some(Stream::Conversation(id)),
            Self::User(user) => Some(Stream::Inbox(user)),
            Self::Nodes => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct BusMessage {
    pub topic: Topic,
    pub body: BusBody,
}

#[derive(Debug, Clone)]
pub enum BusBody {
    /// A committed event: encoded once, by the node that committed it.
    Event { seq: Seq, frame: Frame, change: Option<MembershipChange> },
    /// State or a passing thing, without a seq: sent on as it is.
    State(Frame),
    /// These sessions ended: their sockets close with 4011.
    SessionsEnded(Vec<SessionId>),
    /// A member of the conversation types: passing, and told to the others of a conversation that is no crowd.
    Typing { user: UserId, frame: Frame },
    /// The user wants to be seen by nobody, or is seen again.
    Hiding(bool),
    /// A node speaks of itself.
    Node(NodeWord),
}

/// What an event changes in the index conversation → connected users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipChange {
    /// In an inbox.
    Joined(ConversationId),
    /// In an inbox.
    Left(ConversationId),
    /// In a conversation's log: nothing later is theirs, even where their inbox has not said so yet.
    Removed(UserId),
    /// In a conversation's log: who is in it sees from now on whether this user is there.
    Added(UserId),
    /// In a direct conversation's log: this user had left before. It is not theirs, even where their inbox has not said so
    /// yet.
    Gone(UserId),
}

impl BusMessage {
    /// The message for a committed event.
    #[must_use]
    pub fn of_event(event: &Event) -> Self {
        use crate::protocol::EventBody;
        let change = match &event.body {
            EventBody::ConversationCreate(conversation) => Some(MembershipChange::Joined(conversation.id)),
            EventBody::ConversationDelete(id) => Some(MembershipChange::Left(*id)),
            EventBody::MemberRemove(user) => Some(MembershipChange::Removed(user.id)),
            EventBody::MemberAdd(user) => Some(MembershipChange::Added(user.id)),
            EventBody::MessageCreate(_)
            | EventBody::MessageUpdate(_)
            | EventBody::MessageDelete(_)
            | EventBody::ReactionAdd(_)
            | EventBody::ReactionRemove(_)
            | EventBody::ConversationUpdate(_)
            | EventBody::MineUpdate(_)
            | EventBody::Unknown(_) => None,
        };
        let body = BusBody::Event { seq: event.seq, frame: Frame::from(event.encode()), change };
        Self { topic: event.stream.into(), body }
    }

    /// The same, of a direct conversation that this user had left before.
    #[must_use]
    pub fn without(mut self, gone: Option<UserId>) -> Self {
        if let (BusBody::Event { change, .. }, Some(user)) = (&mut self.body, gone) {
            change.get_or_insert(MembershipChange::Gone(user));
        }
        self
    }
}

/// What a node receives.
#[derive(Debug, Clone)]
pub enum Received {
    Message(BusMessage),
    /// Messages of any topic may have been lost up to now: compare everything with the store.
    Lost,
    /// The same, of these topics: each message from now on comes, and those since they were asked for may not have.
    LostOf(Vec<Topic>),
}

#[derive(Debug, Error)]
pub enum BusError {
    #[error("the bus is unavailable: {0}")]
    Unavailable(String),
    /// Where it is, as somebody set it, makes no sense.
    #[error("the bus's address {0}")]
    Address(String),
}

#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// An error says that other nodes may not get it; this one does.
    async fn publish(&self, message: BusMessage) -> Result<(), BusError>;
    /// Messages of this topic come to the receiver: from now on, or from the [`Received::LostOf`] on that names it.
    /// Asking twice is asking once.
    async fn subscribe(&self, topic: Topic) -> Result<(), BusError>;
    async fn unsubscribe(&self, topic: Topic) -> Result<(), BusError>;
    /// Whether it answers. What was published before has left this node then.
    async fn ping(&self) -> Result<(), BusError>;
    /// Whether other nodes publish there, too: what they say may be lost where it cannot be told.
    fn is_shared(&self) -> bool {
        false
    }
    /// Whether other nodes are known to be out of reach, for which the store is looked at instead.
    fn is_away(&self) -> bool {
        false
    }
}

/// What a node receives; opening a bus returns it beside the bus, once.
pub type Inbound = mpsc::Receiver<Received>;
