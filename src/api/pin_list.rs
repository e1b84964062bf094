//! The pinned messages of a conversation.

use leptos::prelude::*;

use crate::protocol::{ConversationId, MessageList, Seq};

use super::{ApiError, Call};

/// In ascending seq; those before `before`.
#[server(name = ListPins, protocol = Call, prefix = "/api", endpoint = "pin-list")]
pub async fn pin_list(
    conversation_id: ConversationId,
    before: Option<Seq>,
    limit: Option<u32>,
) -> Result<MessageList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.pinned(caller.viewer.user.id, conversation_id, before, limit).await)
}
