//! Every bound that both halves must agree on. The server tells them in HELLO.

use serde::{Deserialize, Serialize};

/// Largest inbound WebSocket message, in bytes.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Largest message content, in bytes of UTF-8.
pub const CONTENT_BYTES: usize = 8_000;
/// Largest message content, in Unicode scalar values.
pub const CONTENT_CHARS: usize = 4_000;
/// Largest nonce, in bytes.
pub const NONCE_BYTES: usize = 64;
/// Frames that a client may send in a minute, sustained.
pub const FRAMES_PER_MINUTE: u32 = 120;
/// Frames that a client may send at once.
pub const FRAMES_BURST: u32 = 20;
/// Live connections of one user.
pub const CONNECTIONS_PER_USER: usize = 20;
/// Frames waiting for one slow reader before it is closed with 4010.
pub const QUEUE_FRAMES: usize = 256;
/// Bytes waiting for one slow reader before it is closed with 4010.
pub const QUEUE_BYTES: usize = 1024 * 1024;
/// Largest gateway token, in bytes; checked before it is decoded.
pub const TOKEN_BYTES: usize = 4 * 1024;
/// Time between two heartbeats of a client, in milliseconds.
pub const HEARTBEAT_MS: u32 = 45_000;
/// Time from connecting to IDENTIFY, in milliseconds.
pub const IDENTIFY_MS: u32 = 5_000;
/// Deepest nesting of a client's JSON.
pub const JSON_DEPTH: usize = 32;
/// Conversations in one part of READY.
pub const READY_PART: usize = 500;
/// Shortest and longest password, in Unicode scalar values.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// Longest user name, in Unicode scalar values.
pub const NAME_CHARS: usize = 32;
/// Messages on a served page.
pub const PAGE_MESSAGES: u32 = 50;
/// Messages, events or conversations in one answer, at most.
pub const LIST_MAX: u32 = 100;
/// Unread messages are counted up to this many; a larger count is shown as "999+".
pub const UNREAD_MAX: u32 = 1_000;
/// Shortest time between two TYPING_STARTs of a user in a conversation, in milliseconds: what comes sooner is left.
pub const TYPING_EVERY_MS: u32 = 3_000;
/// How long a TYPING_START holds for those whom it was told, in milliseconds.
pub const TYPING_MS: u32 = 6_000;
/// Where more than so many followers of a conversation are connected to a node, it tells none of them who types: in a
/// crowd it says nothing, and would cost as much as the messages.
pub const TYPING_FOLLOWERS: usize = 100;
/// People whose presence one is told of, at most.
pub const CONTACTS: usize = 1_000;

/// Different emoji on one message.
pub const REACTIONS: usize = 20;
/// People with the same emoji on one message: all of them are told with it.
pub const REACTORS: usize = 1_000;
/// Longest title of a group or room, in Unicode scalar values.
pub const TITLE_CHARS: usize = 80;
/// Longest topic of one.
pub const TOPIC_CHARS: usize = 250;
/// Members of a group: all of them are told with it.
pub const GROUP_MEMBERS: usize = 250;
/// People whom one user may have blocked.
pub const BLOCKED: i64 = 1_000;
/// People added to a conversation at once.
pub const ADDED_AT_ONCE: usize = 100;

/// Longest display name, in Unicode scalar values.
pub const DISPLAY_CHARS: usize = 50;
/// Longest that people say of themselves, in Unicode scalar values.
pub const ABOUT_CHARS: usize = 280;
/// Longest name of a time zone, in bytes.
pub const TIME_ZONE_BYTES: usize = 64;
/// What a message said before what it says now: the latest so many are told.
pub const EDITS: u32 = 100;
/// Members of whom it is told how far they have read.
pub const READERS: u32 = GROUP_MEMBERS as u32;

/// What HELLO tells a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub frame_bytes: u32,
    pub content_bytes: u32,
    pub content_chars: u32,
    pub nonce_bytes: u32,
    pub frames_per_minute: u32,
    pub frames_burst: u32,
    pub connections: u32,
    pub token_bytes: u32,
}

/// The limits of this build.
pub const LIMITS: Limits = Limits {
    frame_bytes: 64 * 1024,
    content_bytes: 8_000,
    content_chars: 4_000,
    nonce_bytes: 64,
    frames_per_minute: FRAMES_PER_MINUTE,
    frames_burst: FRAMES_BURST,
    connections: 20,
    token_bytes: 4 * 1024,
};
