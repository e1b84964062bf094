//! The messages of one conversation as the page shows them. Pure: events in, rows out.

use std::collections::BTreeMap;

use crate::protocol::{ConversationId, Message, MessageList, Seq, UserRef};

/// How an own message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub nonce: String,
    pub content: String,
    pub created_ms: i64,
    pub state: SendState,
}

/// The state; see [`Timeline::rows`] for what is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    conversation: Option<ConversationId>,
    messages: BTreeMap<Seq, Message>,
    pending: Vec<Pending>,
    as_of: Seq,
    more: bool,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A day begins: midnight of that day, in milliseconds since 1970-01-01 of the viewer's zone.
    Day {
        local_midnight_ms: i64,
    },
    /// From here on unread.
    New,
    Message(MessageRow),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Stays the same from pending to sent.
    pub key: String,
    /// None while pending.
    pub seq: Option<Seq>,
    pub nonce: String,
    pub author: UserRef,
    pub content: String,
    pub created_ms: i64,
    pub own: bool,
    pub state: SendState,
    /// First of its author within five minutes: shows avatar and name.
    pub leads: bool,
}

impl Timeline {
    /// Starts from a fetched page.
    #[must_use]
    pub fn from_page(conversation: ConversationId, page: MessageList) -> Self {
        Self {
            conversation: Some(conversation),
            messages: page.messages.into_iter().map(|m| (m.seq, m)).collect(),
            pending: Vec::new(),
            as_of: page.as_of,
            more: page.more,
        }
    }

    #[must_use]
    pub fn conversation(&self) -> Option<ConversationId> {
        self.conversation
    }

    /// Whether older messages exist that are not here.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.more
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.pending.is_empty()
    }
}
