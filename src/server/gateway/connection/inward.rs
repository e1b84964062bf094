//! What a connection reads, as its session hears it.

use futures_util::FutureExt;

use super::inbound::Message;
use super::{Connection, Exit};
use crate::server::chatters::Frame;
use crate::server::gateway::session::{Action, Input, ReadError};

impl Connection {
    /// What follows from what was read.
    pub(super) fn was_read(&mut self, read: Result<Message, ReadError>) -> Result<Vec<Action>, Exit> {
        let now_ms = self.now_ms();
        let input = match &read {
            Ok(Message::Text(text)) => Input::Text(text),
            Ok(Message::Binary) => Input::Binary,
            Ok(Message::Ping(payload)) => {
                // Not waited for: it goes out with the next write, or the next turn of the line.
                self.line.pong(&Frame::pong(payload));
                Input::Ping
            }
            Ok(Message::Pong) => Input::Pong,
            Ok(Message::Close(payload)) => return Err(Exit::Answer(Frame::close_answer(payload))),
            Err(error) => Input::ReadFailed(*error),
        };
        Ok(self.session.handle(now_ms, input))
    }

    /// Answers what came meanwhile: heartbeats do not wait for the end of a replay. The session's rate ends who never
    /// pauses.
    pub(super) async fn read_what_waits(&mut self) -> Result<(), Exit> {
        while let Some(read) = self.inbound.next().now_or_never() {
            let actions = self.was_read(read)?;
            self.perform(actions).await?;
        }
        Ok(())
    }
}
