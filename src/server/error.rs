//! Every failure of the server's half on its way to a person: one enum, one mapping, logged once.

use std::borrow::Cow;

use thiserror::Error;

use crate::api::ApiError;
use crate::protocol::ErrorCode;
use crate::server::store::StoreError;

#[derive(Debug, Error)]
pub enum ServerError {
    /// The caller's request cannot be done; the sentence says what would be right.
    #[error("{1}")]
    Refused(ErrorCode, Cow<'static, str>),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect of ours, for the log alone.
    #[error("internal: {0}")]
    Internal(String),
}

impl ServerError {
    /// A refusal with a fixed sentence.
    #[must_use]
    pub fn refused(code: ErrorCode, sentence: &'static str) -> Self {
        Self::Refused(code, Cow::Borrowed(sentence))
    }
}

impl From<ServerError> for ApiError {
    /// The one place where an internal failure becomes what people see; internals go to the log alone.
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Refused(code, sentence) => Self::new(code, sentence),
            ServerError::Store(StoreError::NameTaken) => {
                Self::new(ErrorCode::NameTaken, "That name is taken. Try another.")
            }
            ServerError::Store(StoreError::PasswordChanged) => {
                Self::new(ErrorCode::WrongCredentials, "The password was changed meanwhile.")
            }
            ServerError::Store(StoreError::NotFound) => Self::new(ErrorCode::NotFound, "That does not exist."),
            ServerError::Store(StoreError::Forbidden) => {
                Self::new(ErrorCode::Forbidden, "That is somebody else's: only they can change it.")
            }
            ServerError::Store(StoreError::Archived) => {
                Self::new(ErrorCode::Archived, "This conversation is archived: nothing in it changes any more.")
            }
            ServerError::Store(StoreError::LimitReached) => {
                Self::new(ErrorCode::LimitReached, "There are as many here as there may be.")
            }
            ServerError::Store(StoreError::NonceReused) => {
                Self::new(ErrorCode::NonceReused, "This form was sent before with another text. Send it again.")
            }
            ServerError::Store(StoreError::Full(reason)) => {
                tracing::error!(%reason, "the disk is full");
                Self::new(ErrorCode::StorageFull, "The server's disk is full: this was not saved. Try again later.")
            }
            ServerError::Store(StoreError::Unavailable(reason) | StoreError::Failed(reason)) => {
                tracing::error!(%reason, "the store is unavailable");
                Self::new(ErrorCode::Unavailable, "Chatter cannot save anything right now. Try again in a moment.")
            }
            ServerError::Store(
                error @ (StoreError::NewerDatabase { .. }
                | StoreError::OtherSecrets
                | StoreError::Unfinished
                | StoreError::Internal(_)),
            ) => {
                tracing::error!(%error, "the store failed");
                Self::new(ErrorCode::Internal, "Something went wrong here. Try again.")
            }
            ServerError::Internal(reason) => {
                tracing::error!(%reason, "internal error");
                Self::new(ErrorCode::Internal, "Something went wrong here. Try again.")
            }
        }
    }
}
