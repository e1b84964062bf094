//! One gateway connection that a scenario holds in its hand: it reads when it is told to, and checks that the events
//! of one conversation come without a hole and without a double.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Person;
use crate::faults::http::Http;
use crate::faults::{Error, Result};
use crate::http::connect;

/// What the kernel keeps of unread bytes at our side: little, so that a reader that stops is soon felt.
const RECEIVE_BYTES: u32 = 8 * 1024;

/// For so long a frame that must come is waited for. Every one of them is on its way when it is waited for, through
/// full buffers and behind a thousand others at worst.
pub const NOTHING_CAME: Duration = Duration::from_secs(60);

pub struct Listener {
    stream: WebSocketStream<TcpStream>,
    conversation: i64,
    /// The last seq of the conversation that was seen.
    pub cursor: i64,
}

/// What one read brought.
#[derive(Debug)]
pub enum Heard {
    /// A frame's text.
    Frame(String),
    /// The close code; 1006 for an end without a close.
    Closed(u16),
}

#[derive(Deserialize)]
struct Head {
    c: Option<i64>,
    s: Option<i64>,
}

impl Listener {
    /// Connects from `source`, identifies and waits for READY. With a cursor it resumes; without one it begins where
    /// the conversation stands.
    pub async fn open(
        address: &str,
        person: &Person,
        source: Ipv4Addr,
        conversation: i64,
        cursor: Option<i64>,
    ) -> Result<Self> {
        let token = Http::connect(address, person).await?.call("gateway-token", "").await?.token;
        let token = token.ok_or("no gateway token")?;
        let stream = connect(address, Some(source), Some(RECEIVE_BYTES)).await?;
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
        let (mut stream, _) = client_async_with_config(format!("ws://{address}/gateway"), stream, Some(config)).await?;
        let cursors = cursor.map_or(String::new(), |seq| format!(r#","cursors":{{"{conversation}":{seq}}}"#));
        let identify = format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}"{cursors}}}}}"#);
        stream.send(Message::text(identify)).await?;
        let mut listener = Self { stream, conversation, cursor: cursor.unwrap_or_default() };
        loop {
            match timeout(NOTHING_CAME, listener.text()).await.map_err(|_| "no READY came")?? {
                Heard::Closed(code) => return Err(Error::from(format!("closed with {code} before READY"))),
                Heard::Frame(text) if text.starts_with(r#"{"op":"READY""#) => {
                    listener.ready(&text, cursor.is_some())?;
                    return Ok(listener);
                }
                Heard::Frame(_) => {}
            }
        }
    }

    fn ready(&mut self, text: &str, resumes: bool) -> Result<()> {
        let ready: Value = serde_json::from_str(text)?;
        let ready = &ready["d"];
        if ready["reset"].as_array().is_some_and(|ids| ids.iter().any(|id| *id == self.conversation)) {
            return Err(Error::from("READY resets the conversation although little was missed"));
        }
        if !resumes {
            let mark = ready["marks"].as_array().and_then(|marks| marks.iter().find(|m| m[0] == self.conversation));
            self.cursor = mark.and_then(|mark| mark[1].as_i64()).ok_or("READY without the conversation")?;
        }
        Ok(())
    }

    /// The next text frame, checked: an event of the conversation must be the next one.
    pub async fn next(&mut self) -> Result<Heard> {
        let heard = self.text().await?;
        if let Heard::Frame(text) = &heard {
            let head: Head = serde_json::from_str(text)?;
            if let (Some(conversation), Some(seq)) = (head.c, head.s)
                && conversation == self.conversation
            {
                if seq != self.cursor + 1 {
                    return Err(Error::from(format!("event {seq} came after {}", self.cursor)));
                }
                self.cursor = seq;
            }
        }
        Ok(heard)
    }

    /// The next frame, where one must come: a tail that was lost is an error, not a wait without an end.
    pub async fn expected(&mut self) -> Result<Heard> {
        self.expected_within(NOTHING_CAME).await
    }

    async fn expected_within(&mut self, patience: Duration) -> Result<Heard> {
        let nothing = |cursor| Error::from(format!("nothing came for {patience:?} after event {cursor}"));
        // A frame that is half read when the time is over is of no use to anybody.
        let cursor = self.cursor;
        timeout(patience, self.next()).await.unwrap_or_else(|_| Err(nothing(cursor)))
    }

    async fn text(&mut self) -> Result<Heard> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Heard::Frame(text.as_str().to_owned())),
                Some(Ok(Message::Close(close))) => return Ok(Heard::Closed(close.map_or(1005, |c| c.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(Heard::Closed(1006)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lost_tail_is_an_error() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let serve = async {
            let mut socket = tokio_tungstenite::accept_async(server.accept().await.unwrap().0).await.unwrap();
            socket.send(Message::text(r#"{"op":"MESSAGE_CREATE","c":1,"s":8,"d":{}}"#)).await.unwrap();
            socket
        };
        let connect = async {
            let stream = TcpStream::connect(address).await.unwrap();
            client_async_with_config(format!("ws://{address}/gateway"), stream, None).await.unwrap().0
        };
        let (_server, stream) = tokio::join!(serve, connect);
        let mut listener = Listener { stream, conversation: 1, cursor: 7 };
        assert!(matches!(listener.expected().await.unwrap(), Heard::Frame(_)));
        let error = listener.expected_within(Duration::from_millis(50)).await.unwrap_err();
        assert!(error.to_string().starts_with("nothing came"), "{error}");
    }
}
