//! Who is in a conversation.

use leptos::prelude::*;

use crate::protocol::{ConversationId, MemberList, UserId};

use super::{ApiError, Call};

/// Members in ascending id, after the one with the id `after`.
#[server(name = ListMembers, protocol = Call, prefix = "/api", endpoint = "member-list")]
pub async fn member_list(
    conversation_id: ConversationId,
    after: Option<UserId>,
    limit: Option<u32>,
) -> Result<MemberList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.members(caller.viewer.user.id, conversation_id, after, limit).await)
}
