//! The stable codes: of errors (HTTP answers and ERROR frames) and of socket closes.

use serde::{Deserialize, Serialize};

/// A stable code that programs may match on; the sentence beside it is for people and may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A field is missing or not of its form.
    BadRequest,
    /// No living session came with the request.
    Unauthenticated,
    /// Name or password is wrong; which one is not said.
    WrongCredentials,
    /// The gateway token was refused.
    InvalidCreds,
    Forbidden,
    /// It does not exist, or you may not see it: the same answer.
    NotFound,
    UnknownTarget,
    NameTaken,
    NameInvalid,
    PasswordInvalid,
    SignUpClosed,
    ContentBlank,
    ContentTooLong,
    ContentControl,
    NonceInvalid,
    /// It is not one emoji.
    EmojiInvalid,
    TitleInvalid,
    TopicInvalid,
    /// Nothing in an archived conversation changes any more.
    Archived,
    /// There is as much of it as there may be.
    LimitReached,
    /// The caller has blocked them.
    Blocked,
    /// The nonce was used before, for another message.
    NonceReused,
    /// The page belongs to another user than the session that it came with.
    WrongSession,
    MethodNotAllowed,
    TooLarge,
    UnsupportedMediaType,
    RateLimited,
    TooManyConnections,
    /// Whether it was done is not known; trying again with the same nonce is safe.
    Unavailable,
    /// Not done: the server's disk is full. Trying again later is right.
    StorageFull,
    Internal,
}

impl ErrorCode {
    /// Whether the same request may do later what it did not do now.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Unavailable | Self::StorageFull | Self::Internal | Self::RateLimited)
    }
}

/// Why a gateway socket was closed (RFC 6455 codes, and ours from 4000 up).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    Normal,
    GoingAway,
    Protocol,
    Binary,
    NotUtf8,
    TooBig,
    Restart,
    InvalidOp,
    NotJson,
    NotIdentified,
    AuthenticationFailed,
    AlreadyIdentified,
    RateLimited,
    TimedOut,
    FellBehind,
    SessionEnded,
}

impl CloseCode {
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::Protocol => 1002,
            Self::Binary => 1003,
            Self::NotUtf8 => 1007,
            Self::TooBig => 1009,
            Self::Restart => 1012,
            Self::InvalidOp => 4001,
            Self::NotJson => 4002,
            Self::NotIdentified => 4003,
            Self::AuthenticationFailed => 4004,
            Self::AlreadyIdentified => 4005,
            Self::RateLimited => 4008,
            Self::TimedOut => 4009,
            Self::FellBehind => 4010,
            Self::SessionEnded => 4011,
        }
    }

    /// The reason sent with the close; at most 123 bytes (RFC 6455, 5.5.1).
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Normal => "bye",
            Self::GoingAway => "going away",
            Self::Protocol => "protocol error",
            Self::Binary => "text frames only",
            Self::NotUtf8 => "text must be UTF-8",
            Self::TooBig => "frame too big",
            Self::Restart => "restarting",
            Self::InvalidOp => "invalid op or payload",
            Self::NotJson => "not JSON",
            Self::NotIdentified => "IDENTIFY first",
            Self::AuthenticationFailed => "authentication failed",
            Self::AlreadyIdentified => "already identified",
            Self::RateLimited => "rate limited",
            Self::TimedOut => "timed out",
            Self::FellBehind => "fell behind",
            Self::SessionEnded => "session ended",
        }
    }
}
