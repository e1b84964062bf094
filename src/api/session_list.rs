//! Where the caller is signed in.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::SessionList;

/// The most recently used first; the one that asks says so.
#[server(name = ListSessions, protocol = Call, prefix = "/api", endpoint = "session-list")]
pub async fn session_list() -> Result<SessionList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.answer(caller.state.auth.devices(&caller.viewer).await)
}
