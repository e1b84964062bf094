//! Moving house: all that a database holds, copied row by row into an empty one of the other back end.
//!
//! - **Nobody else writes** to either meanwhile. The source is read in one transaction that keeps others from writing.
//! - **It can be broken off at any moment**, and goes on where it was. Rows are copied in the order of their keys, a page
//!   a transaction; so what a target holds is always the beginning of each table, and the highest key is the place.
//! - **What is half there is not served from.** A mark stands in the target from before the first row until all are
//!   compared ([`note`]); both back ends refuse to open a database that has it.
//! - **It begins anew where the source has changed** since an earlier try; of another installation's data, or of data that
//!   nobody brought here by moving, nothing is touched.
//! - **Every row is compared** before the mark is taken away, in the transaction that takes it away.
//! - **Memory is bounded** by a few pages, however large the tables are.

mod meter;
mod note;
mod side;
mod tables;

use std::path::Path;

use aws_lc_rs::hmac;
use thiserror::Error;

use super::StoreError;
use super::agreed::fingerprint;
use super::postgres::moving::Database;
use super::sqlite::moving::DatabaseFile;
use meter::Meter;
pub use meter::{Progress, Report, Step};
pub use note::Beginning;
use note::Totals;
pub(in crate::server::store) use side::{Row, Side, Value};
pub(in crate::server::store) use tables::{Kind, TABLES, Table, names};

#[derive(Debug, Error)]
pub enum MoveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no Chatter in it that could be moved")]
    NothingThere,
    #[error(
        "the database to move into holds data already that is not from this migration: nothing was changed. Name an empty database; or, moving into a data folder, one without a chatter.db"
    )]
    NotEmpty,
    #[error("the copy differs from the original in {0}: it is not to be used. Run this again, and it begins anew")]
    Differs(String),
    #[error("all was copied as it is, but it is not whole ({0}): repair the original, or restore a backup of it")]
    NotWhole(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    IntoPostgres,
    OutOfPostgres,
}

/// What is moved from and to.
pub struct Ends<'e> {
    /// SQLite's. It need not be there where it is moved to.
    pub file: &'e Path,
    /// PostgreSQL's.
    pub url: &'e str,
    pub nonce_key: [u8; 32],
}

/// What was done.
#[derive(Debug)]
pub struct Moved {
    pub beginning: Beginning,
    /// Rows of each table.
    pub rows: Vec<(&'static str, i64)>,
}

/// Moves everything. No server and no command may work with the file meanwhile: see `data_lock`. On PostgreSQL it sees to
/// that itself.
pub async fn run(way: Way, ends: Ends<'_>, report: Report<'_>) -> Result<Moved, MoveError> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &ends.nonce_key);
    let installation: String = fingerprint(&key).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    match way {
        Way::IntoPostgres => {
            let source = DatabaseFile::source(ends.file).await?;
            let target = Database::target(ends.url, &key).await?;
            between(&source, &target, &installation, report).await
        }
        Way::OutOfPostgres => {
            let source = Database::source(ends.url, &key).await?;
            let target = DatabaseFile::target(ends.file).await?;
            between(&source, &target, &installation, report).await
        }
    }
}

async fn between(
    source: &dyn Side,
    target: &dyn Side,
    installation: &str,
    report: Report<'_>,
) -> Result<Moved, MoveError> {
    source.execute(&source.hold()).await?;
    let totals = Totals::of(source).await?;
    let beginning = note::begin(target, installation, &totals).await?;
    let rows = TABLES.iter().map(|table| table.name).zip(totals.counts()).collect();
    if beginning == Beginning::Done {
        target.execute(&target.hold()).await?;
        let compared = compare(source, target, &totals, report).await;
        // Nothing of it is this one's to spoil.
        compared.map_err(|error| if let MoveError::Differs(_) = error { MoveError::NotEmpty } else { error })?;
        target.execute("ROLLBACK").await?;
        return Ok(Moved { beginning, rows });
    }
    copy(source, target, &totals, report).await?;
    target.settle().await?;

    target.execute(&target.hold()).await?;
    totals.hand_over_ids(target).await?;
    let compared = compare(source, target, &totals, report).await;
    if let Err(MoveError::Differs(_)) = compared {
        note::spoil(target).await?;
    }
    compared?;
    let faults = target.faults().await?;
    if !faults.is_empty() {
        return Err(MoveError::NotWhole(faults.join("; ")));
    }
    note::finish(target).await?;
    Ok(Moved { beginning, rows })
}

/// Reads the next page while the last one is written.
async fn copy(source: &dyn Side, target: &dyn Side, totals: &Totals, report: Report<'_>) -> Result<(), StoreError> {
    let there = Totals::of(target).await?;
    let mut meter = Meter::new(report, Step::Copying, totals, there.counts().sum());
    for (table, rows) in TABLES.iter().zip(there.counts()) {
        meter.turn_to(table, rows);
        let place = target.row(&table.last()).await?;
        let mut page = source.page(table, place).await?;
        while let Some(last) = page.last() {
            let (after, rows) = (last[..table.key].to_vec(), page.len());
            let (written, next) = tokio::join!(target.write(table, page), source.page(table, Some(after)));
            written?;
            meter.add(rows);
            page = next?;
        }
    }
    Ok(())
}

async fn compare(source: &dyn Side, target: &dyn Side, totals: &Totals, report: Report<'_>) -> Result<(), MoveError> {
    let mut meter = Meter::new(report, Step::Comparing, totals, 0);
    for table in &TABLES {
        meter.turn_to(table, 0);
        let mut after: Option<Row> = None;
        loop {
            let (ours, theirs) = tokio::join!(source.page(table, after.clone()), target.page(table, after));
            let (ours, theirs) = (ours?, theirs?);
            if let Some(row) = first_difference(&ours, &theirs) {
                return Err(MoveError::Differs(place(table, row)));
            }
            let Some(last) = ours.last() else { break };
            after = Some(last[..table.key].to_vec());
            meter.add(ours.len());
        }
    }
    if Totals::of(target).await? == *totals { Ok(()) } else { Err(MoveError::Differs("its totals".into())) }
}

/// The first row that is in one alone, or not the same in both.
fn first_difference<'r>(ours: &'r [Row], theirs: &'r [Row]) -> Option<&'r Row> {
    let at = (0..ours.len().max(theirs.len())).find(|at| ours.get(*at) != theirs.get(*at))?;
    ours.get(at).or(theirs.get(at))
}

/// A row's place, in words: its table and key.
fn place(table: &Table, row: &Row) -> String {
    let shown = |value: &Value| match value {
        Value::Null => "null".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bytes(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
    };
    let key =
        table.columns.iter().zip(row).take(table.key).map(|((name, _), value)| format!("{name} {}", shown(value)));
    format!("the table {} at {}", table.name, key.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
