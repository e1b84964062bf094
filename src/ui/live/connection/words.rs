//! What goes into the connection machine, and what comes out.

use crate::ui::live::Link;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Start,
    /// Answers [`Output::FetchToken`].
    Token(Result<String, TokenFailure>),
    Opened,
    Frame(Heard),
    /// The socket is closed, with the code if there was one.
    Closed(Option<u16>),
    /// [`super::Connection::due`] may have been reached.
    Tick,
    Online,
    Offline,
    /// The tab came to the front.
    Visible,
    /// More time went by than was slept for: the machine was suspended.
    ClockJump,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFailure {
    /// The session is over.
    Ended,
    Unreachable,
}

/// What matters of a frame here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Hello {
        heartbeat_ms: u32,
    },
    Ready,
    HeartbeatAck,
    Reconnect {
        after_ms: u32,
    },
    /// ERROR "Invalid creds".
    InvalidCreds,
    /// Any other ERROR: it answers a frame, or a close follows.
    Error {
        retry_after_ms: Option<u32>,
    },
    Other,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// `renew`: a new one, whatever is at hand.
    FetchToken {
        renew: bool,
    },
    OpenSocket,
    SendIdentify(String),
    SendHeartbeat,
    CloseSocket,
    /// To `/?ended`; nothing follows.
    GoHome,
    SetLink(Link),
    /// READY: what waited for a connection goes on.
    Resumed,
}
