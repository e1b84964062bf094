//! How far it is.

use super::note::Totals;
use super::tables::{TABLES, Table};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Copying,
    Comparing,
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    pub table: &'static str,
    /// Of this table, and of all of them.
    pub rows: i64,
    pub of: i64,
    pub all_rows: i64,
    pub all_of: i64,
    /// Of all of them, what an earlier try had done.
    pub earlier: i64,
}

/// Told after each page; it must not take long.
pub type Report<'r> = &'r mut (dyn FnMut(&Progress) + Send);

pub(super) struct Meter<'r> {
    report: Report<'r>,
    progress: Progress,
    /// Rows of each table in the source.
    counts: Vec<i64>,
}

impl<'r> Meter<'r> {
    /// `earlier`: rows that are done already.
    pub(super) fn new(report: Report<'r>, step: Step, source: &Totals, earlier: i64) -> Self {
        let counts: Vec<i64> = source.counts().collect();
        let all_of = counts.iter().sum();
        let progress = Progress { step, table: "", rows: 0, of: 0, all_rows: earlier, all_of, earlier };
        Self { report, progress, counts }
    }

    /// From now on it is about this table, of which so many rows are done.
    pub(super) fn turn_to(&mut self, table: &Table, rows: i64) {
        let at = TABLES.iter().position(|one| one.name == table.name).expect("it is one of them");
        (self.progress.table, self.progress.rows, self.progress.of) = (TABLES[at].name, rows, self.counts[at]);
        (self.report)(&self.progress);
    }

    pub(super) fn add(&mut self, rows: usize) {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.progress.rows += rows;
        self.progress.all_rows += rows;
        (self.report)(&self.progress);
    }
}
