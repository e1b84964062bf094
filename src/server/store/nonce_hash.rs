//! What was posted under a nonce, in 16 bytes: enough to tell a retry from another message.

use aws_lc_rs::hmac;

use super::NewMessage;
use crate::protocol::ConversationId;

/// HMAC-SHA256, cut to 128 bits: the key keeps whoever reads the data from guessing what was deleted.
pub(super) type Hash = [u8; 16];

/// Over (conversation, reply, content). Every part but the last has a fixed length, so no two read alike.
pub(super) fn hash(key: &hmac::Key, conversation: ConversationId, new: &NewMessage) -> Hash {
    let mut context = hmac::Context::with_key(key);
    context.update(&conversation.0.to_be_bytes());
    context.update(&[u8::from(new.reply_to.is_some())]);
    context.update(&new.reply_to.unwrap_or_default().0.to_be_bytes());
    // Attachments will follow the content, so its length goes before it.
    context.update(&u64::try_from(new.content.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(new.content.as_bytes());
    let tag = context.sign();
    let mut hash = Hash::default();
    hash.copy_from_slice(&tag.as_ref()[..16]);
    hash
}
