//! Sessions. One that has expired is as good as gone, and is deleted in passing.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::users::user_at;
use super::writer::Writing;
use crate::protocol::SessionId;
use crate::server::store::agreed::{CLEARED, preferences_of};
use crate::server::store::{NewSession, Session, StoreError, TokenHash};

pub(super) const END: &str = "DELETE FROM sessions WHERE id = ?1";
pub(super) const CLEAR: &str = "DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)";
/// Inserts nothing where there is no such user.
pub(super) const INSERT: &str = "INSERT INTO sessions (user_id, token_hash, created_ms, seen_ms, expires_ms, client)
    SELECT id, ?2, ?3, ?3, ?4, ?5 FROM users WHERE id = ?1 RETURNING id";
pub(super) const EXTEND: &str = "UPDATE sessions SET seen_ms = ?2, expires_ms = ?3 WHERE id = ?1";
pub(super) const BY_TOKEN: &str =
    "SELECT s.id, s.seen_ms, s.expires_ms, u.id, u.name, u.display_name, u.theme, u.density
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?1 AND s.expires_ms > ?2";
pub(super) const BY_ID: &str = "SELECT s.id, s.seen_ms, s.expires_ms, u.id, u.name, u.display_name, u.theme, u.density
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?1 AND s.expires_ms > ?2";

pub(super) fn create(writing: &mut Writing<'_>, new: &NewSession) -> Result<SessionId, StoreError> {
    if let Some(replaced) = new.replaces {
        end(writing, replaced)?;
    }
    let connection = writing.connection;
    connection.prepare_cached(CLEAR)?.execute(params![new.now_ms, CLEARED])?;
    connection
        .prepare_cached(INSERT)?
        .query_row(params![new.user, new.token_hash, new.now_ms, new.expires_ms, new.client], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NotFound)
}

pub(super) fn by_token(
    connection: &Connection,
    token_hash: &TokenHash,
    now_ms: i64,
) -> Result<Option<Session>, StoreError> {
    one(connection, BY_TOKEN, token_hash, now_ms)
}

pub(super) fn by_id(connection: &Connection, id: SessionId, now_ms: i64) -> Result<Option<Session>, StoreError> {
    one(connection, BY_ID, &id, now_ms)
}

fn one(connection: &Connection, sql: &str, key: &dyn ToSql, now_ms: i64) -> Result<Option<Session>, StoreError> {
    let session = |row: &Row<'_>| {
        Ok(Session {
            id: row.get(0)?,
            user: user_at(row, 3)?,
            seen_ms: row.get(1)?,
            expires_ms: row.get(2)?,
            preferences: preferences_of(row.get(6)?, row.get(7)?),
        })
    };
    Ok(connection.prepare_cached(sql)?.query_row(params![key, now_ms], session).optional()?)
}

pub(super) fn extend(
    writing: &mut Writing<'_>,
    id: SessionId,
    seen_ms: i64,
    expires_ms: i64,
) -> Result<(), StoreError> {
    writing.sessions.push(id);
    writing.connection.prepare_cached(EXTEND)?.execute(params![id, seen_ms, expires_ms])?;
    Ok(())
}

pub(super) fn end(writing: &mut Writing<'_>, id: SessionId) -> Result<bool, StoreError> {
    writing.sessions.push(id);
    Ok(writing.connection.prepare_cached(END)?.execute([id])? > 0)
}
