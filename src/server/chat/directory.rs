//! Open rooms, for everybody to find.

use super::Chat;
use crate::protocol::limits::{LIST_MAX, TITLE_CHARS};
use crate::protocol::{ConversationId, RoomList, UserId};
use crate::server::error::ServerError;

impl Chat {
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
