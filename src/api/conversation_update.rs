//! Changes what a group or room is.

use leptos::prelude::*;

use crate::protocol::{Conversation, ConversationId};

use super::given::Given;
use super::{ApiError, Call};

/// What is not given stays; an empty text takes away what it was.
#[server(name = UpdateConversation, protocol = Call, prefix = "/api", endpoint = "conversation-update")]
pub async fn conversation_update(
    conversation_id: ConversationId,
    #[server(default)] title: Given,
    #[server(default)] topic: Given,
    open: Option<bool>,
    archived: Option<bool>,
    as_user: Option<i64>,
) -> Result<Conversation, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let changes = crate::server::chat::Changes { title: title.0, topic: topic.0, open, archived };
    caller.answer(caller.state.chat.update(caller.viewer.user.id, conversation_id, changes).await)
}
