//! A page of messages.

use leptos::prelude::*;

use crate::protocol::{ConversationId, MessageList, Seq};

use super::{ApiError, Call};

/// At most one of `before`, `after` and `around`; the latest page without any. Ascending by seq.
#[server(name = ListMessages, protocol = Call, prefix = "/api", endpoint = "message-list")]
pub async fn message_list(
    conversation_id: ConversationId,
    before: Option<Seq>,
    after: Option<Seq>,
    around: Option<Seq>,
    limit: Option<u32>,
) -> Result<MessageList, ApiError> {
    use crate::server::store::Page;
    let caller = crate::server::caller::signed_in(None)?;
    let page = match (before, after, around) {
        (None, None, None) => Page::Latest,
        (Some(seq), None, None) => Page::Before(seq),
        (None, Some(seq), None) => Page::After(seq),
        (None, None, Some(seq)) => Page::Around(seq),
        _ => return Err(ApiError::bad_request("Give at most one of before, after and around.")),
    };
    caller.answer(caller.state.chat.messages(caller.viewer.user.id, conversation_id, page, limit).await)
}
