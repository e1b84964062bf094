//! Takes somebody out of a group or room; oneself, to leave it.

use leptos::prelude::*;

use crate::protocol::{ConversationId, UserId};

use super::{ApiError, Call};

/// Nothing happens where they are no member.
#[server(name = RemoveMember, protocol = Call, prefix = "/api", endpoint = "member-remove")]
pub async fn member_remove(
    conversation_id: ConversationId,
    user_id: UserId,
    as_user: Option<i64>,
) -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.remove_member(caller.viewer.user.id, conversation_id, user_id).await)
}
