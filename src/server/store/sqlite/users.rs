//! Users: their names, their password hashes, and the rooms that take everyone in.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::conversations;
use super::events::{append, append_inbox};
use super::writer::Writing;
use crate::protocol::{ConversationId, EventBody, Seq, SessionId, UserId, UserRef};
use crate::server::store::{Credentials, NewUser, StoreError};

pub(super) const INSERT: &str = "INSERT INTO users (name, folded, password_hash, created_ms) VALUES (?1, ?2, ?3, ?4)";
pub(super) const BY_ID: &str = "SELECT id, name, display_name FROM users WHERE id = ?1";
pub(super) const BY_NAME: &str = "SELECT id, name, display_name, password_hash FROM users WHERE folded = ?1";
pub(super) const ALL: &str = "SELECT id, name, display_name FROM users ORDER BY id";
pub(super) const ROOMS_FOR_EVERYONE: &str = "SELECT id FROM conversations WHERE everyone = 1 ORDER BY id";
/// `active_ms` stays: a sign-up does not bring a room to the top of everyone's list.
pub(super) const JOIN: &str = "UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count + 1
    WHERE id = ?1 RETURNING last_seq";
pub(super) const PASSWORD: &str =
    "UPDATE users SET password_hash = ?2 WHERE id = ?1 AND (?3 IS NULL OR password_hash IS ?3)";
pub(super) const END_OTHERS: &str = "DELETE FROM sessions WHERE user_id = ?1 AND id IS NOT ?2 RETURNING id";

pub(super) fn user_ref(row: &Row<'_>) -> rusqlite::Result<UserRef> {
    user_at(row, 0)
}

/// From three columns.
pub(super) fn user_at(row: &Row<'_>, at: usize) -> rusqlite::Result<UserRef> {
    Ok(UserRef { id: row.get(at)?, name: row.get(at + 1)?, display: row.get(at + 2)? })
}

pub(super) fn create(writing: &mut Writing<'_>, new: &NewUser) -> Result<UserRef, StoreError> {
    let connection = writing.connection;
    connection.prepare_cached(INSERT)?.execute(params![new.name, new.folded, new.password_hash, new.now_ms])?;
    let user = UserRef::new(UserId(connection.last_insert_rowid()), new.name.clone());
    let rooms = connection
        .prepare_cached(ROOMS_FOR_EVERYONE)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<ConversationId>, _>>()?;
    for room in rooms {
        let seq: Seq = connection.prepare_cached(JOIN)?.query_row([room], |row| row.get(0))?;
        // Nothing from before they joined is unread.
        conversations::add_member(connection, room, user.id, seq, seq)?;
        let conversation = conversations::load(connection, room)?
            .ok_or_else(|| StoreError::Internal(format!("room {room} vanished in its transaction")))?;
        append_inbox(writing, user.id, EventBody::ConversationCreate(conversation), seq)?;
        append(writing, room, seq, user.id, EventBody::MemberAdd(user.clone()))?;
    }
    Ok(user)
}

pub(super) fn by_id(connection: &Connection, id: UserId) -> Result<Option<UserRef>, StoreError> {
    Ok(connection.prepare_cached(BY_ID)?.query_row([id], user_ref).optional()?)
}

pub(super) fn by_name(connection: &Connection, folded: &str) -> Result<Option<Credentials>, StoreError> {
    let credentials = |row: &Row<'_>| Ok(Credentials { user: user_ref(row)?, password_hash: row.get(3)? });
    Ok(connection.prepare_cached(BY_NAME)?.query_row([folded], credentials).optional()?)
}

pub(super) fn names(connection: &Connection) -> Result<Vec<UserRef>, StoreError> {
    Ok(connection.prepare_cached(ALL)?.query_map([], user_ref)?.collect::<Result<_, _>>()?)
}

pub(super) fn password_set(
    writing: &mut Writing<'_>,
    user: UserId,
    expected: Option<&str>,
    password_hash: &str,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>, StoreError> {
    let connection = writing.connection;
    if connection.prepare_cached(PASSWORD)?.execute(params![user, password_hash, expected])? == 0 {
        let known = by_id(connection, user)?.is_some();
        return Err(if known { StoreError::PasswordChanged } else { StoreError::NotFound });
    }
    let ended = connection
        .prepare_cached(END_OTHERS)?
        .query_map(params![user, keep], |row| row.get(0))?
        .collect::<Result<Vec<_>, _>>()?;
    writing.sessions.extend(&ended);
    Ok(ended)
}
