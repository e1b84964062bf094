//! What a connection reads, as its session hears it.

use futures_util::{FutureExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Connection, Exit, socket};
use crate::server::gateway::session::{Action, Input};

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// What follows from what was read; `None`: the stream ended.
    pub(super) fn was_read(&mut self, read: Option<Result<Message, Error>>) -> Vec<Action> {
        let now_ms = self.now_ms();
        match read {
            Some(Ok(Message::Text(text))) => self.session.handle(now_ms, Input::Text(&text)),
            Some(read) => socket::input(&read).map_or_else(Vec::new, |input| self.session.handle(now_ms, input)),
            None => self.session.handle(now_ms, Input::Closed),
        }
    }

    /// Answers what came meanwhile: heartbeats do not wait for the end of a replay. The session's rate ends who never
    /// pauses.
    pub(super) async fn read_what_waits(&mut self) -> Result<(), Exit> {
        while let Some(read) = self.socket.next().now_or_never() {
            let actions = self.was_read(read);
            self.perform(actions).await?;
        }
        Ok(())
    }
}
