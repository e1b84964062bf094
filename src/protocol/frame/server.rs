//! What a server sends. Reading takes what it knows and leaves the rest.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{In, out, out_event};
use super::message_out::MessageOut;
use crate::protocol::conversation::{Conversation, Mine};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::event::{ConversationGone, Event, EventBody, MemberChange, Stream};
use crate::protocol::ids::{ConversationId, Seq, UserId};
use crate::protocol::json::{Unreadable, read};
use crate::protocol::limits::Limits;
use crate::protocol::message::UserRef;
use crate::protocol::presence::{Present, Status};

/// What a server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFrame {
    Hello(Hello),
    Ready(Ready),
    HeartbeatAck,
    Event(Event),
    ReadUpdate(ReadUpdate),
    UserUpdate(UserUpdate),
    TypingStart(TypingStart),
    PresenceUpdate(PresenceUpdate),
    Reconnect(Reconnect),
    Error(ErrorFrame),
    /// An op that this build does not know, and of no log: to be logged and left.
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub heartbeat_ms: u32,
    pub limits: Limits,
}

/// Where a connection starts from: at most [`crate::protocol::limits::READY_PART`] conversations a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    pub user: UserRef,
    pub inbox: InboxState,
    /// Every conversation of the user, compactly.
    pub marks: Vec<Mark>,
    /// In full, where new to the client or changed.
    pub conversations: Vec<Conversation>,
    /// Conversations whose latest page the client must fetch anew.
    pub reset: Vec<ConversationId>,
    /// How the user keeps those of these conversations that are not kept as all are at first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mine: Vec<(ConversationId, Mine)>,
    /// How many of the unread messages call the user, by name or with everybody, where any do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<(ConversationId, u32)>,
    /// 1-based.
    pub part: u32,
    pub parts: u32,
    /// Who is there of those whom the user is told of; in the first part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<Present>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxState {
    pub s: Seq,
    /// The client's cursor does not count: what it knows of its list is replaced by what READY says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reset: bool,
}

/// `[id, last_seq, read_seq, unread]` of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark(pub ConversationId, pub Seq, pub Seq, pub u32);

/// A member read up to `read_seq`. State, not an event: it has no seq of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadUpdate {
    pub conversation: ConversationId,
    pub user: UserId,
    pub read_seq: Seq,
}

/// Somebody who shares a conversation with the reader, or the reader, is shown by another name. State, as a read mark is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdate {
    pub user: UserRef,
}

/// A member types: a passing thing that holds for [`crate::protocol::limits::TYPING_MS`], or until their message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingStart {
    pub conversation: ConversationId,
    pub user: UserRef,
}

/// Somebody came, went, or left their devices alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceUpdate {
    pub user: UserId,
    pub status: Status,
}

/// The node goes down: come back after `after_ms`, jittered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconnect {
    pub after_ms: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorFrame {
    /// Absent only in what very old servers sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
}

impl ServerFrame {
    /// The frame as text.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Hello(d) => out("HELLO", Some(d)),
            Self::Ready(d) => out("READY", Some(d)),
            Self::HeartbeatAck => out::<()>("HEARTBEAT_ACK", None),
            Self::Event(event) => event.encode(),
            Self::ReadUpdate(d) => out("READ_UPDATE", Some(d)),
            Self::UserUpdate(d) => out("USER_UPDATE", Some(d)),
            Self::TypingStart(d) => out("TYPING_START", Some(d)),
            Self::PresenceUpdate(d) => out("PRESENCE_UPDATE", Some(d)),
            Self::Reconnect(d) => out("RECONNECT", Some(d)),
            Self::Error(d) => out("ERROR", Some(d)),
            Self::Unknown(op) => out::<()>(op, None),
        }
    }

    /// Reads a server's frame. `user` is whose inbox an event without `"c"` belongs to: known from
    /// READY, and irrelevant before it.
    pub fn decode(text: &str, user: UserId) -> Result<Self, Unreadable> {
        let frame: In<'_> = read(text)?;
        let d = frame.d.map_or("{}", RawValue::get);
        let event = |body| {
            let stream = frame.c.map_or(Stream::Inbox(user), Stream::Conversation);
            Self::Event(Event { stream, seq: frame.s.unwrap_or(Seq::ZERO), body })
        };
        Ok(match frame.op.as_str() {
            "HELLO" => Self::Hello(read(d)?),
            "READY" => Self::Ready(read(d)?),
            "HEARTBEAT_ACK" => Self::HeartbeatAck,
            "MESSAGE_CREATE" => {
                let d: MessageOut = read(d)?;
                event(EventBody::MessageCreate(d.into_message(frame.s.unwrap_or(Seq::ZERO))))
            }
            // The message's own seq is not the frame's: the shape is that of `message-list`.
            "MESSAGE_UPDATE" => event(EventBody::MessageUpdate(read(d)?)),
            "MESSAGE_DELETE" => event(EventBody::MessageDelete(read(d)?)),
            "REACTION_ADD" => event(EventBody::ReactionAdd(read(d)?)),
            "REACTION_REMOVE" => event(EventBody::ReactionRemove(read(d)?)),
            "MEMBER_ADD" => event(EventBody::MemberAdd(read::<MemberChange>(d)?.user)),
            "MEMBER_REMOVE" => event(EventBody::MemberRemove(read::<MemberChange>(d)?.user)),
            "CONVERSATION_CREATE" => event(EventBody::ConversationCreate(read(d)?)),
            "CONVERSATION_DELETE" => event(EventBody::ConversationDelete(read::<ConversationGone>(d)?.id)),
            "CONVERSATION_UPDATE" if frame.c.is_some() => event(EventBody::ConversationUpdate(read(d)?)),
            "CONVERSATION_UPDATE" => event(EventBody::MineUpdate(read(d)?)),
            "READ_UPDATE" => Self::ReadUpdate(read(d)?),
            "USER_UPDATE" => Self::UserUpdate(read(d)?),
            "TYPING_START" => Self::TypingStart(read(d)?),
            "PRESENCE_UPDATE" => Self::PresenceUpdate(read(d)?),
            "RECONNECT" => Self::Reconnect(read(d)?),
            "ERROR" => Self::Error(read(d)?),
            _ if frame.s.is_some() => event(EventBody::Unknown(frame.op.clone())),
            _ => Self::Unknown(frame.op),
        })
    }
}

impl Event {
    /// The event's frame as text: the same on the socket, on the bus and in `event-list`.
    #[must_use]
    pub fn encode(&self) -> String {
        let c = match self.stream {
            Stream::Conversation(id) => Some(id),
            Stream::Inbox(_) => None,
        };
        let (op, s) = (self.body.op(), Some(self.seq));
        match &self.body {
            EventBody::MessageCreate(message) => out_event(op, c, s, Some(&MessageOut::from_message(message))),
            EventBody::MessageUpdate(message) | EventBody::MessageDelete(message) => out_event(op, c, s, Some(message)),
            EventBody::ReactionAdd(change) | EventBody::ReactionRemove(change) => out_event(op, c, s, Some(change)),
            EventBody::MemberAdd(user) | EventBody::MemberRemove(user) => {
                out_event(op, c, s, Some(&MemberChange { user: user.clone() }))
            }
            EventBody::ConversationCreate(conversation) | EventBody::ConversationUpdate(conversation) => {
                out_event(op, c, s, Some(conversation))
            }
            EventBody::MineUpdate(change) => out_event(op, c, s, Some(change)),
            EventBody::ConversationDelete(id) => out_event(op, c, s, Some(&ConversationGone { id: *id })),
            EventBody::Unknown(op) => out_event::<()>(op, c, s, None),
        }
    }
}
