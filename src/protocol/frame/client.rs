//! What a client sends, and the strict reading of it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{In, out};
use super::strict;
use crate::protocol::ids::ConversationId;
use crate::protocol::sorted::Sorted;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame {
    Identify(Identify),
    /// `idle`: nobody sits at this device just now. Clients that never say so count as active.
    Heartbeat {
        idle: bool,
    },
    /// The user types in this conversation.
    TypingStart(ConversationId),
    /// An op of a newer client: ignored and counted.
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identify {
    pub token: String,
    /// Last seq that the client has, by log: `"inbox"` or a conversation's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursors: Option<Sorted<String, i64>>,
    /// Name and version of the program, for the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// Why a client's frame was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameError {
    /// Not JSON, a key twice, or nested deeper than [`crate::protocol::limits::JSON_DEPTH`]: close 4002.
    NotJson,
    /// An op that only servers send: close 4001.
    ServerOp(String),
    /// JSON, but with wrong types: close 4001.
    Invalid(String),
    /// The same, of an op that may only come after READY: before it, that it came is what is wrong.
    InvalidLater(String),
}

/// `d` of HEARTBEAT.
#[derive(Serialize, Deserialize)]
struct Beat {
    idle: bool,
}

/// `d` of TYPING_START.
#[derive(Serialize, Deserialize)]
struct Typing {
    conversation: ConversationId,
}

/// Ops that only servers send; a client that sends one is broken, not newer.
const SERVER_OPS: &[&str] = &[
    "HELLO",
    "READY",
    "HEARTBEAT_ACK",
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "REACTION_ADD",
    "REACTION_REMOVE",
    "MEMBER_ADD",
    "MEMBER_REMOVE",
    "CONVERSATION_CREATE",
    "CONVERSATION_UPDATE",
    "CONVERSATION_DELETE",
    "READ_UPDATE",
    "PRESENCE_UPDATE",
    "RECONNECT",
    "ERROR",
];

impl ClientFrame {
    /// The frame as text.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Identify(d) => out("IDENTIFY", Some(d)),
            Self::Heartbeat { idle } => out("HEARTBEAT", idle.then_some(&Beat { idle: true })),
            Self::TypingStart(conversation) => out("TYPING_START", Some(&Typing { conversation: *conversation })),
            Self::Unknown(op) => out::<()>(op, None),
        }
    }

    /// Reads a client's frame, strictly: no key twice, nesting of at most
    /// [`crate::protocol::limits::JSON_DEPTH`], known ops with their types. Unknown fields are left.
    pub fn decode(text: &str) -> Result<Self, FrameError> {
        strict::check(text).map_err(|_| FrameError::NotJson)?;
        let frame: In<'_> = serde_json::from_str(text)
            .map_err(|_| FrameError::Invalid("a frame is {\"op\": NAME, \"d\": {…}}".into()))?;
        match frame.op.as_str() {
            "IDENTIFY" => serde_json::from_str(frame.d.map_or("null", RawValue::get))
                .map(Self::Identify)
                .map_err(|_| FrameError::Invalid("IDENTIFY takes {\"token\": text, \"cursors\"?: {log: seq}}".into())),
            // Whatever else a client puts there has never mattered.
            "HEARTBEAT" => {
                let beat = frame.d.and_then(|d| serde_json::from_str::<Beat>(d.get()).ok());
                Ok(Self::Heartbeat { idle: beat.is_some_and(|beat| beat.idle) })
            }
            "TYPING_START" => serde_json::from_str(frame.d.map_or("null", RawValue::get))
                .map(|Typing { conversation }| Self::TypingStart(conversation))
                .map_err(|_| FrameError::InvalidLater("TYPING_START takes {\"conversation\": id}".into())),
            op if SERVER_OPS.contains(&op) => Err(FrameError::ServerOp(frame.op)),
            _ => Ok(Self::Unknown(frame.op)),
        }
    }
}
