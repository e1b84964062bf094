//! One connection as a state machine: what came in and what time it is → what to do.
//!
//! Owns the rules of PROTOCOL: what may come when, how often, and how long silence may last. Does no I/O,
//! never awaits, and reads no clock: time is passed in, in milliseconds since the connection opened. Whether a
//! token is good is the connection's question to others; here is only what follows from the answer.

mod rate;
#[cfg(test)]
mod tests;

use rate::FrameRate;

use crate::protocol::frame::{ErrorFrame, Hello, Identify, Reconnect};
use crate::protocol::limits::{HEARTBEAT_MS, IDENTIFY_MS, LIMITS, TOKEN_BYTES};
use crate::protocol::{ClientFrame, CloseCode, ConversationId, ErrorCode, FrameError, ServerFrame};
use crate::server::chatters::End;

const HEARTBEAT: u64 = HEARTBEAT_MS as u64;
const IDENTIFY: u64 = IDENTIFY_MS as u64;

/// What a connection can come to know.
#[derive(Debug)]
pub enum Input<'a> {
    Text(&'a str),
    Binary,
    Ping,
    Pong,
    /// Of READY or of a replay, something was taken by the peer.
    Taken,
    /// The peer said good-bye, or the stream ended.
    Closed,
    ReadFailed(ReadError),
    /// The answer to [`Action::Authenticate`]: the chatter is in the map, READY is on its way.
    Admitted,
    /// The other answer to [`Action::Authenticate`].
    Refused(Refusal),
    /// The chatters map ended it.
    Ended(End),
    /// The node goes down; the chatter should come back after so long.
    ShuttingDown {
        after_ms: u32,
    },
    /// The time of [`Session::deadline_ms`] has come.
    Tick,
}

/// Why nothing more can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// Against RFC 6455: unmasked, reserved bits, a continuation of nothing.
    Protocol,
    NotUtf8,
    TooBig,
    /// The transport is gone: there is nobody to tell.
    Lost,
}

/// Why a chatter is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not a good token, or not of a living session, or not of this browser's session.
    BadToken,
    /// The session ended while the chatter was being let in.
    SessionEnded,
    TooManyConnections,
    /// Store or delivery did not answer; trying again later is right.
    Unavailable,
}

/// What the connection's task must do, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this text.
    Send(String),
    /// Send a WebSocket Ping.
    Ping,
    /// Find out who it is; answer with [`Input::Admitted`] or [`Input::Refused`].
    Authenticate(Box<Identify>),
    /// Somebody sits at the device again, or nobody any more. Only once live.
    Idle(bool),
    /// Tell the others of this conversation that the chatter types, if it is theirs. Only once live.
    Typing(ConversationId),
    /// Send a close, and nothing after it.
    Close(CloseCode),
    /// Drop the socket: the peer is gone.
    Leave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing but IDENTIFY and HEARTBEAT may come.
    Connected,
    /// IDENTIFY came and is being answered.
    Identifying,
    /// READY.
    Live,
    Over,
}

/// The state. It begins with [`Session::open`] at 0 ms.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    rate: FrameRate,
    /// When any frame came last, or was taken of a replay: Pong counts.
    heard_ms: u64,
    /// Whether this silence has been probed with a Ping.
    probed: bool,
    /// Ops that this build does not know; ignored and counted.
    unknown_ops: u32,
    /// What the last heartbeat said.
    idle: bool,
}

impl Session {
    /// A new connection, and what to do first: HELLO.
    #[must_use]
    pub fn open() -> (Self, Vec<Action>) {
        let session = Self {
            phase: Phase::Connected,
            rate: FrameRate::default(),
            heard_ms: 0,
            probed: false,
            unknown_ops: 0,
            idle: false,
        };
        let hello = ServerFrame::Hello(Hello { heartbeat_ms: HEARTBEAT_MS, limits: LIMITS });
        (session, vec![Action::Send(hello.encode())])
    }

    /// When [`Input::Tick`] is due. It may come early; it only ever moves later.
    #[must_use]
    pub fn deadline_ms(&self) -> u64 {
        match self.phase {
            Phase::Connected => IDENTIFY,
            _ if self.probed => self.heard_ms + 2 * HEARTBEAT,
            _ => self.heard_ms + HEARTBEAT,
        }
    }

    #[must_use]
    pub fn unknown_ops(&self) -> u32 {
        self.unknown_ops
    }

    /// Takes one input. Once a close was asked for, nothing follows.
    #[must_use]
    pub fn handle(&mut self, now_ms: u64, input: Input<'_>) -> Vec<Action> {
        if self.phase == Phase::Over {
            return Vec::new();
        }
        if matches!(input, Input::Text(_) | Input::Binary | Input::Ping | Input::Pong) {
            self.heard_ms = now_ms;
            self.probed = false;
            if let Err(retry_after_ms) = self.rate.admit(now_ms) {
                let sentence = "That was too much at once. Wait a moment.";
                return self.error(ErrorCode::RateLimited, sentence, Some(retry_after_ms), CloseCode::RateLimited);
            }
        }
        match input {
            Input::Text(text) => self.text(text),
            Input::Ping | Input::Pong => Vec::new(),
            Input::Taken => {
                self.heard_ms = now_ms;
                self.probed = false;
                Vec::new()
            }
            Input::Binary => self.close(CloseCode::Binary),
            Input::Closed | Input::ReadFailed(ReadError::Lost) => {
                self.phase = Phase::Over;
                vec![Action::Leave]
            }
            Input::ReadFailed(ReadError::Protocol) => self.close(CloseCode::Protocol),
            Input::ReadFailed(ReadError::NotUtf8) => self.close(CloseCode::NotUtf8),
            Input::ReadFailed(ReadError::TooBig) => self.close(CloseCode::TooBig),
            Input::Admitted => {
                self.phase = Phase::Live;
                Vec::from_iter(self.idle.then_some(Action::Idle(true)))
            }
            Input::Refused(refusal) => self.refuse(refusal),
            Input::Ended(End::FellBehind) => self.close(CloseCode::FellBehind),
            Input::Ended(End::SessionEnded) => self.close(CloseCode::SessionEnded),
            // Its connection says when to come back instead; so that nobody is left without a word:
            Input::Ended(End::Moving) => self.handle(now_ms, Input::ShuttingDown { after_ms: 0 }),
            Input::ShuttingDown { after_ms } => {
                self.phase = Phase::Over;
                let reconnect = ServerFrame::Reconnect(Reconnect { after_ms });
                vec![Action::Send(reconnect.encode()), Action::Close(CloseCode::Restart)]
            }
            Input::Tick => self.tick(now_ms),
        }
    }

    fn text(&mut self, text: &str) -> Vec<Action> {
        match (ClientFrame::decode(text), self.phase) {
            (Ok(ClientFrame::Heartbeat { idle }), phase) => {
                let changed = std::mem::replace(&mut self.idle, idle) != idle && phase == Phase::Live;
                let mut actions = vec![Action::Send(ServerFrame::HeartbeatAck.encode())];
                actions.extend(changed.then_some(Action::Idle(idle)));
                actions
            }
            (Ok(ClientFrame::TypingStart(conversation)), Phase::Live) => vec![Action::Typing(conversation)],
            (Ok(ClientFrame::Identify(identify)), Phase::Connected) => {
                if identify.token.len() > TOKEN_BYTES {
                    return self.refuse(Refusal::BadToken);
                }
                self.phase = Phase::Identifying;
                vec![Action::Authenticate(Box::new(identify))]
            }
            (Ok(ClientFrame::Identify(_)), _) => self.close(CloseCode::AlreadyIdentified),
            (Ok(ClientFrame::Unknown(_)), Phase::Live) => {
                self.unknown_ops = self.unknown_ops.saturating_add(1);
                Vec::new()
            }
            (Err(FrameError::ServerOp(_) | FrameError::InvalidLater(_)), Phase::Live)
            | (Err(FrameError::Invalid(_)), _) => self.close(CloseCode::InvalidOp),
            (Ok(ClientFrame::Unknown(_) | ClientFrame::TypingStart(_)), _)
            | (Err(FrameError::ServerOp(_) | FrameError::InvalidLater(_)), _) => self.close(CloseCode::NotIdentified),
            (Err(FrameError::NotJson), _) => self.close(CloseCode::NotJson),
        }
    }

    fn tick(&mut self, now_ms: u64) -> Vec<Action> {
        let silent_ms = now_ms.saturating_sub(self.heard_ms);
        match self.phase {
            Phase::Connected if now_ms >= IDENTIFY => self.close(CloseCode::TimedOut),
            Phase::Identifying | Phase::Live if silent_ms >= 2 * HEARTBEAT => self.close(CloseCode::TimedOut),
            Phase::Identifying | Phase::Live if silent_ms >= HEARTBEAT && !self.probed => {
                self.probed = true;
                vec![Action::Ping]
            }
            _ => Vec::new(),
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Vec<Action> {
        match refusal {
            // The sentence is part of the protocol: plain clients match on it.
            Refusal::BadToken => {
                self.error(ErrorCode::InvalidCreds, "Invalid creds", None, CloseCode::AuthenticationFailed)
            }
            Refusal::TooManyConnections => {
                let sentence = "You have too many connections open. Close one first.";
                self.error(ErrorCode::TooManyConnections, sentence, None, CloseCode::RateLimited)
            }
            Refusal::SessionEnded => self.close(CloseCode::SessionEnded),
            // No ERROR: clients take one for fatal, and this is not.
            Refusal::Unavailable => self.close(CloseCode::Restart),
        }
    }

    fn close(&mut self, code: CloseCode) -> Vec<Action> {
        self.phase = Phase::Over;
        vec![Action::Close(code)]
    }

    fn error(&mut self, code: ErrorCode, sentence: &str, retry_after_ms: Option<u32>, close: CloseCode) -> Vec<Action> {
        self.phase = Phase::Over;
        let error = ErrorFrame { code: Some(code), message: sentence.to_owned(), retry_after_ms };
        vec![Action::Send(ServerFrame::Error(error).encode()), Action::Close(close)]
    }
}
