//! What moving house asks of a back end: one connection that reads and writes rows as they are.

use async_trait::async_trait;

use super::tables::Table;
use crate::server::store::StoreError;

/// A value in neither back end's words: text is its bytes, a flag is 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server::store) enum Value {
    Null,
    Number(i64),
    Bytes(Vec<u8>),
}

pub(in crate::server::store) type Row = Vec<Value>;

/// One end of the move. All of it happens on one connection: with it, a transaction that was begun is gone.
#[async_trait]
pub(in crate::server::store) trait Side: Send + Sync {
    /// Begins a transaction in which nobody else writes.
    fn hold(&self) -> String;
    /// Empties all tables.
    fn clear(&self) -> String;
    /// The last id that a table gave out; 0: none.
    fn last_id(&self, table: &str) -> String;
    fn set_last_id(&self, table: &str, id: i64) -> String;

    async fn execute(&self, sql: &str) -> Result<(), StoreError>;
    /// The first row of the answer.
    async fn row(&self, sql: &str) -> Result<Option<Row>, StoreError>;
    /// The rows after this key, in its order: not all of them.
    async fn page(&self, table: &'static Table, after: Option<Row>) -> Result<Vec<Row>, StoreError>;
    /// Adds these rows in a transaction of their own.
    async fn write(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError>;
    /// Once all rows are there, before they are compared: makes sure of them.
    async fn settle(&self) -> Result<(), StoreError>;
    /// What is wrong with the data, in sentences.
    async fn faults(&self) -> Result<Vec<String>, StoreError>;
}
