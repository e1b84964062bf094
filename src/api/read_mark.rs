//! Moves the caller's read mark.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Seq};

use super::{ApiError, Call};

/// Everything up to `seq` was read. Never moves back.
#[server(protocol = Call, prefix = "/api", endpoint = "read-mark")]
pub async fn read_mark(conversation_id: ConversationId, seq: Seq, as_user: Option<i64>) -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.read(caller.viewer.user.id, conversation_id, seq).await)
}
