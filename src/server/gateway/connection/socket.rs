//! The WebSocket beneath a connection: its limits, its errors, and how it is closed.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::protocol::CloseCode;
use crate::protocol::limits::{FRAME_BYTES, QUEUE_BYTES};
use crate::server::chatters::Frame;
use crate::server::gateway::session::{Input, ReadError};
use crate::server::shutdown::Shutdown;

/// Bytes read at once: what an idle connection keeps (tungstenite's default is 128 KiB).
const READ_BUFFER: usize = 4 * 1024;
/// Bytes gathered before they are written without a flush.
const WRITE_BUFFER: usize = 4 * 1024;
/// Time for sending the close, and again for reading after it.
const CLOSING: Duration = Duration::from_secs(1);
/// Time for the same where the reader fell behind: before it can read the close, it has to read what the kernel holds
/// for it. Its queue is given back by then.
const CLOSING_BEHIND: Duration = Duration::from_secs(10);

/// The server's end of a WebSocket whose handshake is done.
pub(super) async fn open<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> WebSocketStream<S> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(QUEUE_BYTES)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await
}

/// A shared frame as a message, without copying it.
pub(super) fn text(frame: &Frame) -> Message {
    Message::Text(Utf8Bytes::try_from(frame.bytes()).expect("a Frame is made of a String"))
}

/// What was read, as the session knows it. Text is the caller's; after the peer's close comes the stream's end.
pub(super) fn input(read: &Result<Message, Error>) -> Option<Input<'static>> {
    match read {
        Ok(Message::Binary(_)) => Some(Input::Binary),
        Ok(Message::Ping(_)) => Some(Input::Ping),
        Ok(Message::Pong(_)) => Some(Input::Pong),
        Ok(Message::Text(_) | Message::Close(_) | Message::Frame(_)) => None,
        Err(error) => Some(Input::ReadFailed(read_error(error))),
    }
}

fn read_error(error: &Error) -> ReadError {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => ReadError::Lost,
        Error::Protocol(_) | Error::AttackAttempt => ReadError::Protocol,
        Error::Utf8(_) => ReadError::NotUtf8,
        Error::Capacity(_) => ReadError::TooBig,
        _ => ReadError::Lost,
    }
}

/// Says the last words and the close, then reads what the peer still sends until it is done too.
///
/// A socket that is dropped with unread input is reset, and a reset may overtake the close; so input is read and
/// forgotten. tungstenite reads nothing after an error: then the stream is read beneath it.
pub(super) async fn close<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    words: Vec<Message>,
    code: CloseCode,
    shutdown: &Shutdown,
) {
    let frame = CloseFrame { code: code.code().into(), reason: Utf8Bytes::from_static(code.reason()) };
    let patience = if code == CloseCode::FellBehind { CLOSING_BEHIND } else { CLOSING };
    let said = timeout(patience, async {
        for word in words {
            socket.feed(word).await?;
        }
        socket.send(Message::Close(Some(frame))).await
    });
    let said = tokio::select! {
        said = said => said,
        // Nobody waits for a laggard when the node goes down.
        () = async { shutdown.began().await; tokio::time::sleep(CLOSING).await } => return,
    };
    if !matches!(said, Ok(Ok(()))) {
        return;
    }
    let _ = timeout(CLOSING, async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(_))) => {
                    // The peer answered: the handshake is done, and closing first is the server's part.
                    let _ = socket.flush().await;
                    return;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            }
        }
        let stream = socket.get_mut();
        let _ = stream.shutdown().await;
        let mut sink = [0; 2 * 1024];
        while stream.read(&mut sink).await.is_ok_and(|bytes| bytes > 0) {}
    })
    .await;
}
