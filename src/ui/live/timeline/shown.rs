//! What a timeline shows: its rows, and own messages that are not stored yet.

use crate::protocol::{ConversationId, Seq, UserId, UserRef};

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Row {
    /// A day begins: midnight of that day, in milliseconds since 1970-01-01 of the viewer's zone.
    Day {
        local_midnight_ms: i64,
    },
    /// From here on unread.
    New,
    Message(Box<MessageRow>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageRow {
    /// Stays the same from pending to sent, and through each change.
    pub key: String,
    /// None where it has none yet.
    pub conversation: Option<ConversationId>,
    /// None while pending.
    pub seq: Option<Seq>,
    pub nonce: String,
    pub author: UserRef,
    pub content: String,
    pub created_ms: i64,
    pub own: bool,
    pub state: SendState,
    /// Only who wrote when is left of it.
    pub deleted: bool,
    pub edited_ms: Option<i64>,
    pub pinned: bool,
    pub reactions: Vec<ReactionRow>,
    pub reply: Option<Quote>,
    /// First of its author within five minutes: shows avatar and name.
    pub leads: bool,
}

impl MessageRow {
    /// Its own address, once it is stored.
    #[must_use]
    pub fn permalink(&self) -> Option<String> {
        self.conversation.zip(self.seq).map(|(id, seq)| format!("/c/{id}/{seq}"))
    }
}

/// One emoji under a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReactionRow {
    pub emoji: String,
    pub users: Vec<UserId>,
    /// Whether the reader is among them.
    pub mine: bool,
}

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quote {
    pub seq: Seq,
    /// None while it is not known, or where it is not the reader's to see.
    pub message: Option<QuotedMessage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QuotedMessage {
    pub author: UserRef,
    pub content: String,
    pub deleted: bool,
}

/// How an own message stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SendState {
    /// Queued or on its way.
    Pending,
    /// Acknowledged, and so durable.
    Sent,
    /// Not sent; the sentence says why.
    Failed(String),
}

/// An own message that the store has not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub author: UserRef,
    pub nonce: String,
    pub content: String,
    pub created_ms: i64,
    pub reply_to: Option<Seq>,
    pub state: SendState,
}
