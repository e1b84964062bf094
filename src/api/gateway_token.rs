//! A fresh gateway token.

use leptos::prelude::*;

use super::{ApiError, Call};

/// Sets the `authorization` cookie: a token of at most 60 s that opens the gateway and nothing else.
#[server(protocol = Call, prefix = "/api", endpoint = "gateway-token")]
pub async fn gateway_token() -> Result<(), ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    caller.set_authorization_cookie();
    Ok(())
}
