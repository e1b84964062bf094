//! A gateway connection of a program: the token alone, no Origin and no cookie.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Error;
use crate::client::Client;
use crate::frames::{Body, Frame, UserRef};
use crate::http::connect;

/// The receive buffer of a slow reader, in bytes: what it does not read should wait at the server, not in the system.
const SLOW_BUFFER: u32 = 4 * 1024;

/// A socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Silent for so long, it is probed; as long again, and it is given up.
    silence: Duration,
    probed: bool,
}

/// What READY said, its parts put together.
#[derive(Debug, Default)]
pub struct Ready {
    /// Conversation, last_seq, read_seq, unread.
    pub marks: Vec<(i64, i64, i64, i64)>,
    pub reset: Vec<i64>,
    /// Where the inbox stands, and whether it is not replayed though it was asked for.
    pub inbox: u32,
    pub is_inbox_reset: bool,
    /// Members of those that are told in full.
    pub members: HashMap<i64, Vec<UserRef>>,
}

impl Socket {
    /// Fetches a token with `client`, connects and identifies; `cursors` by conversation. A `slow` reader takes
    /// little at a time.
    ///
    /// # Errors
    ///
    /// When any step fails, or there is no READY in time.
    pub async fn open(
        client: &mut Client,
        address: &str,
        source: Option<Ipv4Addr>,
        cursors: Option<&BTreeMap<String, u32>>,
        silence: Duration,
        slow: bool,
    ) -> Result<(Self, Ready), Error> {
        let token = client.gateway_token().await?;
        let ready = async {
            let stream = connect(address, source, slow.then_some(SLOW_BUFFER)).await?;
            // Small buffers: thousands of these live in one process.
            let config = WebSocketConfig::default().read_buffer_size(8 * 1024).write_buffer_size(0);
            let url = format!("ws://{address}/gateway");
            let (stream, _) = client_async_with_config(url, stream, Some(config)).await.map_err(Box::new)?;
            let mut socket = Self { stream, silence, probed: false };
            let mut identify = serde_json::json!({"op": "IDENTIFY", "d": {"token": token}});
            if let Some(cursors) = cursors {
                identify["d"]["cursors"] = serde_json::json!(cursors);
            }
            socket.send(identify.to_string()).await?;
            let ready = socket.ready().await?;
            Ok((socket, ready))
        };
        timeout(silence * 2, ready).await.map_err(|_| Error::Silent(silence * 2))?
    }

    async fn ready(&mut self) -> Result<Ready, Error> {
        let mut ready = Ready::default();
        let (mut got, mut parts) = (0, 1);
        while got < parts {
            let frame = self.frame().await?;
            match frame.op.as_str() {
                "READY" => {
                    let Body { marks, reset, parts: of, inbox, conversations, .. } = frame.d;
                    if let Some(inbox) = inbox {
                        ready.inbox = u32::try_from(inbox.s).unwrap_or(u32::MAX);
                        ready.is_inbox_reset |= inbox.reset;
                    }
                    ready.members.extend(conversations.into_iter().map(|full| (full.id, full.members)));
                    ready.marks.extend(marks);
                    ready.reset.extend(reset);
                    parts = of.unwrap_or(1);
                    got += 1;
                }
                "MESSAGE_CREATE" => return Err(Error::Protocol("an event came before READY".into())),
                _ => {}
            }
        }
        Ok(ready)
    }

    async fn send(&mut self, text: String) -> Result<(), Error> {
        self.stream.send(Message::text(text)).await.map_err(ended)
    }

    /// The next frame. Safe to drop half-way.
    ///
    /// # Errors
    ///
    /// When the socket ends, is silent for too long, or sends what is no frame.
    pub async fn frame(&mut self) -> Result<Frame, Error> {
        loop {
            let next = match timeout(self.silence, self.stream.next()).await {
                Ok(next) => next.ok_or(Error::Closed(1006))?.map_err(ended)?,
                Err(_) if self.probed => return Err(Error::Silent(self.silence * 2)),
                Err(_) => {
                    self.probed = true;
                    self.send(r#"{"op":"HEARTBEAT"}"#.to_owned()).await?;
                    continue;
                }
            };
            self.probed = false;
            match next {
                Message::Text(text) => {
                    let frame = serde_json::from_str(&text);
                    return frame.map_err(|error| Error::Protocol(format!("not a frame ({error}): {text}")));
                }
                Message::Close(close) => {
                    return Err(Error::Closed(close.map_or(1005, |close| close.code.into())));
                }
                _ => {}
            }
        }
    }
}

fn ended(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => Error::Closed(1006),
        tungstenite::Error::Io(_)
        | tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            Error::Closed(1006)
        }
        other => Error::Socket(Box::new(other)),
    }
}
