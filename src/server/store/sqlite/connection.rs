//! Opens the file: permissions, pragmas (the reasons stand at the head of [`super`]) and migrations.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::server::store::StoreError;

/// Each schema change, in order; the n-th brings the database to version n. One that was released never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
];

/// How long one waits for another process that holds the write lock: `chatter user import` and its like hold
/// it for one small transaction at a time.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements kept a connection: more than there are.
const STATEMENTS: usize = 128;

const WRITER: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32768;
    PRAGMA journal_size_limit = 67108864;
";

/// Answers rows where `moving` has left its mark.
const MARK: &str = "PRAGMA table_info(chatter_migration)";

const READER: &str = "
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
";

/// The one connection that writes. Creates the file where there is none and brings the schema up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    writer_after(path, refuse_unfinished)
}

/// The same for a file that a migration is not done with.
pub(super) fn unfinished_writer(path: &Path) -> Result<Connection, StoreError> {
    writer_after(path, |_| Ok(()))
}

fn writer_after(
    path: &Path,
    checked: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<Connection, StoreError> {
    create(path)?;
    let mut connection = open(path)?;
    // Before anything is touched: a file of a newer program stays exactly as it is.
    refuse_newer(&connection)?;
    checked(&connection)?;
    let mode = use_log(&connection)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!(
            "{} cannot use a write-ahead log (journal mode {mode}): keep the data on a local disk",
            path.display()
        )));
    }
    connection.execute_batch(WRITER)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Several processes that begin the file at once get in each other's way here, and SQLite does not wait by itself where
/// two want to go from reading to writing.
fn use_log(connection: &Connection) -> rusqlite::Result<String> {
    let began = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        match mode {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && began.elapsed() < BUSY => {
                std::thread::sleep(BUSY / 500);
            }
            mode => return mode,
        }
    }
}

/// One of those that only read.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    connection.execute_batch(READER)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// Creates the file for its owner alone; SQLite gives the files beside it the same mode.
fn create(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("{} cannot be created: {error}", path.display()))),
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan never depends on the values that are bound. It would not anyway, without statistics; but SQLite would plan
    // most statements anew each time that other values are bound to them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of migrations")
}

fn refuse_newer(connection: &Connection) -> Result<i64, StoreError> {
    let (found, known) = (version(connection)?, known());
    if found > known { Err(StoreError::NewerDatabase { found, known }) } else { Ok(found) }
}

fn refuse_unfinished(connection: &Connection) -> Result<(), StoreError> {
    let unfinished = connection.prepare(MARK)?.exists([])?;
    if unfinished { Err(StoreError::Unfinished) } else { Ok(()) }
}

/// All that is missing, in one transaction; of two processes that start at once, one does it.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if refuse_newer(connection)? == known() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = refuse_newer(&transaction)?;
    let missing = MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0));
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known())?;
    Ok(transaction.commit()?)
}
