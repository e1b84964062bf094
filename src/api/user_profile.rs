//! What somebody says of themselves.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::{Profile, UserId};

#[server(protocol = Call, prefix = "/api", endpoint = "user-profile")]
pub async fn user_profile(user_id: UserId) -> Result<Profile, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.chat.profile(caller.viewer.user.id, user_id).await)
}
