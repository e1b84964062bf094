//! What an author's nonce stands for: exactly once, for ever.

use rusqlite::{Connection, OptionalExtension, params};

use crate::protocol::{ConversationId, Seq, UserId};
use crate::server::store::nonce_hash::Hash;
use crate::server::store::{NewMessage, StoreError};

pub(super) const FIND: &str = "SELECT conversation_id, seq, hash FROM nonces WHERE author_id = ?1 AND nonce = ?2";
pub(super) const CLAIM: &str =
    "INSERT INTO nonces (author_id, nonce, hash, conversation_id, seq) VALUES (?1, ?2, ?3, ?4, ?5)";

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
