//! The mark in a target: whose data comes into it, and how the source stood. As long as it is there, nobody serves from
//! that database.

use std::fmt;

use super::MoveError;
use super::side::{Row, Side, Value};
use super::tables::{TABLES, WITH_IDS};
use crate::server::store::StoreError;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS chatter_migration (installation text NOT NULL, source text NOT NULL)";
const READ: &str = "SELECT installation, source FROM chatter_migration";
/// What no source is noted as: the copy is not to be built on.
const SPOILED: &str = "UPDATE chatter_migration SET source = ''";
const REMOVE: &str = "DROP TABLE chatter_migration";

/// How a database stands: cheap to read, and moved by whatever a server does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Totals {
    /// Of each table the number of its rows, then its sums.
    tables: Vec<Vec<i64>>,
    last_ids: Vec<i64>,
}

impl Totals {
    pub(super) async fn of(side: &dyn Side) -> Result<Self, StoreError> {
        let mut tables = Vec::with_capacity(TABLES.len());
        for table in &TABLES {
            tables.push(numbers(side, &table.totals()).await?);
        }
        let mut last_ids = Vec::with_capacity(WITH_IDS.len());
        for table in WITH_IDS {
            last_ids.extend(numbers(side, &side.last_id(table)).await?);
        }
        Ok(Self { tables, last_ids })
    }

    /// Rows of each table.
    pub(super) fn counts(&self) -> impl Iterator<Item = i64> {
        self.tables.iter().map(|numbers| numbers[0])
    }

    /// Sets the last ids in the target to these.
    pub(super) async fn hand_over_ids(&self, target: &dyn Side) -> Result<(), StoreError> {
        for (table, id) in WITH_IDS.into_iter().zip(&self.last_ids) {
            target.execute(&target.set_last_id(table, *id)).await?;
        }
        Ok(())
    }
}

/// As it stands in the mark: digits, signs and spaces.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.tables.iter().flatten().chain(&self.last_ids);
        f.write_str(&numbers.map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }
}

async fn numbers(side: &dyn Side, sql: &str) -> Result<Vec<i64>, StoreError> {
    let number = |value| match value {
        Value::Number(number) => Ok(number),
        Value::Null | Value::Bytes(_) => Err(StoreError::Internal("a total is no number".into())),
    };
    side.row(sql).await?.unwrap_or_default().into_iter().map(number).collect()
}

/// What a migration found in its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Nothing.
    New,
    /// An earlier try, which it continues.
    GoesOn,
    /// An earlier try that began from other data: all of it was removed.
    Over,
    /// As many rows as in the source, and no mark: an earlier try that came to its end, if they are the same.
    Done,
}

/// Marks the target. Errors: `NotEmpty`, `OtherSecrets`: it stays as it is.
pub(super) async fn begin(target: &dyn Side, installation: &str, totals: &Totals) -> Result<Beginning, MoveError> {
    target.execute(&target.hold()).await?;
    target.execute(CREATE).await?;
    let is = |row: &Row, at: usize, text: &str| row[at] == Value::Bytes(text.as_bytes().to_vec());
    let source = totals.to_string();
    let beginning = match target.row(READ).await? {
        None if is_empty(target).await? => {
            target.execute(&format!("INSERT INTO chatter_migration VALUES ('{installation}', '{source}')")).await?;
            Beginning::New
        }
        // Whoever was killed in the very end runs it again.
        None if Totals::of(target).await? == *totals => {
            target.execute("ROLLBACK").await?;
            return Ok(Beginning::Done);
        }
        None => return Err(MoveError::NotEmpty),
        Some(mark) if !is(&mark, 0, installation) => return Err(StoreError::OtherSecrets.into()),
        Some(mark) if is(&mark, 1, &source) => Beginning::GoesOn,
        Some(_) => {
            target.execute(&target.clear()).await?;
            target.execute(&format!("UPDATE chatter_migration SET source = '{source}'")).await?;
            Beginning::Over
        }
    };
    target.execute("COMMIT").await?;
    Ok(beginning)
}

async fn is_empty(target: &dyn Side) -> Result<bool, StoreError> {
    for table in &TABLES {
        if target.row(&table.last()).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes the mark away, in the transaction that holds the target; then it is there to be served from.
pub(super) async fn finish(target: &dyn Side) -> Result<(), StoreError> {
    target.execute(REMOVE).await?;
    target.execute("COMMIT").await
}

/// Ends that transaction otherwise: the next try begins from nothing.
pub(super) async fn spoil(target: &dyn Side) -> Result<(), StoreError> {
    target.execute("ROLLBACK").await?;
    target.execute(SPOILED).await
}
