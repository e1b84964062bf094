//! Users and their sessions: what takes no number in a log.

use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::{Error, Row};

use super::rows::{Values, all, one, run, user_ref};
use crate::protocol::{SessionId, UserId, UserRef};
use crate::server::store::agreed::{CLEARED, preferences_of};
use crate::server::store::{Credentials, NewSession, Session, StoreError, TokenHash};

const BY_ID: &str = "SELECT id, name, display_name FROM users WHERE id = $1";
const BY_IDS: &str =
    "SELECT u.id, u.name, u.display_name FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
    JOIN users u ON u.id = asked.id ORDER BY asked.place";
const BY_NAME: &str = "SELECT id, name, display_name, password_hash FROM users WHERE folded = $1";
const ALL: &str = "SELECT id, name, display_name FROM users ORDER BY id";
const PASSWORD: &str = "UPDATE users SET password_hash = $2 WHERE id = $1 AND ($3::text IS NULL OR password_hash = $3)";
const END_OTHERS: &str = "DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING id";

const END: &str = "DELETE FROM sessions WHERE id = $1";
const CLEAR: &str = "DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2 FOR UPDATE SKIP LOCKED)";
/// Inserts nothing where there is no such user.
const INSERT: &str = "INSERT INTO sessions (user_id, token_hash, created_ms, seen_ms, expires_ms, client)
    SELECT id, $2, $3, $3, $4, $5 FROM users WHERE id = $1 RETURNING id";
const EXTEND: &str = "UPDATE sessions SET seen_ms = $2, expires_ms = $3 WHERE id = $1";
const BY_TOKEN: &str = "SELECT s.id, s.seen_ms, s.expires_ms, u.id, u.name, u.display_name, u.theme, u.density
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_ms > $2";
const LIVING: &str = "SELECT id FROM sessions WHERE id = ANY($1) AND expires_ms > $2";
const BY_SESSION: &str = "SELECT s.id, s.seen_ms, s.expires_ms, u.id, u.name, u.display_name, u.theme, u.density
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.expires_ms > $2";

pub(super) async fn by_id(on: &impl GenericClient, id: UserId) -> Result<Option<UserRef>, StoreError> {
    let row = one(on, BY_ID, &[&id.0]).await?;
    Ok(row.map(|row| user_ref(&row, 0)).transpose()?)
}

/// Those of them that exist, in the order asked.
pub(super) async fn by_ids(on: &impl GenericClient, ids: &[UserId]) -> Result<Vec<UserRef>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    Ok(all(on, BY_IDS, &[&ids]).await?.iter().map(|row| user_ref(row, 0)).collect::<Result<_, _>>()?)
}

pub(super) async fn by_name(on: &impl GenericClient, folded: &str) -> Result<Option<Credentials>, StoreError> {
    let credentials =
        |row: Row| Ok::<_, Error>(Credentials { user: user_ref(&row, 0)?, password_hash: row.try_get(3)? });
    Ok(one(on, BY_NAME, &[&folded]).await?.map(credentials).transpose()?)
}

pub(super) async fn names(on: &impl GenericClient) -> Result<Vec<UserRef>, StoreError> {
    Ok(all(on, ALL, &[]).await?.iter().map(|row| user_ref(row, 0)).collect::<Result<_, _>>()?)
}

pub(super) async fn living(
    on: &impl GenericClient,
    ids: &[SessionId],
    now_ms: i64,
) -> Result<Vec<SessionId>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = all(on, LIVING, &[&ids, &now_ms]).await?;
    Ok(rows.iter().map(|row| row.try_get(0).map(SessionId)).collect::<Result<_, _>>()?)
}

pub(super) async fn password_set(
    mut client: Object,
    user: UserId,
    expected: Option<String>,
    password_hash: String,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>, StoreError> {
    let transaction = client.transaction().await?;
    if run(&transaction, PASSWORD, &[&user.0, &password_hash, &expected]).await? == 0 {
        let known = by_id(&transaction, user).await?.is_some();
        return Err(if known { StoreError::PasswordChanged } else { StoreError::NotFound });
    }
    let ended = all(&transaction, END_OTHERS, &[&user.0, &keep.map(|session| session.0)]).await?;
    transaction.commit().await?;
    Ok(ended.iter().map(|row| row.try_get(0).map(SessionId)).collect::<Result<_, _>>()?)
}

pub(super) async fn session_create(mut client: Object, new: NewSession) -> Result<SessionId, StoreError> {
    let transaction = client.transaction().await?;
    if let Some(replaced) = new.replaces {
        run(&transaction, END, &[&replaced.0]).await?;
    }
    run(&transaction, CLEAR, &[&new.now_ms, &CLEARED]).await?;
    let values: Values<'_> = &[&new.user.0, &new.token_hash.as_slice(), &new.now_ms, &new.expires_ms, &new.client];
    let row = one(&transaction, INSERT, values).await?.ok_or(StoreError::NotFound)?;
    transaction.commit().await?;
    Ok(SessionId(row.try_get(0)?))
}

pub(super) async fn session_by_token(
    on: &impl GenericClient,
    token_hash: &TokenHash,
    now_ms: i64,
) -> Result<Option<Session>, StoreError> {
    session(one(on, BY_TOKEN, &[&token_hash.as_slice(), &now_ms]).await?)
}

pub(super) async fn session_by_id(
    on: &impl GenericClient,
    id: SessionId,
    now_ms: i64,
) -> Result<Option<Session>, StoreError> {
    session(one(on, BY_SESSION, &[&id.0, &now_ms]).await?)
}

fn session(row: Option<Row>) -> Result<Option<Session>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Session {
        id: SessionId(row.try_get(0)?),
        user: user_ref(&row, 3)?,
        seen_ms: row.try_get(1)?,
        expires_ms: row.try_get(2)?,
        preferences: preferences_of(row.try_get(6)?, row.try_get(7)?),
    }))
}

pub(super) async fn session_extend(
    client: Object,
    id: SessionId,
    seen_ms: i64,
    expires_ms: i64,
) -> Result<(), StoreError> {
    run(&client, EXTEND, &[&id.0, &seen_ms, &expires_ms]).await?;
    Ok(())
}

pub(super) async fn session_end(client: Object, id: SessionId) -> Result<bool, StoreError> {
    Ok(run(&client, END, &[&id.0]).await? > 0)
}
