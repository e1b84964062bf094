//! Who reacted to a message.

use leptos::prelude::*;

use crate::protocol::{ConversationId, ReactionList, Seq};

use super::{ApiError, Call};

/// By emoji, in the order of coming; of each the first hundred by name.
#[server(name = ListReactors, protocol = Call, prefix = "/api", endpoint = "reaction-list")]
pub async fn reaction_list(conversation_id: ConversationId, seq: Seq) -> Result<ReactionList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.reactors(caller.viewer.user.id, conversation_id, seq).await)
}
