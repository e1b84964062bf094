//! The messages of one conversation as the page shows them. Pure: events and pages in, rows out.
//!
//! It owns the join of what was fetched and what arrives live, so that *state + missed events = a fresh
//! fetch*. It holds one unbroken stretch of the log, from its oldest message (or the log's beginning) up to
//! `as_of`, and beyond that the live events that came ahead of their turn. A page that does not touch that
//! stretch replaces it: a hidden gap would look like a conversation that never had those messages. It knows
//! neither sockets nor signals.
//!
//! Edits and deletions will be further arms of [`Timeline::apply`]. A latest page says nothing about changes
//! of older messages: from then on a lost connection must be made up for with the missed events, for which
//! [`Timeline::as_of`] is the cursor, or the page must replace what is held.

mod own;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::{ConversationId, Event, EventBody, Message, MessageList, Seq, Stream, UserId, UserRef};

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
    pub author: UserRef,
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
    /// In the order of sending.
    pending: Vec<Pending>,
    /// Up to here everything of the log is counted in.
    as_of: Seq,
    /// Events that arrived although some between `as_of` and them have not.
    ahead: BTreeSet<Seq>,
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
            ahead: BTreeSet::new(),
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

    #[must_use]
    pub fn oldest_seq(&self) -> Option<Seq> {
        self.messages.keys().next().copied()
    }

    #[must_use]
    pub fn newest_seq(&self) -> Option<Seq> {
        self.messages.keys().next_back().copied()
    }

    /// The newest message up to which nothing is missing: further nobody can have read.
    #[must_use]
    pub fn newest_complete(&self) -> Seq {
        self.newest_seq().unwrap_or_default().min(self.as_of)
    }

    /// Up to here everything of the log is counted in.
    #[must_use]
    pub fn as_of(&self) -> Seq {
        self.as_of
    }

    /// Whether an event is missing between those that came: to be fetched.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// How many messages of others stand after `seq`, among those held.
    #[must_use]
    pub fn unread_after(&self, seq: Seq, me: UserId) -> u32 {
        let unread = self.messages.range(seq.next()..).filter(|(_, m)| m.author.id != me).count();
        u32::try_from(unread).unwrap_or(u32::MAX)
    }

    /// Takes in a live event. What is of another log is left; what is known already changes nothing,
    /// unless it is a newer version.
    pub fn apply(&mut self, event: &Event, me: UserId) {
        if Some(event.stream) != self.conversation.map(Stream::Conversation) {
            return;
        }
        if let EventBody::MessageCreate(message) = &event.body {
            // The stretch up to `as_of` is complete: what it lacks was taken out of the log since.
            if event.seq > self.as_of || self.messages.contains_key(&message.seq) {
                self.insert(message.clone(), me);
            }
        }
        if event.seq > self.as_of {
            self.ahead.insert(event.seq);
            self.advance();
        }
    }

    /// Takes in a newly fetched latest page: joins it to what is held where they touch, or lets it
    /// replace what is held where older events are missing in between.
    pub fn merge_page(&mut self, page: MessageList, me: UserId) {
        let begins = if page.more { page.messages.first().map_or(Seq::ZERO, |m| m.seq) } else { Seq::ZERO };
        let held_begins = self.begins();
        if page.as_of.next() < held_begins {
            // An answer that was overtaken by a later one: nothing in it touches what is shown.
            return;
        }
        if begins > self.as_of.next() {
            self.messages = self.messages.split_off(&begins);
            self.more = page.more;
        } else if begins < held_begins {
            self.more = page.more;
        }
        self.as_of = self.as_of.max(page.as_of);
        for message in page.messages {
            self.insert(message, me);
        }
        self.advance();
    }

    /// Takes in the page of messages just before `before`. An answer to a question asked before the
    /// stretch was replaced is left.
    pub fn older(&mut self, before: Seq, page: MessageList, me: UserId) {
        let held_begins = self.begins();
        if before < held_begins {
            return;
        }
        let begins = if page.more { page.messages.first().map_or(Seq::ZERO, |m| m.seq) } else { Seq::ZERO };
        if begins < held_begins {
            self.more = page.more;
        }
        for message in page.messages {
            self.insert(message, me);
        }
    }

    /// Where the unbroken stretch begins: zero when the log's beginning is held.
    fn begins(&self) -> Seq {
        if self.more { self.oldest_seq().unwrap_or(Seq::ZERO) } else { Seq::ZERO }
    }

    /// Holds a message in its highest version, and forgets the pending one that it is.
    fn insert(&mut self, message: Message, me: UserId) {
        if message.author.id == me {
            self.discard(&message.nonce);
        }
        match self.messages.get(&message.seq) {
            Some(held) if held.version >= message.version => {}
            _ => {
                self.messages.insert(message.seq, message);
            }
        }
    }

    /// Moves `as_of` over the events that follow without a hole.
    fn advance(&mut self) {
        self.ahead = self.ahead.split_off(&self.as_of.next());
        while self.ahead.remove(&self.as_of.next()) {
            self.as_of = self.as_of.next();
        }
    }
}
