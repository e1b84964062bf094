//! A gateway connection of a program: the token alone, no Origin and no cookie.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::http::gateway_token;
use crate::{Error, Result};

pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects, identifies and waits for READY.
    pub async fn open(address: &str, cookie: &str) -> Result<Self> {
        let token = gateway_token(address, cookie).await?;
        Self::enter(address, &token, None).await
    }

    /// The same with a token, and with cursors (as JSON).
    pub async fn enter(address: &str, token: &str, cursors: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        // Small buffers: thousands of these live in one process.
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
        let url = format!("ws://{address}/gateway");
        let (stream, _) = client_async_with_config(url, stream, Some(config)).await?;
        let mut socket = Self(stream);
        let cursors = cursors.map_or_else(String::new, |cursors| format!(r#","cursors":{cursors}"#));
        let identify = format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}"{cursors}}}}}"#);
        socket.0.send(Message::text(identify)).await?;
        while !socket.text().await?.starts_with(r#"{"op":"READY""#) {}
        Ok(socket)
    }

    /// The next text frame.
    pub async fn text(&mut self) -> Result<String> {
        loop {
            match self.0.next().await.ok_or("the socket ended")?? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(close) => return Err(Error::from(format!("closed: {close:?}"))),
                _ => {}
            }
        }
    }
}
