//! Makes a group or a room.

use leptos::prelude::*;

use crate::protocol::{Conversation, ConversationKind};

use super::{ApiError, Call};

/// The caller manages it. `members`: names or ids, with commas or spaces between. `nonce`: sent
/// again with it, it is made once.
#[server(name = CreateConversation, protocol = Call, prefix = "/api", endpoint = "conversation-create")]
pub async fn conversation_create(
    kind: ConversationKind,
    title: Option<String>,
    topic: Option<String>,
    open: Option<bool>,
    members: Option<String>,
    nonce: Option<String>,
    as_user: Option<i64>,
) -> Result<Conversation, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let creation = crate::server::chat::Creation {
        kind,
        title: title.unwrap_or_default(),
        topic: topic.unwrap_or_default(),
        open: open.unwrap_or_default(),
        members: members.unwrap_or_default(),
        nonce,
    };
    caller.answer(caller.state.chat.create(caller.viewer.user.id, creation).await)
}
