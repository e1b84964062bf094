//! The caller's groups and rooms, by what they are called.

use leptos::prelude::*;

use crate::protocol::ConversationList;

use super::{ApiError, Call};

/// Those with `query` in their title or, without one, in their members' names; the most recently active first.
#[server(name = FindConversations, protocol = Call, prefix = "/api", endpoint = "conversation-find")]
pub async fn conversation_find(query: String, limit: Option<u32>) -> Result<ConversationList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.find(caller.viewer.user.id, &query, limit).await)
}
