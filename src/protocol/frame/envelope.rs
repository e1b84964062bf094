//! What all frames share: `op`, `c`, `s`, `d`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::protocol::ids::{ConversationId, Seq};

#[derive(Serialize)]
struct Out<'a, T: Serialize> {
    op: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<ConversationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<&'a T>,
}

/// A frame with its payload still unread.
#[derive(Deserialize)]
pub(super) struct In<'a> {
    pub(super) op: String,
    pub(super) c: Option<ConversationId>,
    pub(super) s: Option<Seq>,
    #[serde(borrow)]
    pub(super) d: Option<&'a RawValue>,
}

/// A frame without a place in a log.
pub(super) fn out<T: Serialize>(op: &str, d: Option<&T>) -> String {
    out_event(op, None, None, d)
}

/// A frame at its place in a log.
pub(super) fn out_event<T: Serialize>(op: &str, c: Option<ConversationId>, s: Option<Seq>, d: Option<&T>) -> String {
    serde_json::to_string(&Out { op, c, s, d }).expect("frames hold only string keys and serialisable values")
}
