//! Reacts to a message.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Message, Seq};

use super::{ApiError, Call};

/// Once a person and emoji; answers the message as it stands then.
#[server(protocol = Call, prefix = "/api", endpoint = "reaction-add")]
pub async fn reaction_add(
    conversation_id: ConversationId,
    seq: Seq,
    emoji: String,
    as_user: Option<i64>,
) -> Result<Message, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.react(caller.viewer.user.id, conversation_id, seq, &emoji, true).await)
}
