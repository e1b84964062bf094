//! Who calls a server function: the one typed door from Leptos's context to the server's state.
//!
//! Called on a server function's first line, before any await: the context belongs to the request's owner.

use std::net::IpAddr;
use std::ops::Deref;

use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use uuid::Uuid;

use crate::api::{ApiError, FormFailure, PageContext};
use crate::protocol::ErrorCode;
use crate::server::address::ClientAddress;
use crate::server::auth::{self, Origin, Viewer, cookies};
use crate::server::clock::now_ms;
use crate::server::config::SignUp;
use crate::server::error::ServerError;
use crate::server::forms::status_of;
use crate::server::state::AppState;

/// A request to a server function.
pub struct Caller {
    pub state: AppState,
    pub viewer: Option<Viewer>,
    pub address: IpAddr,
    /// What their program is, in a few words.
    client: Option<String>,
    response: ResponseOptions,
}

/// A caller with a living session.
pub struct SignedIn {
    caller: Caller,
    pub viewer: Viewer,
}

impl Deref for SignedIn {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// The caller, a guest perhaps.
pub fn caller() -> Result<Caller, ApiError> {
    let missing = |what: &str| ApiError::from(ServerError::Internal(format!("no {what} in the request's context")));
    let state = use_context::<AppState>().ok_or_else(|| missing("state"))?;
    let parts = use_context::<Parts>().ok_or_else(|| missing("request"))?;
    let response = use_context::<ResponseOptions>().ok_or_else(|| missing("response"))?;
    Ok(Caller {
        state,
        viewer: parts.extensions.get::<Viewer>().cloned(),
        client: parts.headers.get(header::USER_AGENT).and_then(|line| line.to_str().ok()).and_then(auth::client_name),
        address: parts.extensions.get::<ClientAddress>().ok_or_else(|| missing("address"))?.0,
        response,
    })
}

/// The signed-in caller. `as_user` is whom the page was drawn for: a browser that changed accounts in another tab
/// must not act as the wrong one.
pub fn signed_in(as_user: Option<i64>) -> Result<SignedIn, ApiError> {
    let caller = caller()?;
    let Some(viewer) = caller.viewer.clone() else {
        return caller.answer(Err(ServerError::refused(ErrorCode::Unauthenticated, "Sign in first.")));
    };
    if as_user.is_some_and(|id| id != viewer.user.id.0) {
        let sentence = "You signed in as somebody else in this browser. Reload the page.";
        return caller.answer(Err(ServerError::refused(ErrorCode::WrongSession, sentence)));
    }
    Ok(SignedIn { caller, viewer })
}

impl Caller {
    /// From where they ask.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin { address: self.address, client: self.client.clone() }
    }

    /// Maps the error and gives the response its status, of a page as of a server function.
    pub fn answer<T>(&self, result: Result<T, ServerError>) -> Result<T, ApiError> {
        result.map_err(|error| {
            let error = ApiError::from(error);
            self.response.set_status(status_of(error.code));
            error
        })
    }

    /// Adds a `Set-Cookie` header to the response.
    fn set_cookie(&self, cookie: HeaderValue) {
        self.response.append_header(header::SET_COOKIE, cookie);
    }

    /// Both cookies of a session that was just opened.
    pub fn set_session(&self, opened: &auth::SignedIn) {
        self.set_cookie(cookies::session(&self.state.config, &opened.token));
        self.set_authorization(&opened.viewer());
    }

    /// The script-readable gateway token.
    fn set_authorization(&self, viewer: &Viewer) {
        let token = self.state.tokens.issue(viewer.user.id, viewer.session, now_ms());
        self.set_cookie(cookies::authorization(&self.state.config, token));
    }
}

/// What the page that is asked for needs to know of the request.
#[must_use]
pub fn page_context(state: &AppState, request: &Parts) -> PageContext {
    let failure = request.extensions.get::<FormFailure>();
    PageContext {
        viewer: request.extensions.get::<Viewer>().map(|viewer| viewer.user.clone()),
        preferences: request.extensions.get::<Viewer>().map(|viewer| viewer.preferences).unwrap_or_default(),
        sign_up_open: state.config.sign_up == SignUp::Open,
        now_ms: now_ms(),
        nonce: next_nonce(failure),
        form: failure.cloned(),
    }
}

/// The nonce for the form of a page. After a definite refusal it is fresh. After a failure that leaves open whether
/// the message was saved it is the one that was sent: sending again then cannot double the message.
fn next_nonce(failure: Option<&FormFailure>) -> String {
    let unknown = failure.filter(|failure| matches!(failure.code, ErrorCode::Unavailable | ErrorCode::Internal));
    let sent = unknown.and_then(|failure| failure.typed("nonce")).filter(|nonce| !nonce.is_empty());
    sent.unwrap_or_else(|| Uuid::now_v7().to_string())
}

impl SignedIn {
    /// A fresh script-readable gateway token.
    pub fn set_authorization_cookie(&self) {
        self.set_authorization(&self.viewer);
    }

    /// Takes both cookies away.
    pub fn remove_session(&self) {
        cookies::removals(&self.state.config).into_iter().for_each(|cookie| self.set_cookie(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_kept_where_the_outcome_is_unknown() {
        let failure = |code, nonce: &str| FormFailure {
            action: "message-post".into(),
            code,
            message: "A sentence.".into(),
            fields: [("nonce".to_owned(), nonce.to_owned())].into(),
        };
        for code in [ErrorCode::Unavailable, ErrorCode::Internal] {
            assert_eq!(next_nonce(Some(&failure(code, "n-1"))), "n-1", "{code:?}");
            assert_eq!(next_nonce(Some(&failure(code, ""))).len(), 36, "{code:?}");
        }
        for code in [ErrorCode::ContentTooLong, ErrorCode::NonceReused, ErrorCode::RateLimited, ErrorCode::NotFound] {
            assert_ne!(next_nonce(Some(&failure(code, "n-1"))), "n-1", "{code:?}");
        }
        assert_ne!(next_nonce(None), next_nonce(None));
    }
}
