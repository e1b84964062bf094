//! A gateway socket, read frame by frame with a bound on every wait.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

/// No frame takes this long; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects as a program: no Origin, no cookie.
    pub async fn open(address: &str) -> Self {
        Self::open_at(address, "/gateway", &[]).await.unwrap()
    }

    /// Connects with headers of one's own; a refused upgrade answers its status.
    pub async fn open_at(address: &str, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects with a receive buffer of so many bytes: what a reader that stops takes with it is little then.
    pub async fn open_small(address: SocketAddr, bytes: u32) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(bytes).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(address).await.unwrap());
        Self(client_async(format!("ws://{address}/gateway"), stream).await.unwrap().0)
    }

    pub async fn identify(&mut self, token: &str) {
        self.send(&json!({"op": "IDENTIFY", "d": {"token": token}})).await;
    }

    pub async fn send(&mut self, frame: &Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    /// Sends what may be refused, as the server may close meanwhile.
    pub async fn try_send(&mut self, frame: &Value) -> Result<(), Error> {
        self.0.send(Message::text(frame.to_string())).await
    }

    pub async fn raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The next text frame; `Err` is the code of the close that came instead. Of who is there is told at any time, so that
    /// is passed over.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let frame: Value = serde_json::from_str(&self.next_text().await?).unwrap();
            if frame["op"] != "PRESENCE_UPDATE" {
                return Ok(frame);
            }
        }
    }

    /// The next that is told of who is there: the user, and the status.
    pub async fn presence(&mut self) -> (i64, String) {
        loop {
            let text = self.next_text().await.unwrap_or_else(|code| panic!("waited for presence, closed with {code}"));
            let mut frame: Value = serde_json::from_str(&text).unwrap();
            if frame["op"] == "PRESENCE_UPDATE" {
                assert_eq!(frame.get("s"), None, "it has no place in a log");
                let d = frame["d"].take();
                return (d["user"].as_i64().unwrap(), d["status"].as_str().unwrap().to_owned());
            }
        }
    }

    /// The same, as it came.
    pub async fn next_text(&mut self) -> Result<String, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame in time");
            match message {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(close)))) => return Err(close.code.into()),
                Some(Ok(Message::Close(None))) => return Err(1005),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// The next frame, which must be of this op.
    pub async fn expect(&mut self, op: &str) -> Value {
        let frame = self.next().await.unwrap_or_else(|code| panic!("expected {op}, closed with {code}"));
        assert_eq!(frame["op"], op, "{frame}");
        frame
    }

    /// The next frame of this op; others on the way are passed over.
    pub async fn until(&mut self, op: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|code| panic!("waited for {op}, closed with {code}"));
            if frame["op"] == op {
                return frame;
            }
        }
    }

    /// Nothing waits: a heartbeat's acknowledgement is the very next frame.
    pub async fn assert_silent(&mut self) {
        self.send(&json!({"op": "HEARTBEAT"})).await;
        self.expect("HEARTBEAT_ACK").await;
    }

    /// Reads on until the server closes: its code.
    pub async fn until_closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }
}
