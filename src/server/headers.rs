//! Security headers of every response, and the CSP of pages.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::server::config::Config;
use crate::server::state::AppState;

/// Everything that is not a page shows nothing and may be framed by nobody.
const BARE_CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");

/// Sets what the response does not set itself.
pub fn complete(config: &Config, headers: &mut HeaderMap) {
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(BARE_CSP);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
    if config.https() {
        let two_years = HeaderValue::from_static("max-age=63072000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
}

/// Puts the page's CSP, with its nonce, on the response that is being drawn. Called in the page's context, before
/// anything of it is awaited.
pub fn page_csp(state: &AppState) {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), leptos::nonce::use_nonce()) else { return };
    let leptos = &state.config.leptos;
    let watch = std::env::var_os("LEPTOS_WATCH").is_some();
    let reload =
        watch.then(|| SocketAddr::new(leptos.site_addr.ip(), leptos.reload_port.try_into().unwrap_or_default()));
    if let Ok(value) = HeaderValue::from_str(&csp(&nonce, reload)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}

/// A page's policy. The watch mode's reload socket stands on a port of its own; without it a page connects to its own
/// server alone.
fn csp(nonce: &str, reload: Option<SocketAddr>) -> String {
    let reload = reload.map(|address| format!(" ws://{address}")).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'{reload}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_connect_home_and_in_the_watch_mode_to_its_socket() {
        let connects = |csp: &str| csp.split("; ").find(|part| part.starts_with("connect-src")).unwrap().to_owned();
        assert_eq!(connects(&csp("n", None)), "connect-src 'self'");
        let watch = csp("n", Some("127.0.0.1:3001".parse().unwrap()));
        assert_eq!(connects(&watch), "connect-src 'self' ws://127.0.0.1:3001");
        let (plain, watch) = (csp("n", None), watch.replace(" ws://127.0.0.1:3001", ""));
        assert_eq!(plain, watch, "and nothing else differs");
        assert!(plain.contains("script-src 'self' 'nonce-n'") && !plain.contains("unsafe-inline"));
    }
}
