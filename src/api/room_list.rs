//! Open rooms, for everybody to find.

use leptos::prelude::*;

use crate::protocol::{ConversationId, RoomList};

use super::{ApiError, Call};

/// Rooms with `query` in their title, by title; those after the room `after`.
#[server(name = ListRooms, protocol = Call, prefix = "/api", endpoint = "room-list")]
pub async fn room_list(
    query: Option<String>,
    after: Option<ConversationId>,
    limit: Option<u32>,
) -> Result<RoomList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    let query = query.unwrap_or_default();
    caller.answer(caller.state.chat.rooms(caller.viewer.user.id, &query, after, limit).await)
}
