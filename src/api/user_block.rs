//! Hears no more from somebody, or hears from them again.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::{UserId, UserRef};

/// Their direct messages reach the caller no longer, and they are not told. Answers who it is.
#[server(protocol = Call, prefix = "/api", endpoint = "user-block")]
pub async fn user_block(user_id: UserId, as_user: Option<i64>) -> Result<UserRef, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.block(caller.viewer.user.id, user_id, true).await)
}

/// They are heard from again, with what they wrote meanwhile. Answers who it is.
#[server(protocol = Call, prefix = "/api", endpoint = "user-unblock")]
pub async fn user_unblock(user_id: UserId, as_user: Option<i64>) -> Result<UserRef, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.chat.block(caller.viewer.user.id, user_id, false).await)
}
