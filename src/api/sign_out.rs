//! Signs the caller out.

use leptos::prelude::*;

use super::{ApiError, Call};

/// Ends the session: its sockets close, its cookies go.
#[server(protocol = Call, prefix = "/api", endpoint = "sign-out")]
pub async fn sign_out(as_user: Option<i64>) -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    caller.answer(caller.state.auth.sign_out(&caller.viewer).await)?;
    caller.remove_session();
    Ok(())
}
