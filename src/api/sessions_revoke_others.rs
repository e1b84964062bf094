//! Signs the caller out everywhere but here.

use leptos::prelude::*;

use super::{ApiError, Call};

/// The sockets of all those sessions close.
#[server(protocol = Call, prefix = "/api", endpoint = "sessions-revoke-others")]
pub async fn sessions_revoke_others(as_user: Option<i64>) -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.auth.devices_revoke_others(&caller.viewer).await)
}
