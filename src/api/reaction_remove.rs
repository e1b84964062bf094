//! Takes a reaction back.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Message, Seq};

use super::{ApiError, Call};

/// Answers the message as it stands then.
#[server(protocol = Call, prefix = "/api", endpoint = "reaction-remove")]
pub async fn reaction_remove(
    conversation_id: ConversationId,
    seq: Seq,
    emoji: String,
    as_user: Option<i64>,
) -> Result<Message, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.react(caller.viewer.user.id, conversation_id, seq, &emoji, false).await)
}
