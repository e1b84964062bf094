//! Creates a user and signs them in.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::UserRef;

/// Sets the session and gateway cookies; a session that the browser presented is ended.
#[server(protocol = Call, prefix = "/api", endpoint = "sign-up")]
pub async fn sign_up(name: String, password: String) -> Result<UserRef, ApiError> {
    let caller = crate::server::caller::caller()?;
    let presented = caller.viewer.clone();
    let opened = caller.answer(caller.state.auth.sign_up(caller.origin(), &name, password, presented).await)?;
    caller.set_session(&opened);
    Ok(opened.user)
}
