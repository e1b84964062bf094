//! What PostgreSQL's failures mean to the store's callers: one table.

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::server::store::StoreError;

/// After these the same may work: a deadlock, or a race that somebody else won.
pub(super) fn is_worth_another_try(error: &Error) -> bool {
    let tried = [&SqlState::UNIQUE_VIOLATION, &SqlState::T_R_DEADLOCK_DETECTED, &SqlState::T_R_SERIALIZATION_FAILURE];
    error.code().is_some_and(|code| tried.contains(&code))
}

/// Classes of states in which the server, and not the statement, is what failed: connection, resources, an operator's
/// intervention, the system, an internal error.
const PASSING: [&str; 7] = ["08", "40", "53", "55", "57", "58", "25"];

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let Some(database) = error.as_db_error() else {
            // No answer: what became of the statement is not known.
            return Self::Unavailable(format!("PostgreSQL does not answer: {}", in_full(&error)));
        };
        let said = format!("PostgreSQL says: {} ({})", database.message(), database.code().code());
        match database.code() {
            code if *code == SqlState::UNIQUE_VIOLATION && database.constraint() == Some("users_folded") => {
                Self::NameTaken
            }
            code if *code == SqlState::DISK_FULL => Self::Full(said),
            code if PASSING.contains(&&code.code()[..2]) => Self::Unavailable(said),
            _ => Self::Internal(said),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Closed => closed(),
            error => Self::Unavailable(format!("no connection to PostgreSQL: {error}")),
        }
    }
}

/// The answer to what comes after the store was closed.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".into())
}

/// With its causes: the outermost says only in which part it failed.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
