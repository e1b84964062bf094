//! How far the members of a conversation have read.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::{ConversationId, ReaderList};

/// Of a direct conversation or group; of a room it is not told. What changes since comes as READ_UPDATE.
#[server(name = ListReaders, protocol = Call, prefix = "/api", endpoint = "reader-list")]
pub async fn reader_list(conversation_id: ConversationId) -> Result<ReaderList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.readers(caller.viewer.user.id, conversation_id).await)
}
