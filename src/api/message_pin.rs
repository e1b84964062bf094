//! Pins a message, or takes it down.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Message, Seq};

use super::{ApiError, Call};

/// Answers the message as it stands then.
#[server(protocol = Call, prefix = "/api", endpoint = "message-pin")]
pub async fn message_pin(
    conversation_id: ConversationId,
    seq: Seq,
    pinned: bool,
    as_user: Option<i64>,
) -> Result<Message, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.pin(caller.viewer.user.id, conversation_id, seq, pinned).await)
}
