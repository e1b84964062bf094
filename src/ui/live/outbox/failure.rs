//! What an error says about a message: try again, or let the person decide.

use crate::api::ApiError;
use crate::protocol::ErrorCode;

/// Why a try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Not done, or not known to be done: the same again, later.
    Later,
    /// The server erred; it may do so every time.
    Broken(String),
    /// Not done, and it will not be.
    Refused(String),
}

impl From<&ApiError> for Failure {
    fn from(error: &ApiError) -> Self {
        match error.code {
            ErrorCode::Unavailable
            | ErrorCode::StorageFull
            | ErrorCode::RateLimited
            | ErrorCode::TooManyConnections => Self::Later,
            ErrorCode::Internal => Self::Broken(error.message.to_string()),
            // The page is about to leave; the message is not to blame.
            ErrorCode::Unauthenticated | ErrorCode::WrongSession => Self::Later,
            ErrorCode::BadRequest
            | ErrorCode::WrongCredentials
            | ErrorCode::InvalidCreds
            | ErrorCode::Forbidden
            | ErrorCode::NotFound
            | ErrorCode::UnknownTarget
            | ErrorCode::NameTaken
            | ErrorCode::NameInvalid
            | ErrorCode::PasswordInvalid
            | ErrorCode::SignUpClosed
            | ErrorCode::ContentBlank
            | ErrorCode::ContentTooLong
            | ErrorCode::ContentControl
            | ErrorCode::NonceInvalid
            | ErrorCode::EmojiInvalid
            | ErrorCode::TitleInvalid
            | ErrorCode::TopicInvalid
            | ErrorCode::Archived
            | ErrorCode::LimitReached
            | ErrorCode::Blocked
            | ErrorCode::NonceReused
            | ErrorCode::MethodNotAllowed
            | ErrorCode::TooLarge
            | ErrorCode::UnsupportedMediaType => Self::Refused(error.message.to_string()),
        }
    }
}
