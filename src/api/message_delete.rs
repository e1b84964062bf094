//! Deletes one of the caller's messages, for everybody.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Message, Seq};

use super::{ApiError, Call};

/// Answers its tombstone.
#[server(protocol = Call, prefix = "/api", endpoint = "message-delete")]
pub async fn message_delete(
    conversation_id: ConversationId,
    seq: Seq,
    as_user: Option<i64>,
) -> Result<Message, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.delete(caller.viewer.user.id, conversation_id, seq).await)
}
