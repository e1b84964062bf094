//! One conversation.

use leptos::prelude::*;

use crate::protocol::{ConversationId, ConversationSummary};

use super::{ApiError, Call};

/// The conversation as its entry in the list.
#[server(protocol = Call, prefix = "/api", endpoint = "conversation")]
pub async fn conversation(conversation_id: ConversationId) -> Result<ConversationSummary, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.conversation(caller.viewer.user.id, conversation_id).await)
}
