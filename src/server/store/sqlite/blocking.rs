//! Who wants to hear no more from whom. Of their direct conversation the one who blocks is no member meanwhile, and
//! nothing in its log says so: the other goes on writing there.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::{self, append_inbox};
use super::writer::Writing;
use super::{conversations, users};
use crate::protocol::limits::BLOCKED;
use crate::protocol::{ConversationId, EventBody, Stream, UserId, UserRef};
use crate::server::store::{Absence, StoreError};

pub(super) const SET: &str = "INSERT INTO blocks (user_id, blocked_id, created_ms) VALUES (?1, ?2, ?3)";
pub(super) const UNSET: &str = "DELETE FROM blocks WHERE user_id = ?1 AND blocked_id = ?2";
pub(super) const IS: &str = "SELECT 1 FROM blocks WHERE user_id = ?1 AND blocked_id = ?2";
pub(super) const COUNT: &str = "SELECT count(*) FROM blocks WHERE user_id = ?1";
pub(super) const LIST: &str = "SELECT u.id, u.name, u.display_name FROM blocks b JOIN users u ON u.id = b.blocked_id
    WHERE b.user_id = ?1 ORDER BY b.blocked_id";
/// Whoever is in a direct conversation from its beginning joined it at 0.
pub(super) const ABSENCES: &str = "SELECT m.user_id, coalesce(m.left_seq, m.joined_seq), m.left_seq IS NULL
    FROM conversations c JOIN members m ON m.conversation_id = c.id AND (m.left_seq IS NOT NULL OR m.joined_seq > 0)
    WHERE c.id = ?1 AND c.kind = 'direct'";
pub(super) const LEAVE: &str = "UPDATE members SET left_seq = (SELECT last_seq FROM conversations WHERE id = ?1)
    WHERE conversation_id = ?1 AND user_id = ?2 AND left_seq IS NULL";
/// Nothing of what was written meanwhile is unread.
pub(super) const RETURN: &str = "UPDATE members
    SET left_seq = NULL, marked = 0, (joined_seq, read_seq) = (SELECT last_seq, last_seq FROM conversations WHERE id = ?1)
    WHERE conversation_id = ?1 AND user_id = ?2 AND left_seq IS NOT NULL";

pub(super) fn set(
    writing: &mut Writing<'_>,
    user: UserId,
    other: UserId,
    on: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    let connection = writing.connection;
    if user == other {
        return Err(StoreError::Forbidden);
    }
    if users::by_id(connection, other)?.is_none() {
        return Err(StoreError::NotFound);
    }
    if is_set(connection, user, other)? == on {
        return Ok(());
    }
    if on {
        let count: i64 = connection.prepare_cached(COUNT)?.query_row([user], |row| row.get(0))?;
        if count >= BLOCKED {
            return Err(StoreError::LimitReached);
        }
        connection.prepare_cached(SET)?.execute(params![user, other, now_ms])?;
    } else {
        connection.prepare_cached(UNSET)?.execute(params![user, other])?;
    }
    let Some(direct) = conversations::direct_find(connection, user, other)? else { return Ok(()) };
    let changed = connection.prepare_cached(if on { LEAVE } else { RETURN })?.execute(params![direct, user])?;
    let last = events::last_seq(connection, Stream::Conversation(direct))?;
    match conversations::load(connection, direct)? {
        Some(conversation) if changed > 0 && !on => {
            append_inbox(writing, user, EventBody::ConversationCreate(conversation), last.next())
        }
        Some(_) if changed > 0 => append_inbox(writing, user, EventBody::ConversationDelete(direct), last),
        _ => Ok(()),
    }
}

/// Takes somebody who has blocked the one that opens it out of a direct conversation that was just opened.
pub(super) fn leave(connection: &Connection, direct: ConversationId, user: UserId) -> Result<(), StoreError> {
    connection.prepare_cached(LEAVE)?.execute(params![direct, user])?;
    Ok(())
}

/// Whether `user` has blocked `other`.
pub(super) fn is_set(connection: &Connection, user: UserId, other: UserId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached(IS)?.query_row(params![user, other], |_| Ok(())).optional()?.is_some())
}

/// Who has left a direct conversation, or is back.
pub(super) fn absences(connection: &Connection, conversation: ConversationId) -> Result<Vec<Absence>, StoreError> {
    let mut statement = connection.prepare_cached(ABSENCES)?;
    let absence = |row: &Row<'_>| Ok(Absence { user: row.get(0)?, seq: row.get(1)?, is_over: row.get(2)? });
    Ok(statement.query_map([conversation], absence)?.collect::<Result<_, _>>()?)
}

pub(super) fn list(connection: &Connection, user: UserId) -> Result<Vec<UserRef>, StoreError> {
    let mut statement = connection.prepare_cached(LIST)?;
    let blocked = statement.query_map([user], users::user_ref)?;
    Ok(blocked.collect::<Result<_, _>>()?)
}
