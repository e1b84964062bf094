//! The shapes that server functions answer with and READY carries.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::ids::{ConversationId, Seq, UserId};

/// A user as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserRef {
    pub id: UserId,
    pub name: String,
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
}

/// Messages in ascending `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageList {
    pub messages: Vec<Message>,
    /// The log's last number in the same read: live events up to it are already counted in.
    pub as_of: Seq,
    /// Whether there is more in the direction that was asked for (older, when none was).
    pub more: bool,
}

/// A piece of a log, each entry in the form of its gateway frame, in ascending seq.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventList {
    pub events: Vec<Box<RawValue>>,
    pub as_of: Seq,
    pub more: bool,
}

/// What `message-post` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    pub conversation_id: ConversationId,
    pub seq: Seq,
    pub nonce: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationKind {
    Direct,
    Group,
    Room,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    /// Groups and rooms may have one; a direct conversation has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Everyone in a direct conversation or group; empty for a room, which may hold thousands.
    pub members: Vec<UserRef>,
    pub member_count: i64,
}

impl Conversation {
    /// What `me` sees as its name: the title, or the names of the others, or one's own name in a
    /// conversation with oneself.
    #[must_use]
    pub fn name_for(&self, me: UserId) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let others: Vec<&str> = self.members.iter().filter(|m| m.id != me).map(|m| m.name.as_str()).collect();
        if others.is_empty() {
            self.members.first().map(|m| m.name.clone()).unwrap_or_default()
        } else {
            others.join(", ")
        }
    }
}

/// The latest message of a conversation, cut for a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub author: UserRef,
    /// At most 120 characters, on one line.
    pub text: String,
    pub created_ms: i64,
}

/// A conversation as a list shows it to one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationSummary {
    pub conversation: Conversation,
    pub last_seq: Seq,
    pub read_seq: Seq,
    /// Others' messages after `read_seq`, counted up to [`super::limits::UNREAD_MAX`].
    pub unread: u32,
    /// When something last happened, in milliseconds since 1970-01-01 UTC.
    pub active_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
}

/// Conversations, the most recently active first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationList {
    pub conversations: Vec<ConversationSummary>,
    pub more: bool,
}
