//! Running a statement, and the protocol's types in its rows.

use deadpool_postgres::GenericClient;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::protocol::{ConversationKind, Message, Seq, UserId, UserRef};
use crate::server::store::StoreError;
use crate::server::store::agreed::kind_named;

pub(super) type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// All rows. Every statement is prepared once a connection.
pub(super) async fn all(on: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Error> {
    let statement = on.prepare_cached(sql).await?;
    on.query(&statement, values).await
}

/// One row, or none.
pub(super) async fn one(on: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<Option<Row>, Error> {
    let statement = on.prepare_cached(sql).await?;
    on.query_opt(&statement, values).await
}

/// How many rows it changed.
pub(super) async fn run(on: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<u64, Error> {
    let statement = on.prepare_cached(sql).await?;
    on.execute(&statement, values).await
}

/// From two columns.
pub(super) fn user_ref(row: &Row, at: usize) -> Result<UserRef, Error> {
    Ok(UserRef { id: UserId(row.try_get(at)?), name: row.try_get(at + 1)? })
}

pub(super) fn seq(row: &Row, at: usize) -> Result<Seq, Error> {
    Ok(Seq(row.try_get(at)?))
}

/// From eight columns: seq, version, author's id and name, content, created_ms, nonce, reply_to.
pub(super) fn message(row: &Row, at: usize) -> Result<Message, StoreError> {
    Ok(Message {
        seq: seq(row, at)?,
        version: seq(row, at + 1)?,
        author: user_ref(row, at + 2)?,
        content: text(row.try_get(at + 4)?)?,
        created_ms: row.try_get(at + 5)?,
        nonce: text(row.try_get(at + 6)?)?,
        reply_to: row.try_get::<_, Option<i64>>(at + 7)?.map(Seq),
    })
}

pub(super) fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(|_| StoreError::Internal("a text is not UTF-8".into()))
}

pub(super) fn kind(name: &str) -> Result<ConversationKind, StoreError> {
    kind_named(name).map_err(StoreError::Internal)
}
