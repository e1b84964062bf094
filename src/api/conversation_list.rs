//! The caller's conversations.

use leptos::prelude::*;

use crate::protocol::{ConversationId, ConversationList};

use super::{ApiError, Call};

/// The most recently active first, after the conversation `after`.
#[server(name = ListConversations, protocol = Call, prefix = "/api", endpoint = "conversation-list")]
pub async fn conversation_list(
    after: Option<ConversationId>,
    limit: Option<u32>,
) -> Result<ConversationList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.conversations(caller.viewer.user.id, after, limit).await)
}
