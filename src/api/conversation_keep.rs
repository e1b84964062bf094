//! Changes how the caller keeps a conversation.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::{ConversationId, Level, Mine};

/// What is left out stays. Theirs alone; their other devices follow.
#[server(protocol = Call, prefix = "/api", endpoint = "conversation-keep")]
pub async fn conversation_keep(
    conversation_id: ConversationId,
    level: Option<Level>,
    pinned: Option<bool>,
    marked: Option<bool>,
    as_user: Option<i64>,
) -> Result<Mine, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let change = crate::server::store::Keep { level, pinned, marked };
    caller.answer(caller.state.chat.keep(caller.viewer.user.id, conversation_id, change).await)
}
