//! By what name this server is asked. Without a public URL it serves this machine alone; but a browser asks it for any
//! page whose name was made to resolve to it (DNS rebinding), and takes that page to be of one origin with it.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::server::config::Config;

const MISDIRECTED: &str = "Chatter answers here by the names of this machine only, such as localhost. \
    To reach it by another name, set CHATTER_PUBLIC_URL.\n";

/// Refuses names that are not of this machine, as long as no public URL says otherwise. No browser sends none.
#[must_use]
pub fn refused(config: &Config, request: &Request) -> Option<Response> {
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let named = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let is_ours = named.chain(authority).all(|host| config.host_allowed(host));
    (!is_ours).then(|| (StatusCode::MISDIRECTED_REQUEST, MISDIRECTED).into_response())
}
