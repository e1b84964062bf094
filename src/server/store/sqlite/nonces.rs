//! What an author's nonce stands for: exactly once, for ever.

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension, params};

use crate::protocol::{ConversationId, Seq, UserId};
use crate::server::store::{NewMessage, StoreError};

pub(super) const FIND: &str = "SELECT conversation_id, seq, hash FROM nonces WHERE author_id = ?1 AND nonce = ?2";
pub(super) const CLAIM: &str =
    "INSERT INTO nonces (author_id, nonce, hash, conversation_id, seq) VALUES (?1, ?2, ?3, ?4, ?5)";

/// HMAC-SHA256, cut to 128 bits: the key keeps whoever reads the file from guessing what was deleted.
pub(super) type Hash = [u8; 16];

/// The message that holds a nonce.
pub(super) struct Claimed {
    pub(super) conversation: ConversationId,
    pub(super) seq: Seq,
    pub(super) hash: Hash,
}

pub(super) fn find(connection: &Connection, author: UserId, nonce: &str) -> Result<Option<Claimed>, StoreError> {
    let claimed = connection
        .prepare_cached(FIND)?
        .query_row(params![author, nonce], |row| {
            Ok(Claimed { conversation: row.get(0)?, seq: row.get(1)?, hash: row.get(2)? })
        })
        .optional()?;
    Ok(claimed)
}

pub(super) fn claim(
    connection: &Connection,
    new: &NewMessage,
    conversation: ConversationId,
    seq: Seq,
    hash: Hash,
) -> Result<(), StoreError> {
    connection.prepare_cached(CLAIM)?.execute(params![new.author, new.nonce, hash, conversation, seq])?;
    Ok(())
}

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
