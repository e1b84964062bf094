//! What the back ends write and answer alike, so that one's data can become the other's.

use aws_lc_rs::hmac;

use crate::protocol::{ConversationKind, Message};

// The numbers of `events.kind`.
pub(super) const MESSAGE_CREATE: i64 = 1;
pub(super) const MEMBER_ADD: i64 = 2;
pub(super) const MEMBER_REMOVE: i64 = 3;
pub(super) const MESSAGE_UPDATE: i64 = 4;
pub(super) const MESSAGE_DELETE: i64 = 5;
// The numbers of `inbox_events.kind`.
pub(super) const CONVERSATION_CREATE: i64 = 1;
pub(super) const CONVERSATION_DELETE: i64 = 2;

/// Expired sessions that one sign-in clears away, at most: more than it adds, so they never pile up.
pub(super) const CLEARED: i64 = 32;

/// Tells by its key whose data it is, and nothing of the key.
pub(super) fn fingerprint(nonce_key: &hmac::Key) -> hmac::Tag {
    hmac::sign(nonce_key, b"whose database this is")
}

/// As it stands in `conversations.kind`.
pub(super) fn kind_name(kind: ConversationKind) -> &'static str {
    match kind {
        ConversationKind::Direct => "direct",
        ConversationKind::Group => "group",
        ConversationKind::Room => "room",
    }
}

/// `Err`: what is wrong with the name.
pub(super) fn kind_named(name: &str) -> Result<ConversationKind, String> {
    use ConversationKind::{Direct, Group, Room};
    let found = [Direct, Group, Room].into_iter().find(|kind| kind_name(*kind) == name);
    found.ok_or_else(|| format!("{name:?} is no kind of conversation"))
}

/// Cuts off the one message too many that was asked for, to learn whether there is more.
pub(super) fn cut(mut messages: Vec<Message>, limit: u32) -> (Vec<Message>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = messages.len() > limit;
    messages.truncate(limit);
    (messages, more)
}
