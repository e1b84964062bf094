//! How a connection ends, and with what words.

use super::{Connection, WRITE, away};
use crate::protocol::CloseCode;
use crate::server::chatters::{End, Frame, Turn};
use crate::server::gateway::session::{Action, Input};

/// How it ends.
pub(super) enum Exit {
    /// With these last words and this close.
    Close(Vec<Frame>, CloseCode),
    /// With this answer to the peer's close.
    Answer(Frame),
    /// There is nobody to tell.
    Leave,
}

impl Connection {
    /// The end that follows from an input that ends it.
    pub(super) fn exit(&mut self, input: Input<'_>) -> Exit {
        let mut words = Vec::new();
        for action in self.session.handle(self.now_ms(), input) {
            match action {
                Action::Send(text) => words.push(Frame::from(text)),
                Action::Close(code) => return Exit::Close(words, code),
                Action::Ping | Action::Authenticate(_) | Action::Idle(_) | Action::Typing(_) | Action::Leave => {}
            }
        }
        Exit::Leave
    }

    pub(super) fn going_down(&mut self) -> Exit {
        let after_ms = away::after_ms(self.gateway.shutdown.running());
        self.exit(Input::ShuttingDown { after_ms })
    }

    pub(super) fn stuck(&mut self) -> Exit {
        self.exit(Input::Ended(End::FellBehind))
    }

    /// Whether its reader did not take in time what was queued.
    pub(super) fn is_stuck(&self) -> bool {
        self.line.blocked_since().is_some_and(|since| since.elapsed() >= WRITE)
    }

    /// The end that follows from a turn of the line.
    pub(super) fn turned(&mut self, turn: Turn) -> Exit {
        match turn {
            Turn::Ended(End::Moving) => self.exit(Input::ShuttingDown { after_ms: away::at_once_ms() }),
            Turn::Ended(end) => self.exit(Input::Ended(end)),
            Turn::Lost | Turn::Blocked => Exit::Leave,
        }
    }
}
