//! `GET /gateway`: who may open a socket, decided before the protocol is switched.
//!
//! A browser comes with Origin and the session cookie, a program with neither. Exactly one of the two is somebody
//! else's page or a broken client: 403. Who it is, IDENTIFY says; the cookie must then be of the same session.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cookie::Cookie;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use super::waiting::Place;
use super::{Gateway, connection, root_upgrade};
use crate::server::address::ClientAddress;
use crate::server::auth::token::SessionToken;
use crate::server::config::Config;
use crate::server::store::TokenHash;

/// Why no socket is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The Origin is not ours, or stands there twice.
    ForeignOrigin,
    /// Origin without session cookie, or session cookie without Origin.
    HalfBrowser,
    NotAnUpgrade,
    BadHandshake,
    ShuttingDown,
    /// Too many of this address have not said who they are.
    Crowded,
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (status, sentence) = match self {
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "This page may not open the gateway.\n"),
            Self::HalfBrowser => {
                (StatusCode::FORBIDDEN, "A browser sends Origin and its session cookie, a program neither.\n")
            }
            Self::NotAnUpgrade => (StatusCode::UPGRADE_REQUIRED, "This is a WebSocket.\n"),
            Self::BadHandshake => (StatusCode::BAD_REQUEST, "That is not a WebSocket handshake (RFC 6455).\n"),
            Self::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "Restarting. Come back in a moment.\n"),
            Self::Crowded => {
                (StatusCode::TOO_MANY_REQUESTS, "Too many sockets from here wait for their IDENTIFY. Try again soon.\n")
            }
        };
        if self == Self::NotAnUpgrade {
            return (status, [(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")], sentence)
                .into_response();
        }
        (status, sentence).into_response()
    }
}

/// The handler.
pub async fn upgrade(State(gateway): State<Gateway>, mut request: Request) -> Result<Response, Rejection> {
    if !root_upgrade::is_websocket(&request) {
        return Err(Rejection::NotAnUpgrade);
    }
    let cookie = admit(request.headers(), &gateway.config)?;
    if gateway.shutdown.has_begun() {
        return Err(Rejection::ShuttingDown);
    }
    let from = ClientAddress::of(request.extensions(), request.headers(), &gateway.config.trusted_proxies);
    let place = gateway.waiting.enter(from.0).ok_or(Rejection::Crowded)?;
    let upgraded = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let handshake = axum::http::Request::from_parts(parts, ());
    let response = create_response(&handshake).map_err(|_| Rejection::BadHandshake)?;
    gateway.shutdown.clone().track(async move {
        match upgraded.await {
            // Boxed: waiting for the switch should not weigh what a connection does.
            Ok(upgraded) => Box::pin(serve(upgraded, gateway, cookie, place)).await,
            Err(error) => tracing::debug!(%error, "a WebSocket was not opened after all"),
        }
    });
    Ok(response.map(|()| Body::empty()))
}

/// Serves what was switched; over TCP without what HTTP needed, its buffers among it.
async fn serve(upgraded: Upgraded, gateway: Gateway, cookie: Option<TokenHash>, place: Place) {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => {
            let (stream, read) = (parts.io.into_inner(), parts.read_buf);
            connection::serve_tcp(stream, read, gateway, cookie, Some(place)).await;
        }
        Err(upgraded) => connection::serve(TokioIo::new(upgraded), gateway, cookie, Some(place)).await,
    }
}

/// Whether these headers may open a socket: a browser's with its session, or a program's with none.
fn admit(headers: &HeaderMap, config: &Config) -> Result<Option<TokenHash>, Rejection> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = origins.next();
    if origins.next().is_some() {
        return Err(Rejection::ForeignOrigin);
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if let Some(origin) = origin
        && !origin.to_str().is_ok_and(|origin| config.origin_allowed(origin, host))
    {
        return Err(Rejection::ForeignOrigin);
    }
    match (origin, session_cookie(headers, config.session_cookie_name())) {
        (Some(_), Some(value)) => {
            let token = SessionToken::parse(&value).ok_or(Rejection::HalfBrowser)?;
            Ok(Some(token.hash()))
        }
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(Rejection::HalfBrowser),
    }
}

/// The session cookie's value, as it came.
fn session_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}
