//! One line a request: method, route, status, time. Never a query, a body, a cookie or an id.

use std::time::Instant;

use axum::http::{Method, StatusCode};

/// A request that is under way; none where nobody reads the lines.
pub struct Line {
    method: Method,
    route: &'static str,
    began: Instant,
}

impl Line {
    /// `route`: the pattern that the path was found by.
    #[must_use]
    pub fn begin(method: &Method, route: impl FnOnce() -> &'static str) -> Option<Self> {
        tracing::enabled!(tracing::Level::DEBUG).then(|| Self {
            method: method.clone(),
            route: route(),
            began: Instant::now(),
        })
    }

    pub fn end(self, status: StatusCode) {
        let took_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let Self { method, route, .. } = self;
        tracing::debug!(%method, route, status = status.as_u16(), took_us, "request");
    }
}
