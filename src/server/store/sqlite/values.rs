//! How the protocol's types stand in a column.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::protocol::{ConversationId, ConversationKind, Level, Seq, SessionId, UserId};
use crate::server::store::agreed::{kind_name, kind_named, level_number, level_numbered};

/// An id is its number.
macro_rules! number {
    ($($id:ident)*) => {$(
        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                i64::column_result(value).map(Self)
            }
        }
    )*};
}

number! { ConversationId Seq SessionId UserId }

impl ToSql for ConversationKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(kind_name(*self)))
    }
}

impl FromSql for ConversationKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        kind_named(value.as_str()?).map_err(|wrong| FromSqlError::Other(wrong.into()))
    }
}

impl ToSql for Level {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(level_number(*self)))
    }
}

impl FromSql for Level {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        level_numbered(value.as_i64()?).map_err(|wrong| FromSqlError::Other(wrong.into()))
    }
}
