//! What a page needs to know about its request before it can be drawn.

use serde::{Deserialize, Serialize};

use crate::protocol::{ErrorCode, Preferences, Sorted, UserRef};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageContext {
    /// Nobody for a guest.
    pub viewer: Option<UserRef>,
    /// How their pages look.
    pub preferences: Preferences,
    pub sign_up_open: bool,
    /// When the page was drawn, in milliseconds since 1970-01-01 UTC: what relative times count from until the
    /// browser's own clock takes over.
    pub now_ms: i64,
    /// A fresh nonce for a plain form on this page.
    pub nonce: String,
    /// The form that was just submitted without JavaScript and could not be done.
    pub form: Option<FormFailure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormFailure {
    /// The server function's name, `message-post` say.
    pub action: String,
    pub code: ErrorCode,
    pub message: String,
    /// What was typed, passwords left out.
    pub fields: Sorted<String, String>,
}

impl FormFailure {
    /// What was typed into a field.
    #[must_use]
    pub fn typed(&self, field: &str) -> Option<String> {
        self.fields.get(field).cloned()
    }
}
