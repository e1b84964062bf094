//! Whom messages call, so that others' calls after a read mark can be counted.

use rusqlite::{Connection, params};

use crate::protocol::limits::UNREAD_MAX;
use crate::protocol::{ConversationId, Seq, UserId};
use crate::server::store::{Called, StoreError};

pub(super) const ENTER_ALL: &str = "INSERT INTO mentions (conversation_id, user_id, seq) VALUES (?1, 0, ?2)";
/// Where there is somebody of that name; one does not call oneself.
pub(super) const ENTER: &str = "INSERT INTO mentions (conversation_id, user_id, seq)
    SELECT ?1, id, ?2 FROM users WHERE folded = ?4 AND id <> ?3";
pub(super) const FORGET: &str = "DELETE FROM mentions WHERE conversation_id = ?1 AND seq = ?2";
/// A message calls nobody twice, and the reader's own are before the mark, as posting moves it.
pub(super) const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM mentions
    WHERE conversation_id = ?1 AND user_id IN (0, ?2) AND seq > ?3 LIMIT ?4)";

pub(super) fn enter(
    connection: &Connection,
    conversation: ConversationId,
    seq: Seq,
    author: UserId,
    called: &Called,
) -> Result<(), StoreError> {
    match called {
        Called::Everybody => {
            connection.prepare_cached(ENTER_ALL)?.execute(params![conversation, seq])?;
        }
        Called::Names(names) => {
            for name in names {
                connection.prepare_cached(ENTER)?.execute(params![conversation, seq, author, name])?;
            }
        }
    }
    Ok(())
}

pub(super) fn forget(connection: &Connection, conversation: ConversationId, seq: Seq) -> Result<(), StoreError> {
    connection.prepare_cached(FORGET)?.execute(params![conversation, seq])?;
    Ok(())
}

/// Messages after `after` that call the user, counted up to [`UNREAD_MAX`].
pub(super) fn count(
    connection: &Connection,
    conversation: ConversationId,
    user: UserId,
    after: Seq,
) -> Result<u32, StoreError> {
    let values = params![conversation, user, after, UNREAD_MAX];
    Ok(connection.prepare_cached(COUNT)?.query_row(values, |row| row.get(0))?)
}
