//! Changes the text of one of the caller's messages.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Message, Seq};

use super::{ApiError, Call};

/// Answers the message as it stands then. The same text again changes nothing.
#[server(protocol = Call, prefix = "/api", endpoint = "message-edit")]
pub async fn message_edit(
    conversation_id: ConversationId,
    seq: Seq,
    content: String,
    as_user: Option<i64>,
) -> Result<Message, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.edit(caller.viewer.user.id, conversation_id, seq, &content).await)
}
