//! Changes the caller's password.

use leptos::prelude::*;

use super::{ApiError, Call};

/// Every session of the user ends; the caller goes on with a new one.
#[server(protocol = Call, prefix = "/api", endpoint = "password-change")]
pub async fn password_change(old: String, new: String, as_user: Option<i64>) -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let changed = caller.state.auth.password_change(caller.origin(), &caller.viewer, old, new).await;
    let opened = caller.answer(changed)?;
    caller.set_session(&opened);
    Ok(())
}
