//! A piece of a conversation's log.

use leptos::prelude::*;

use crate::protocol::{ConversationId, EventList, Seq};

use super::{ApiError, Call};

/// Events after the seq `after`, each in the form of its gateway frame.
#[server(name = ListEvents, protocol = Call, prefix = "/api", endpoint = "event-list")]
pub async fn event_list(
    conversation_id: ConversationId,
    after: Seq,
    limit: Option<u32>,
) -> Result<EventList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.events(caller.viewer.user.id, conversation_id, after, limit).await)
}
