//! Rooms that everybody finds, and who is in a conversation, a page at a time.

use serde::{Deserialize, Serialize};

use super::ids::ConversationId;
use super::message::UserRef;

/// An open room as the directory shows it to one viewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: ConversationId,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    pub member_count: i64,
    /// Whether the viewer is in it.
    pub joined: bool,
}

/// Rooms by title, whatever its case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    pub rooms: Vec<Room>,
    pub more: bool,
}

/// Members in ascending id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberList {
    pub members: Vec<UserRef>,
    pub more: bool,
}
