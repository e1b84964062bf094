//! Conversations, in the shapes that server functions answer with and READY carries.

use serde::{Deserialize, Serialize};

use super::ids::{ConversationId, Seq, UserId};
use super::message::UserRef;

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

    /// Whether everybody has left it, so that nobody manages it either.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.member_count == 0 && self.manager.is_none()
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
    /// Those of them that call the member, by name or with everybody.
    #[serde(default, skip_serializing_if = "is_none_of_them")]
    pub mentions: u32,
    /// When something last happened, in milliseconds since 1970-01-01 UTC.
    pub active_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    #[serde(default, skip_serializing_if = "Mine::is_default")]
    pub mine: Mine,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes by reference")]
fn is_none_of_them(count: &u32) -> bool {
    *count == 0
}

/// Conversations, the most recently active first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationList {
    pub conversations: Vec<ConversationSummary>,
    pub more: bool,
}
