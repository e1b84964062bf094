//! Running a statement, and the protocol's types in its rows.

use deadpool_postgres::GenericClient;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::protocol::{Conversation, ConversationId, ConversationKind, Message, Mine, Seq, UserId, UserRef};
use crate::server::store::StoreError;
use crate::server::store::agreed::{kind_named, level_numbered, reactions_of};

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

/// From three columns: id, name, display_name.
pub(super) fn user_ref(row: &Row, at: usize) -> Result<UserRef, Error> {
    Ok(UserRef { id: UserId(row.try_get(at)?), name: row.try_get(at + 1)?, display: row.try_get(at + 2)? })
}

pub(super) fn seq(row: &Row, at: usize) -> Result<Seq, Error> {
    Ok(Seq(row.try_get(at)?))
}

/// A message's columns, in the order in which [`message`] reads them: of `m`, and of its author `a`.
macro_rules! message_columns {
    () => {
        "m.seq, m.version, a.id, a.name, a.display_name, m.content, m.created_ms, m.nonce, m.reply_to, m.edited_ms,
            m.pinned, m.deleted, m.reactions"
    };
}
pub(super) use message_columns;

pub(super) fn message(row: &Row, at: usize) -> Result<Message, StoreError> {
    Ok(Message {
        seq: seq(row, at)?,
        version: seq(row, at + 1)?,
        author: user_ref(row, at + 2)?,
        content: text(row.try_get(at + 5)?)?,
        created_ms: row.try_get(at + 6)?,
        nonce: text(row.try_get(at + 7)?)?,
        reply_to: row.try_get::<_, Option<i64>>(at + 8)?.map(Seq),
        edited_ms: row.try_get(at + 9)?,
        pinned: row.try_get(at + 10)?,
        deleted: row.try_get(at + 11)?,
        reactions: reactions_of(row.try_get(at + 12)?).map_err(StoreError::Internal)?,
    })
}

/// A conversation's columns, in the order in which [`conversation`] reads them, as a row's first.
macro_rules! conversation_columns {
    () => {
        "c.id, c.kind, c.title, c.member_count, c.topic, c.manager_id, c.open, c.archived"
    };
}
pub(super) use conversation_columns;

/// Without its members.
pub(super) fn conversation(row: &Row) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: ConversationId(row.try_get(0)?),
        kind: kind(row.try_get(1)?)?,
        title: row.try_get(2)?,
        member_count: row.try_get(3)?,
        topic: row.try_get(4)?,
        manager: row.try_get::<_, Option<i64>>(5)?.map(UserId),
        open: row.try_get(6)?,
        archived: row.try_get(7)?,
        members: Vec::new(),
    })
}

/// From three columns: level, pinned, marked.
pub(super) fn mine(row: &Row, at: usize) -> Result<Mine, StoreError> {
    let level = level_numbered(row.try_get(at)?).map_err(StoreError::Internal)?;
    Ok(Mine { level, pinned: row.try_get(at + 1)?, marked: row.try_get(at + 2)? })
}

pub(super) fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(|_| StoreError::Internal("a text is not UTF-8".into()))
}

pub(super) fn kind(name: &str) -> Result<ConversationKind, StoreError> {
    kind_named(name).map_err(StoreError::Internal)
}
