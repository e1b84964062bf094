//! Checkpoints: they bring what the log holds into the database, so that the log can begin anew.
//!
//! Run by the writer between its groups: SQLite would run them inside a commit, before its callers are answered, and
//! keep their failures to itself. Mostly readers are not waited for. But the log begins anew only in a moment in which
//! nobody reads from it, and readers that take turns may never leave one: a long log waits for them a little.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::super::connection::BUSY;
use crate::server::store::StoreError;

/// Pages in the log from which on each group is followed by a checkpoint: 16 MiB. Four times SQLite's own
/// default: pages that many groups write, the ends of busy logs, go to the database once.
const PAGES: i32 = 4_000;
/// Pages from which on readers are waited for: 64 MiB, to which a log is cut when it begins anew.
const LONG: i32 = 16_384;
/// How long they are waited for; the group that comes next waits, too. A read takes milliseconds.
const PATIENCE: Duration = Duration::from_millis(200);
/// Shortest time between two such waits: one who reads for minutes does not slow down everybody.
const BETWEEN: Duration = Duration::from_secs(2);
/// Shortest time between two checkpoints that are tried to make room.
const MAKE_ROOM: Duration = Duration::from_secs(1);
/// Shortest time between two warnings of the same.
const WARN: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Checkpoints {
    made_room: Option<Instant>,
    waited: Option<Instant>,
    warned: Option<Instant>,
    /// The last one failed: said once.
    failing: bool,
}

/// What SQLite says of one.
struct Done {
    /// Somebody was in the way.
    busy: bool,
    /// Pages in the log.
    log: i64,
    /// Those of them that are in the database.
    brought: i64,
}

impl Checkpoints {
    /// After a group; `pages`: how long the log is, if the group wrote to it. `lost`: the disk did not take the group;
    /// what the log holds, once it is in the database, is room for more.
    ///
    /// `Err`: a sync failed, and it is over.
    pub(super) fn after_group(&mut self, connection: &Connection, pages: i32, lost: bool) -> Result<(), String> {
        let make_room = lost && is_due(&mut self.made_room, MAKE_ROOM);
        if pages > LONG && is_due(&mut self.waited, BETWEEN) {
            let done = connection.busy_timeout(PATIENCE).and_then(|()| run(connection, "RESTART"));
            let done = connection.busy_timeout(BUSY).and(done);
            return self.note(done);
        }
        if make_room || pages >= PAGES {
            return self.note(run(connection, "PASSIVE"));
        }
        Ok(())
    }

    /// Before the connection closes, which would do the same and say nothing.
    pub(super) fn last(&mut self, connection: &Connection) -> Result<(), String> {
        self.note(run(connection, "PASSIVE"))
    }

    fn note(&mut self, done: rusqlite::Result<Done>) -> Result<(), String> {
        match done.map_err(StoreError::from) {
            Ok(Done { busy, log, brought }) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the log is brought into the database again");
                }
                if busy && log > i64::from(LONG) && is_due(&mut self.warned, WARN) {
                    tracing::warn!(
                        pages = log,
                        brought,
                        "the log grows, as somebody reads from it all the time: a backup, or `chatter doctor`?"
                    );
                }
                Ok(())
            }
            Err(StoreError::Failed(reason)) => Err(reason),
            // Nothing is lost: all of it is in the log, and the next one begins where this one did.
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(%error, "the log could not be brought into the database, and grows");
                }
                Ok(())
            }
        }
    }
}

fn run(connection: &Connection, mode: &str) -> rusqlite::Result<Done> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    statement.query_row([], |row| Ok(Done { busy: row.get(0)?, log: row.get(1)?, brought: row.get(2)? }))
}

/// Whether so much time has passed since it was last due.
fn is_due(last: &mut Option<Instant>, pause: Duration) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= pause);
    if due {
        *last = Some(Instant::now());
    }
    due
}
