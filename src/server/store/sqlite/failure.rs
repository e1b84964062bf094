//! What SQLite's failures mean to the store's callers.

use rusqlite::{Error, ErrorCode};

use crate::server::store::StoreError;

impl From<Error> for StoreError {
    /// The disk, the lock or the memory failed: unavailable, try again. Anything else is a defect.
    fn from(error: Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) if error.to_string().contains("users.folded") => Self::NameTaken,
            Some(
                ErrorCode::PermissionDenied
                | ErrorCode::OperationAborted
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::ReadOnly
                | ErrorCode::OperationInterrupted
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// The answer to everything after `close`.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}
