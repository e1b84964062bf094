//! The body of a form: its type, its size, the time that it may take, and whether it is text.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use crate::api::ApiError;
use crate::protocol::ErrorCode;

/// Largest body of a program's request, in bytes: a message of 8,000 bytes, percent-encoded, fits twice.
pub(super) const PROGRAM_BYTES: usize = 64 * 1024;
/// Largest body of a plain form, in bytes: it may hold what somebody pasted, which the page gives back with "too long".
pub(super) const FORM_BYTES: usize = 256 * 1024;
/// Bytes that are read, and left, of a body that is too large. Closed upon somebody who still sends, a connection is reset,
/// and they never see why.
const DRAINED: usize = 4 * 1024 * 1024;
/// How long they may take.
const LINGER: Duration = Duration::from_secs(2);

/// Reads a form of at most `limit` bytes, within `patience`.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize, patience: Duration) -> Result<Bytes, ApiError> {
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    let mut pieces = body.into_data_stream();
    let whole = match declared {
        Some(bytes) if bytes > limit => None,
        _ => tokio::time::timeout(patience, collect(&mut pieces, limit))
            .await
            .map_err(|_| ApiError::bad_request("That did not come in whole in time. Send it again."))?,
    };
    let Some(body) = whole else {
        // Whoever asks before they send, by `Expect`, has sent nothing yet.
        if !headers.contains_key(header::EXPECT) {
            let _all_or_not = tokio::time::timeout(LINGER, drain(&mut pieces)).await;
        }
        let sentence = format!("That is too large. A request holds at most {} KiB.", limit / 1024);
        return Err(ApiError::new(ErrorCode::TooLarge, sentence));
    };
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    if !form && !body.is_empty() {
        let sentence = "Send the fields as application/x-www-form-urlencoded.";
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, sentence));
    }
    Ok(body)
}

/// The whole body; none if it is longer than that, or breaks off.
async fn collect(pieces: &mut BodyDataStream, limit: usize) -> Option<Bytes> {
    let mut whole = Bytes::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.ok().filter(|piece| whole.len() + piece.len() <= limit)?;
        // A message comes in one piece.
        whole = if whole.is_empty() { piece } else { [whole, piece].concat().into() };
    }
    Some(whole)
}

async fn drain(pieces: &mut BodyDataStream) {
    let mut drained = 0;
    while let Some(Ok(piece)) = pieces.next().await
        && drained < DRAINED
    {
        drained += piece.len();
    }
}

/// Whether a form's body, percent-decoded, is UTF-8. Reading it replaces what is not, and nobody would learn that
/// what was saved is not what was sent. `&` and `=` are no part of a longer character, so the whole can be looked at.
pub(super) fn is_utf8(body: &[u8]) -> bool {
    let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        decoded.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_is_seen() {
        for good in
            ["", "content=%C3%A9", "content=\u{e9}&b=%F0%9F%8D%B5", "content=100%", "a=%zz%4", "content=%\u{e9}"]
        {
            assert!(is_utf8(good.as_bytes()), "{good}");
        }
        for bad in ["content=%ED%A0%80", "content=%ff", "content=%C3", "a=%C3&b=%A9", "%80=x"] {
            assert!(!is_utf8(bad.as_bytes()), "{bad}");
        }
        assert!(!is_utf8(b"content=\xff"));
    }
}
