//! Who sends a request: turns the session cookie into a [`Viewer`].
//!
//! The session cookie alone counts. A gateway token, in whatever cookie or header, means nothing here.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, SET_COOKIE};
use http::{Method, StatusCode};

use super::token::{GatewayTokens, SessionToken};
use super::{SESSION_MS, SESSION_SLIDE_MS, cookies};
use crate::api::ApiError;
use crate::protocol::{Preferences, SessionId, UserRef};
use crate::server::address::ClientAddress;
use crate::server::clock::now_ms;
use crate::server::config::Config;
use crate::server::error::ServerError;
use crate::server::store::{Store, StoreError};

/// The user that a request comes from, and by which session. An extension of the request; absent: signed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub user: UserRef,
    pub session: SessionId,
    /// How their pages look.
    pub preferences: Preferences,
}

/// The store did not say who sends a form: an extension of the request, which must then be refused with this.
#[derive(Debug, Clone)]
pub struct WhoIsUnknown(pub ApiError);

/// What tells who sends a request.
#[derive(Clone)]
pub struct AuthState {
    pub store: Arc<dyn Store>,
    pub tokens: Arc<GatewayTokens>,
    pub config: Arc<Config>,
}

impl AuthState {
    /// Gives a request its [`ClientAddress`] and, when a living session comes with it, its [`Viewer`], and answers it
    /// with `then`. A page of a signed-in user takes both cookies along and is never cached; whichever answer moved the
    /// session's end takes the session cookie along, so that it lasts as long in a tab that is never reloaded.
    pub async fn authenticated<F, Answer>(&self, mut request: Request, then: F) -> Response
    where
        F: FnOnce(Request) -> Answer,
        Answer: Future<Output = Response>,
    {
        let address = ClientAddress::of(request.extensions(), request.headers(), &self.config.trusted_proxies);
        request.extensions_mut().insert(address);
        let Some(token) = cookies::presented(&self.config, request.headers()) else {
            return then(request).await;
        };
        let (viewer, moved) = match self.viewer(&token).await {
            Ok(Some(found)) => found,
            Ok(None) => return then(request).await,
            // Going on as if signed out would send people to the sign-in page whenever the disk hiccups. A form goes
            // on, to be answered with what was typed in it, and is not carried out.
            Err(error) if request.method() == Method::POST => {
                request.extensions_mut().insert(WhoIsUnknown(ServerError::from(error).into()));
                return then(request).await;
            }
            Err(error) => {
                return (StatusCode::SERVICE_UNAVAILABLE, Json(ApiError::from(ServerError::from(error))))
                    .into_response();
            }
        };
        request.extensions_mut().insert(viewer.clone());
        let mut response = then(request).await;
        // Whatever the method: the page of a form that failed answers a POST.
        if is_page(&response) {
            self.take_cookies_along(&mut response, &viewer, &token);
        } else if moved && !sets_session(&self.config, response.headers()) {
            response.headers_mut().append(SET_COOKIE, cookies::session(&self.config, &token));
        }
        response
    }

    /// Whose living session this token is of, and whether its end was moved along with its use just now.
    async fn viewer(&self, token: &SessionToken) -> Result<Option<(Viewer, bool)>, StoreError> {
        let now_ms = now_ms();
        let Some(session) = self.store.session_by_token(token.hash(), now_ms).await? else { return Ok(None) };
        let mut moved = now_ms - session.seen_ms >= SESSION_SLIDE_MS;
        if moved {
            // The session lives until its old end all the same, and the next request tries again.
            if let Err(error) = self.store.session_extend(session.id, now_ms, now_ms + SESSION_MS).await {
                tracing::warn!(%error, "a session's use could not be written down");
                moved = false;
            }
        }
        Ok(Some((Viewer { user: session.user, session: session.id, preferences: session.preferences }, moved)))
    }

    /// The cookies stand in the head of the answer, which is complete before the body's first byte is rendered.
    fn take_cookies_along(&self, response: &mut Response, viewer: &Viewer, token: &SessionToken) {
        let gateway_token = self.tokens.issue(viewer.user.id, viewer.session, now_ms());
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // What the handler set itself stands.
        if !headers.contains_key(SET_COOKIE) {
            headers.append(SET_COOKIE, cookies::session(&self.config, token));
            headers.append(SET_COOKIE, cookies::authorization(&self.config, gateway_token));
        }
    }
}

/// Whether the handler itself opened a session or took one away.
fn sets_session(config: &Config, headers: &HeaderMap) -> bool {
    let name = config.session_cookie_name();
    let mut set = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.any(|cookie| cookie.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
}

/// Known by what was answered: what was asked for says too little, as programs ask for anything.
fn is_page(response: &Response) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("text/html"))
}

#[cfg(test)]
mod tests;
