//! What a browser accepts and what it has: the two request headers that choose an answer's form.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

/// Whether the client takes Brotli (RFC 9110, 12.5.3): named, or by `*`, and not with a weight of zero.
pub(super) fn accepts_brotli(headers: &HeaderMap) -> bool {
    let mut any = false;
    for coding in values(headers, ACCEPT_ENCODING.as_str()) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts
            .filter_map(|part| part.split_once('='))
            .filter(|(key, _)| key.trim().eq_ignore_ascii_case("q"))
            .any(|(_, weight)| weight.trim().parse().is_ok_and(|weight: f32| weight <= 0.0));
        if name.eq_ignore_ascii_case("br") {
            return !refused;
        }
        any |= name == "*" && !refused;
    }
    any
}

/// Whether the client has the content of this tag already (RFC 9110, 13.1.2: compared weakly).
pub(super) fn matches_tag(headers: &HeaderMap, tag: &str) -> bool {
    values(headers, IF_NONE_MATCH.as_str()).any(|have| have == "*" || have.trim_start_matches("W/") == tag)
}

/// The comma-separated values of all headers of this name.
fn values<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
