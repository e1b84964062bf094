//! A WebSocket upgrade on `/` is the same as one on `/gateway`: the first sketch of Chatter had it there.
//!
//! `Router::layer` runs after routing and cannot change the path, so this wraps the whole router:
//!
//! ```text
//! let app = root_upgrade::layer().layer(router);
//! serve(listener, app, patience, shutdown).await
//! ```

use axum::http::{HeaderMap, HeaderName, Method, Request, Uri, header};
use tower::util::MapRequestLayer;

/// The layer to put around the whole router.
#[must_use]
pub fn layer<B>() -> MapRequestLayer<fn(Request<B>) -> Request<B>> {
    MapRequestLayer::new(to_gateway::<B>)
}

/// Turns a WebSocket upgrade on `/` into one on `/gateway`; leaves everything else.
#[must_use]
pub fn to_gateway<B>(mut request: Request<B>) -> Request<B> {
    if request.uri().path() == "/" && is_websocket(&request) {
        let target = request.uri().query().map_or("/gateway".to_owned(), |query| format!("/gateway?{query}"));
        // A query that was valid on `/` is valid there; if not, the request stays what it was.
        if let Ok(uri) = Uri::try_from(target) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// Whether it asks for a WebSocket: GET with `Connection: …, Upgrade` and `Upgrade: websocket`, in any case.
pub(super) fn is_websocket<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET
        && lists(request.headers(), &header::CONNECTION, "upgrade")
        && lists(request.headers(), &header::UPGRADE, "websocket")
}

/// Whether a comma-separated header names `token`.
fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_upgrade_on_the_root_moves() {
        // (method, uri, Connection, Upgrade, where it goes)
        let cases = [
            ("GET", "/", "Upgrade", "websocket", "/gateway"),
            ("GET", "/?a=1", "keep-alive, Upgrade", "WebSocket", "/gateway?a=1"),
            ("GET", "/", "UPGRADE", "WEBSOCKET", "/gateway"),
            ("GET", "/", "keep-alive,upgrade", "h2c, websocket", "/gateway"),
            ("GET", "/", "keep-alive", "websocket", "/"),
            ("GET", "/", "Upgrade", "h2c", "/"),
            ("GET", "/", "upgraded", "websocket", "/"),
            ("POST", "/", "Upgrade", "websocket", "/"),
            ("GET", "/c", "Upgrade", "websocket", "/c"),
            ("GET", "/gateway", "Upgrade", "websocket", "/gateway"),
        ];
        for (method, uri, connection, upgrade, expected) in cases {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .header(header::CONNECTION, connection)
                .header(header::UPGRADE, upgrade)
                .body(())
                .unwrap();
            assert_eq!(to_gateway(request).uri(), expected, "{method} {uri} {connection} {upgrade}");
        }
        let plain = Request::builder().uri("/").body(()).unwrap();
        assert_eq!(to_gateway(plain).uri(), "/");
        let two_lines = Request::builder()
            .uri("/")
            .header(header::CONNECTION, "keep-alive")
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .body(())
            .unwrap();
        assert_eq!(to_gateway(two_lines).uri(), "/gateway");
    }
}
