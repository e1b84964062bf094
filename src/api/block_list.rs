//! From whom the caller wants to hear no more.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::BlockList;

#[server(name = ListBlocks, protocol = Call, prefix = "/api", endpoint = "block-list")]
pub async fn block_list() -> Result<BlockList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.blocked(caller.viewer.user.id).await)
}
