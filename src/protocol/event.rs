//! One entry of a log, typed: what the store commits, the bus carries and the timeline applies.

use serde::{Deserialize, Serialize};

use super::ids::{ConversationId, Seq, UserId};
use super::message::{Conversation, Message, UserRef};

/// Which log: a conversation's, or a user's private one (their inbox).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    Conversation(ConversationId),
    Inbox(UserId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub stream: Stream,
    pub seq: Seq,
    pub body: EventBody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventBody {
    /// In a conversation's log.
    MessageCreate(Message),
    /// In a conversation's log: the message as it stands since, in a version that its log has reached by now.
    MessageUpdate(Message),
    /// In a conversation's log: the message of this seq is gone. A replay also says it in place of the creation and
    /// of every change of a message that is gone by now.
    MessageDelete(Seq),
    /// In a conversation's log: somebody joined.
    MemberAdd(UserRef),
    /// In a conversation's log: somebody left or was removed.
    MemberRemove(UserRef),
    /// In an inbox: a conversation is now theirs to see.
    ConversationCreate(Conversation),
    /// In an inbox: a conversation is theirs no longer.
    ConversationDelete(ConversationId),
    /// In any log, of a newer server: an op that this build does not know. Its number counts all the same.
    Unknown(String),
}

impl EventBody {
    /// The wire's name for it.
    #[must_use]
    pub fn op(&self) -> &'static str {
        match self {
            Self::MessageCreate(_) => "MESSAGE_CREATE",
            Self::MessageUpdate(_) => "MESSAGE_UPDATE",
            Self::MessageDelete(_) => "MESSAGE_DELETE",
            Self::MemberAdd(_) => "MEMBER_ADD",
            Self::MemberRemove(_) => "MEMBER_REMOVE",
            Self::ConversationCreate(_) => "CONVERSATION_CREATE",
            Self::ConversationDelete(_) => "CONVERSATION_DELETE",
            // Its own name is the wire's.
            Self::Unknown(_) => "UNKNOWN",
        }
    }
}

/// `d` of MEMBER_ADD and MEMBER_REMOVE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    pub user: UserRef,
}

/// `d` of MESSAGE_DELETE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageGone {
    pub seq: Seq,
}

/// `d` of CONVERSATION_DELETE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationGone {
    pub id: ConversationId,
}
