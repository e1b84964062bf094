//! Open rooms, for everybody to find; and one's own groups and rooms.

use super::Chat;
use crate::protocol::limits::{LIST_MAX, TITLE_CHARS};
use crate::protocol::{ConversationId, ConversationList, RoomList, UserId};
use crate::server::error::ServerError;

/// Own conversations that are found at most.
const FOUND: u32 = 20;

impl Chat {
    /// The viewer's groups and rooms that go by `query`, the most recently active first.
    pub async fn find(&self, viewer: UserId, query: &str, limit: Option<u32>) -> Result<ConversationList, ServerError> {
        let query = query.trim();
        let limit = limit.unwrap_or(FOUND).clamp(1, FOUND);
        let mut conversations = Vec::new();
        if !query.is_empty() && query.chars().count() <= TITLE_CHARS {
            for id in self.store.conversation_find(viewer, query, limit).await? {
                // One may have gone in between.
                conversations.extend(self.store.conversation(viewer, id).await?);
            }
        }
        Ok(ConversationList { conversations, more: false })
    }

    /// Open rooms whose title has `query` in it, by title, after the room `after`.
    pub async fn rooms(
        &self,
        viewer: UserId,
        query: &str,
        after: Option<ConversationId>,
        limit: Option<u32>,
    ) -> Result<RoomList, ServerError> {
        let query = query.trim();
        // No title is longer.
        if query.chars().count() > TITLE_CHARS {
            return Ok(RoomList { rooms: Vec::new(), more: false });
        }
        let limit = limit.unwrap_or(LIST_MAX).clamp(1, LIST_MAX);
        Ok(self.store.room_list(viewer, query, after, limit).await?)
    }
}
