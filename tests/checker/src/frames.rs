//! The wire as the checker reads it: only what it judges, everything else is left.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A gateway frame, or an entry of `event-list`. One shape for all ops, so that it is read in one pass.
#[derive(Debug, Deserialize)]
pub struct Frame {
    pub op: String,
    pub c: Option<i64>,
    pub s: Option<i64>,
    #[serde(default)]
    pub d: Body,
}

/// The fields of all bodies together.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Body {
    pub content: Option<String>,
    pub author: Option<UserRef>,
    pub nonce: Option<String>,
    /// A user in READY, MEMBER_ADD and REACTION_ADD, a number in READ_UPDATE.
    pub user: Option<Box<RawValue>>,
    pub marks: Vec<(i64, i64, i64, i64)>,
    pub reset: Vec<i64>,
    pub part: Option<u32>,
    pub parts: Option<u32>,
    pub inbox: Option<InboxState>,
    pub conversations: Vec<Full>,
    pub code: Option<String>,
    /// The message that a change is about.
    pub seq: Option<i64>,
    pub version: Option<i64>,
    pub edited_ms: Option<i64>,
    pub pinned: bool,
    pub reactions: Vec<Reaction>,
    pub deleted: bool,
    /// Of one reaction.
    pub emoji: Option<String>,
    /// Where and how far somebody has read.
    pub conversation: Option<i64>,
    pub read_seq: Option<i64>,
    /// A conversation's, with who is in it.
    pub id: Option<i64>,
    pub members: Vec<UserRef>,
}

/// Where READY says that the inbox stands.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct InboxState {
    pub s: i64,
    #[serde(default)]
    pub reset: bool,
}

/// A conversation that READY tells in full.
#[derive(Debug, Deserialize)]
pub struct Full {
    pub id: i64,
    #[serde(default)]
    pub members: Vec<UserRef>,
}

/// One emoji on a message.
#[derive(Debug, Clone, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub users: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserRef {
    pub id: i64,
    pub name: String,
}

/// A page of `event-list`.
#[derive(Debug, Deserialize)]
pub struct EventPage {
    pub events: Vec<Frame>,
    pub as_of: i64,
    pub more: bool,
}

#[derive(Debug, Deserialize)]
pub struct Message {
    pub seq: i64,
    pub version: i64,
    pub author: UserRef,
    pub content: String,
    pub nonce: String,
    pub edited_ms: Option<i64>,
    #[serde(default)]
    pub pinned: bool,
    #[serde(default)]
    pub reactions: Vec<Reaction>,
    #[serde(default)]
    pub deleted: bool,
}

/// What `message-history` answers.
#[derive(Debug, Deserialize)]
pub struct Edits {
    pub edits: Vec<Edit>,
}

/// What a message said at a time.
#[derive(Debug, Deserialize)]
pub struct Edit {
    pub content: String,
}

/// A page of `member-list`.
#[derive(Debug, Deserialize)]
pub struct MemberPage {
    pub members: Vec<UserRef>,
    pub more: bool,
}

/// What `reader-list` answers: of each member how far they have read.
#[derive(Debug, Deserialize)]
pub struct ReaderList {
    pub readers: Vec<(i64, i64)>,
}

/// A page of `message-list`.
#[derive(Debug, Deserialize)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    pub as_of: i64,
    pub more: bool,
}

#[derive(Debug, Deserialize)]
pub struct ConversationId {
    pub id: i64,
}

/// An entry of `conversation-list`.
#[derive(Debug, Deserialize)]
pub struct Conversation {
    pub conversation: ConversationId,
    pub last_seq: i64,
    pub read_seq: i64,
    pub unread: i64,
}

/// A page of `conversation-list`.
#[derive(Debug, Deserialize)]
pub struct ConversationList {
    pub conversations: Vec<Conversation>,
    pub more: bool,
}

/// What `message-post` answers.
#[derive(Debug, Deserialize)]
pub struct Posted {
    pub conversation_id: i64,
    pub seq: i64,
    pub nonce: String,
}
