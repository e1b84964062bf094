//! Whether a page of another origin sends a request: judged by tower-http's layer, asked here as a function.

use std::convert::Infallible;
use std::future::{Ready, ready};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use futures_util::FutureExt;
use tower::{Layer, Service, service_fn};
use tower_http::csrf::{ConfigError, CsrfLayer};

use crate::server::config::PublicUrl;

/// Which origins are at home here: the one that is asked, and the public one.
#[derive(Debug, Clone)]
pub struct HomeOrigins(CsrfLayer);

/// What the layer lets through comes back as it was.
type LetThrough = Response<Option<Request<()>>>;

impl HomeOrigins {
    /// Refuses a public URL that is no origin.
    pub fn new(public_url: Option<&PublicUrl>) -> Result<Self, ConfigError> {
        let layer = CsrfLayer::new();
        Ok(Self(match public_url {
            Some(url) => layer.add_trusted_origin(url.origin())?,
            None => layer,
        }))
    }

    /// The request as it was; nothing if it is to be refused.
    #[must_use]
    pub fn admit(&self, request: Request<Body>) -> Option<Request<Body>> {
        let (head, body) = request.into_parts();
        Some(Request::from_parts(self.ask(head)?, body))
    }

    fn ask(&self, head: Parts) -> Option<Parts> {
        let back = |request| -> Ready<Result<LetThrough, Infallible>> { ready(Ok(LetThrough::new(Some(request)))) };
        let answer = self.0.layer(service_fn(back)).call(Request::from_parts(head, ()));
        // Neither the layer nor what is in it waits for anything.
        let Ok(answer) = answer.now_or_never()?;
        Some(answer.into_body()?.into_parts().0)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, header};

    use super::*;

    #[test]
    fn only_other_peoples_pages_are_refused() {
        let home = HomeOrigins::new(Some(&PublicUrl::parse("https://chat.example").unwrap())).unwrap();
        // (method, header, value, whether it passes)
        let cases = [
            (Method::POST, "x", "", true),
            (Method::POST, "sec-fetch-site", "same-origin", true),
            (Method::POST, "sec-fetch-site", "none", true),
            (Method::POST, "sec-fetch-site", "same-site", false),
            (Method::POST, "sec-fetch-site", "cross-site", false),
            (Method::DELETE, "sec-fetch-site", "cross-site", false),
            (Method::GET, "sec-fetch-site", "cross-site", true),
            (Method::POST, "origin", "http://here:3000", true),
            (Method::POST, "origin", "https://chat.example", true),
            (Method::POST, "origin", "https://evil.example", false),
            (Method::POST, "origin", "null", false),
        ];
        for (method, name, value, passes) in cases {
            let request = Request::builder().method(method.clone()).uri("/api/x").header(header::HOST, "here:3000");
            let request = request.header(name, value).body(Body::empty()).unwrap();
            let admitted = home.admit(request);
            assert_eq!(admitted.is_some(), passes, "{method} {name}: {value}");
            if let Some(request) = admitted {
                assert_eq!((request.method(), request.uri().path()), (&method, "/api/x"), "as it was");
            }
        }
    }
}
