//! What a message said before.

use leptos::prelude::*;

use crate::protocol::{ConversationId, EditList, Seq};

use super::{ApiError, Call};

/// The oldest first; the last entry is what it says now.
#[server(name = ListEdits, protocol = Call, prefix = "/api", endpoint = "message-history")]
pub async fn message_history(conversation_id: ConversationId, seq: Seq) -> Result<EditList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.history(caller.viewer.user.id, conversation_id, seq).await)
}
