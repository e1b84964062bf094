//! One entry of a log, typed: what the store commits, the bus carries and the timeline applies.

use serde::{Deserialize, Serialize};

use super::conversation::{Conversation, Mine};
use super::ids::{ConversationId, Seq, UserId};
use super::message::{Message, UserRef};

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
    /// In a conversation's log: the message is gone, and this is its tombstone. A replay also says it in place of the
    /// creation and of every change of a message that is gone by now. To who came to a group after the message it is said
    /// in place of its changes: see [`Event::seen_from`].
    MessageDelete(Message),
    /// In a conversation's log: somebody reacted to a message. A replay says it as a [`MessageUpdate`](Self::MessageUpdate).
    ReactionAdd(ReactionChange),
    /// In a conversation's log: somebody took their reaction back. A replay says it as an update, too.
    ReactionRemove(ReactionChange),
    /// In a conversation's log: it has another title, topic, manager or state by now; as it stands since.
    ConversationUpdate(Conversation),
    /// In a conversation's log: somebody joined.
    MemberAdd(UserRef),
    /// In a conversation's log: somebody left or was removed.
    MemberRemove(UserRef),
    /// In an inbox: a conversation is now theirs to see.
    ConversationCreate(Conversation),
    /// In an inbox: a conversation is theirs no longer.
    ConversationDelete(ConversationId),
    /// In an inbox: they keep a conversation in another way since.
    MineUpdate(MineChange),
    /// In any log, of a newer server: an op that this build does not know. Its number counts all the same.
    Unknown(String),
}

impl Event {
    /// As it is told to somebody whose history of the conversation begins at `floor`: of an older message nothing is said
    /// but that it changed. The number is theirs, the text is not.
    #[must_use]
    pub fn seen_from(self, floor: Seq) -> Self {
        let body = match self.body {
            EventBody::MessageUpdate(message) if message.seq < floor => {
                EventBody::MessageDelete(message.tombstone(message.version))
            }
            body => body,
        };
        Self { body, ..self }
    }
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
            Self::ReactionAdd(_) => "REACTION_ADD",
            Self::ReactionRemove(_) => "REACTION_REMOVE",
            // The log that it stands in tells them apart.
            Self::ConversationUpdate(_) | Self::MineUpdate(_) => "CONVERSATION_UPDATE",
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

/// `d` of REACTION_ADD and REACTION_REMOVE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionChange {
    /// The message's.
    pub seq: Seq,
    pub emoji: String,
    pub user: UserRef,
}

/// `d` of CONVERSATION_UPDATE in an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MineChange {
    pub id: ConversationId,
    pub mine: Mine,
}

/// `d` of CONVERSATION_DELETE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationGone {
    pub id: ConversationId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_what_was_before_them_tell_nothing_of_it() {
        let message = Message::new(Seq(4), UserRef::new(UserId(1), "ada"), "secret".into(), "n".into(), 7);
        let message = Message { version: Seq(9), pinned: true, ..message };
        let stream = Stream::Conversation(ConversationId(1));
        let update = Event { stream, seq: Seq(9), body: EventBody::MessageUpdate(message.clone()) };
        for floor in [0, 1, 4] {
            assert_eq!(update.clone().seen_from(Seq(floor)), update, "{floor}");
        }
        let tombstone = EventBody::MessageDelete(message.tombstone(Seq(9)));
        let hidden = update.seen_from(Seq(5));
        assert_eq!((hidden.seq, &hidden.body), (Seq(9), &tombstone));
        assert!(!hidden.encode().contains("secret"));
    }
}
