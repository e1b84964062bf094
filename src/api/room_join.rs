//! Joins an open room.

use leptos::prelude::*;

use crate::protocol::{Conversation, ConversationId};

use super::{ApiError, Call};

/// Nothing happens where the caller is in it.
#[server(name = JoinRoom, protocol = Call, prefix = "/api", endpoint = "room-join")]
pub async fn room_join(conversation_id: ConversationId, as_user: Option<i64>) -> Result<Conversation, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.join(caller.viewer.user.id, conversation_id).await)
}
