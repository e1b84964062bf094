//! What a page is told besides its data: who looks at it, what the place allows, and what came of a plain form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::{ErrorCode, UserRef};

/// Read once a document; the browser hydrates from the same value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageContext {
    /// Nobody when no living session came with the request.
    pub viewer: Option<UserRef>,
    pub sign_up_open: bool,
    /// A fresh UUIDv7 for the page's plain forms.
    pub nonce: String,
    /// The server's clock in milliseconds since 1970-01-01 UTC, so that both halves say "5 min" alike.
    pub now_ms: i64,
    /// The plain form that led to this page, when it failed.
    pub form: Option<FormFailure>,
}

/// A plain form that could not be done: the page shows the sentence beside it, with the text that was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormFailure {
    /// The server function's name, such as `message-post`.
    pub action: String,
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// What was typed, by field; never a password.
    pub fields: BTreeMap<String, String>,
}

impl FormFailure {
    /// What was typed into `field`.
    #[must_use]
    pub fn typed(&self, field: &str) -> Option<String> {
        self.fields.get(field).cloned()
    }
}
