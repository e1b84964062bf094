//! `d` of MESSAGE_CREATE.

use serde::{Deserialize, Serialize};

use crate::protocol::ids::Seq;
use crate::protocol::message::{Message, UserRef};
use crate::protocol::reaction::Reaction;

/// A message without its seq, which is the frame's own `s`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MessageOut {
    content: String,
    author: UserRef,
    created_ms: i64,
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reaction>,
}

impl MessageOut {
    pub(super) fn from_message(message: &Message) -> Self {
        Self {
            content: message.content.clone(),
            author: message.author.clone(),
            created_ms: message.created_ms,
            nonce: message.nonce.clone(),
            version: (message.version != message.seq).then_some(message.version),
            reply_to: message.reply_to,
            edited_ms: message.edited_ms,
            pinned: message.pinned,
            reactions: message.reactions.clone(),
        }
    }

    pub(super) fn into_message(self, seq: Seq) -> Message {
        Message {
            seq,
            version: self.version.unwrap_or(seq),
            author: self.author,
            content: self.content,
            created_ms: self.created_ms,
            nonce: self.nonce,
            reply_to: self.reply_to,
            edited_ms: self.edited_ms,
            pinned: self.pinned,
            reactions: self.reactions,
            deleted: false,
        }
    }
}
