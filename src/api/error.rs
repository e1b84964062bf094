//! What a server function answers when it cannot do what was asked.

use std::borrow::Cow;
use std::fmt;

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::Bytes;
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

use crate::protocol::{ErrorCode, json};

/// `{"code":"…","message":"…"}`: a stable code, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    pub code: ErrorCode,
    pub message: Cow<'static, str>,
}

impl ApiError {
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// A field is missing or not of its form; the sentence says what would be right.
    #[must_use]
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(reason) | ServerFnErrorErr::MissingArg(reason) => {
                Self::new(ErrorCode::BadRequest, format!("A field is missing or not of its form: {reason}."))
            }
            // In a browser: an answer that cannot be read is none of ours, as when a proxy says that we are away.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new(ErrorCode::Unavailable, "Chatter could not be reached. Check the connection and try again.")
            }
            ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => {
                Self::new(ErrorCode::Internal, "Something went wrong here. Try again.")
            }
        }
    }

    // Out of the same kind of reader as all else that is read: the shapes are then compiled once.
    fn de(data: Bytes) -> Self {
        let text = str::from_utf8(&data).unwrap_or_default();
        json::read(text)
            .unwrap_or_else(|e| Self::from_server_fn_error(ServerFnErrorErr::Deserialization(e.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_our_answer_says_that_chatter_is_away() {
        let answers: [(&[u8], ErrorCode); 3] = [
            (br#"{"code":"content_blank","message":"Write something."}"#, ErrorCode::ContentBlank),
            (b"<html><h1>502 Bad Gateway</h1></html>", ErrorCode::Unavailable),
            (b"", ErrorCode::Unavailable),
        ];
        for (body, expected) in answers {
            assert_eq!(ApiError::de(body.to_vec().into()).code, expected, "{}", String::from_utf8_lossy(body));
        }
    }
}
