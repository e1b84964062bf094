//! What SQLite's failures mean to the store's callers: one table.

use rusqlite::{Error, ErrorCode, ffi};

use crate::server::store::StoreError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Not done, for want of room.
    Full,
    /// Unknown, and worth another try.
    Passing,
    /// Unknown, and the file must not be written any more.
    Final,
}

/// Result codes of SQLite, and why they mean what they mean. An extended code that is not here means what its
/// primary code (its low byte) means; what is not here at all is a defect.
const TABLE: &[(i32, Meaning, &str)] = &[
    // The kernel reports a failed write-back once, marks the pages clean and may drop them: a second sync succeeds and
    // has synced nothing. So what the disk holds is known again only after a restart has written it anew.
    (ffi::SQLITE_IOERR_FSYNC, Meaning::Final, "the disk did not take what was written (sync failed)"),
    (ffi::SQLITE_IOERR_DIR_FSYNC, Meaning::Final, "the disk did not take a new file's entry (sync failed)"),
    (ffi::SQLITE_CORRUPT, Meaning::Final, "the database is damaged"),
    (ffi::SQLITE_NOTADB, Meaning::Final, "the file is damaged, or no database"),
    // Only a log without its last frame does not fit: no part of the group can come back.
    (ffi::SQLITE_FULL, Meaning::Full, "there is no room for it"),
    // A write that failed left nothing behind that a later sync could lose: the same place is written again.
    (ffi::SQLITE_IOERR_WRITE, Meaning::Passing, "the disk refused a write"),
    // The log's index cannot grow, which shows only after the log itself was synced: the group may come back whole.
    (ffi::SQLITE_IOERR_SHMSIZE, Meaning::Passing, "there is no room for the log's index"),
    (ffi::SQLITE_IOERR, Meaning::Passing, "the disk failed"),
    // What a kernel does to a file system on a failing disk.
    (ffi::SQLITE_READONLY, Meaning::Passing, "the data cannot be written to (a file system turned read-only?)"),
    (ffi::SQLITE_PERM, Meaning::Passing, "permission was refused"),
    (ffi::SQLITE_CANTOPEN, Meaning::Passing, "a file cannot be opened"),
    (ffi::SQLITE_BUSY, Meaning::Passing, "another process holds the database"),
    (ffi::SQLITE_LOCKED, Meaning::Passing, "the database is locked"),
    (ffi::SQLITE_PROTOCOL, Meaning::Passing, "the lock cannot be taken"),
    (ffi::SQLITE_NOMEM, Meaning::Passing, "memory ran out"),
    (ffi::SQLITE_ABORT, Meaning::Passing, "it was broken off"),
    (ffi::SQLITE_INTERRUPT, Meaning::Passing, "it was interrupted"),
];

fn meaning(extended: i32) -> Option<(Meaning, &'static str)> {
    let of = |code| TABLE.iter().find(|(known, ..)| *known == code).map(|(_, meaning, what)| (*meaning, *what));
    of(extended).or_else(|| of(extended & 0xff))
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
            && error.to_string().contains("users.folded")
        {
            return Self::NameTaken;
        }
        let Some((meaning, what)) = error.sqlite_error().and_then(|failure| meaning(failure.extended_code)) else {
            return Self::Internal(error.to_string());
        };
        let reason = format!("{what}: {error}");
        match meaning {
            Meaning::Full => Self::Full(reason),
            Meaning::Passing => Self::Unavailable(reason),
            Meaning::Final => Self::Failed(reason),
        }
    }
}

/// The answer to everything after `close`.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_table_says() {
        let of = |code| StoreError::from(Error::SqliteFailure(ffi::Error::new(code), None));
        for code in
            [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC, ffi::SQLITE_CORRUPT, ffi::SQLITE_CORRUPT_INDEX]
        {
            assert!(matches!(of(code), StoreError::Failed(_)), "{code}: {:?}", of(code));
        }
        assert!(matches!(of(ffi::SQLITE_FULL), StoreError::Full(_)));
        let passing = [
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMSIZE,
            ffi::SQLITE_IOERR_READ,
            ffi::SQLITE_IOERR_TRUNCATE,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_READONLY_DBMOVED,
            ffi::SQLITE_BUSY_SNAPSHOT,
        ];
        for code in passing {
            assert!(matches!(of(code), StoreError::Unavailable(_)), "{code}: {:?}", of(code));
        }
        for code in [ffi::SQLITE_ERROR, ffi::SQLITE_MISUSE, ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_TOOBIG] {
            assert!(matches!(of(code), StoreError::Internal(_)), "{code}: {:?}", of(code));
        }
    }
}
