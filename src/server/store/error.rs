//! What can go wrong in a store. What each means for whoever asked is in the contract: see `store`.

use thiserror::Error;

#[derive(Debug, Clone, Error)]
pub enum StoreError {
    #[error("the name is taken")]
    NameTaken,
    /// The target, conversation or user does not exist or is not the caller's to see.
    #[error("not found")]
    NotFound,
    /// It is there, and theirs to see, but not theirs to change.
    #[error("not theirs to change")]
    Forbidden,
    /// Nothing of it changes any more.
    #[error("the conversation is archived")]
    Archived,
    /// There is as much of it as there may be.
    #[error("a limit is reached")]
    LimitReached,
    /// The password is not the expected one any more.
    #[error("the password was changed meanwhile")]
    PasswordChanged,
    /// The nonce belongs to another message of this author.
    #[error("the nonce was used for another message")]
    NonceReused,
    /// The outcome is unknown: i/o error, too busy, shutting down.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Not done, as there is no room; it can be tried again.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The outcome is unknown, and nothing more is saved until the program is started again: a sync failed, or the data
    /// is damaged.
    #[error("the store has failed: {0}")]
    Failed(String),
    /// The data was written by a newer program.
    #[error(
        "the database has schema version {found}, this program knows up to {known}: start the newer program, or restore a backup"
    )]
    NewerDatabase { found: i64, known: i64 },
    /// The data was begun with other secrets.
    #[error(
        "the database was begun with another secret file than this one: copy that file from another node or from a backup, and name it in CHATTER_SECRET_FILE"
    )]
    OtherSecrets,
    /// A migration into it was begun, and not finished.
    #[error(
        "a migration into this database is not finished: run the same `chatter migrate` again, and it goes on where it was"
    )]
    Unfinished,
    /// A defect: of the program or of the data.
    #[error("the store failed: {0}")]
    Internal(String),
}
