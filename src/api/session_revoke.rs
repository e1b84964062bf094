//! Signs the caller out on one of their devices.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::SessionId;

/// Its sockets close.
#[server(protocol = Call, prefix = "/api", endpoint = "session-revoke")]
pub async fn session_revoke(session_id: SessionId, as_user: Option<i64>) -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.auth.device_revoke(&caller.viewer, session_id).await)
}
