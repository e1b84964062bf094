//! How the protocol's types stand in a column.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::protocol::{ConversationId, ConversationKind, Seq, SessionId, UserId};

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
        Ok(ToSqlOutput::from(match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Room => "room",
        }))
    }
}

impl FromSql for ConversationKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "direct" => Ok(Self::Direct),
            "group" => Ok(Self::Group),
            "room" => Ok(Self::Room),
            other => Err(FromSqlError::Other(format!("{other:?} is no kind of conversation").into())),
        }
    }
}
