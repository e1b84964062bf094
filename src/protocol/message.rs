//! Users and messages, in the shapes that server functions answer with and frames carry.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::ids::{ConversationId, Seq, UserId};
use super::reaction::Reaction;

/// A user as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserRef {
    pub id: UserId,
    /// Unique: what mentions and addresses use.
    pub name: String,
    /// What is shown in its place, where they chose something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl UserRef {
    /// Somebody who is shown by their name.
    #[must_use]
    pub fn new(id: UserId, name: impl Into<String>) -> Self {
        Self { id, name: name.into(), display: None }
    }

    /// What people read.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.display.as_deref().unwrap_or(&self.name)
    }
}

/// A message as it stands now. Its identity is (conversation, `seq`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Number of the event that created it.
    pub seq: Seq,
    /// Number of the event that last changed it; equals `seq` until then.
    pub version: Seq,
    pub author: UserRef,
    pub content: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub created_ms: i64,
    /// What the author's client called it before the server gave it a number.
    pub nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// When its text was last changed, in milliseconds since 1970-01-01 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// In the order in which each emoji came first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// A tombstone: it says who wrote when, and nothing else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Message {
    /// As it is when it was just posted.
    #[must_use]
    pub fn new(seq: Seq, author: UserRef, content: String, nonce: String, created_ms: i64) -> Self {
        Self {
            seq,
            version: seq,
            author,
            content,
            created_ms,
            nonce,
            reply_to: None,
            edited_ms: None,
            pinned: false,
            reactions: Vec::new(),
            deleted: false,
        }
    }

    /// What is left of it once it is deleted, by the event `version`.
    #[must_use]
    pub fn tombstone(&self, version: Seq) -> Self {
        let (author, nonce) = (self.author.clone(), self.nonce.clone());
        Self { version, deleted: true, ..Self::new(self.seq, author, String::new(), nonce, self.created_ms) }
    }
}

/// Messages in ascending `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageList {
    pub messages: Vec<Message>,
    /// What these answer and is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quoted: Vec<Message>,
    /// The log's last number in the same read: live events up to it are already counted in.
    pub as_of: Seq,
    /// Whether there is more in the direction that was asked for (older, when none was).
    pub more: bool,
    /// Around a message: whether there are newer ones than these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newer: bool,
}

/// A piece of a log, each entry in the form of its gateway frame, in ascending seq.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventList {
    pub events: Vec<Box<RawValue>>,
    pub as_of: Seq,
    pub more: bool,
}

/// What a message said at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub content: String,
    /// When it was written, in milliseconds since 1970-01-01 UTC.
    pub written_ms: i64,
}

impl Edit {
    /// What a message says now.
    #[must_use]
    pub fn now(message: Message) -> Self {
        Self { content: message.content, written_ms: message.edited_ms.unwrap_or(message.created_ms) }
    }
}

/// What a message said, the oldest first: the latest [`EDITS`](super::limits::EDITS), and last what it says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditList {
    pub edits: Vec<Edit>,
}

/// Who reacted with one emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reactors {
    pub emoji: String,
    pub count: i64,
    /// In the order in which they reacted; the first hundred.
    pub users: Vec<UserRef>,
}

/// Who reacted to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionList {
    pub reactions: Vec<Reactors>,
}

/// What `message-post` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    pub conversation_id: ConversationId,
    pub seq: Seq,
    pub nonce: String,
}
