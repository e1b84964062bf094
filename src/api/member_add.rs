//! Brings people into a group or room.

use leptos::prelude::*;

use crate::protocol::{Conversation, ConversationId};

use super::{ApiError, Call};

/// `members`: names or ids, with commas or spaces between; at most 100.
#[server(name = AddMember, protocol = Call, prefix = "/api", endpoint = "member-add")]
pub async fn member_add(
    conversation_id: ConversationId,
    members: Option<String>,
    as_user: Option<i64>,
) -> Result<Conversation, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let members = members.unwrap_or_default();
    caller.answer(caller.state.chat.add_members(caller.viewer.user.id, conversation_id, &members).await)
}
