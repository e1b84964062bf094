//! The shapes that server functions answer with and READY carries.

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

/// All that a message said, the oldest first; the last entry is what it says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditList {
    pub edits: Vec<Edit>,
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
    /// What it is about, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Who manages it; nobody manages a direct conversation, nor what an operator made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<UserId>,
    /// A room that everybody finds and may join.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// It can be read, and nothing of it changes any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Everyone in a direct conversation or group; empty for a room, which may hold thousands.
    pub members: Vec<UserRef>,
    pub member_count: i64,
}

impl Conversation {
    /// With these members and no more to say of it.
    #[must_use]
    pub fn new(id: ConversationId, kind: ConversationKind, title: Option<String>, members: Vec<UserRef>) -> Self {
        let member_count = i64::try_from(members.len()).unwrap_or(i64::MAX);
        Self { id, kind, title, topic: None, manager: None, open: false, archived: false, members, member_count }
    }

    /// What `me` sees as its name: the title, or the names of the others, or one's own name in a
    /// conversation with oneself.
    #[must_use]
    pub fn name_for(&self, me: UserId) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let others: Vec<&str> = self.members.iter().filter(|m| m.id != me).map(UserRef::shown).collect();
        if others.is_empty() {
            self.members.first().map(|m| m.shown().to_owned()).unwrap_or_default()
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

/// Of what in a conversation a member wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    All,
    Mentions,
    Nothing,
}

/// How a member keeps a conversation: theirs alone, the same on all of their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mine {
    pub level: Level,
    /// It stands at the top of the list.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// It was marked as unread, whatever is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
}

impl Mine {
    /// Whether nothing was ever chosen.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
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
    #[serde(default, skip_serializing_if = "Mine::is_default")]
    pub mine: Mine,
}

/// Conversations, the most recently active first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationList {
    pub conversations: Vec<ConversationSummary>,
    pub more: bool,
}
