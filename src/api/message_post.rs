//! Posts a message: to a user (`target_id`: id or name) or into a conversation.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Posted, Seq};

use super::{ApiError, Call};

/// Answers once the message is durable. The same `nonce` and text again answers the same message.
#[server(protocol = Call, prefix = "/api", endpoint = "message-post")]
pub async fn message_post(
    target_id: Option<String>,
    conversation_id: Option<ConversationId>,
    content: String,
    nonce: Option<String>,
    reply_to: Option<Seq>,
    as_user: Option<i64>,
) -> Result<Posted, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let draft = crate::server::chat::Draft { target_id, conversation_id, content, nonce, reply_to };
    caller.answer(caller.state.chat.post(caller.viewer.user.id, draft).await)
}
