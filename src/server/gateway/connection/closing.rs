//! How a connection is closed: every close is sent, and then read after until the peer is done, so that unread input
//! does not turn it into a reset.

use std::future::poll_fn;
use std::time::Duration;

use tokio::time::timeout;

use super::inbound::{Inbound, Message};
use crate::protocol::CloseCode;
use crate::server::chatters::{Frame, Line};
use crate::server::gateway::session::ReadError;
use crate::server::shutdown::Shutdown;

/// Time for sending the close, and again for reading after it.
const CLOSING: Duration = Duration::from_secs(1);
/// Time for the same where the reader fell behind: before it can read the close, it has to read what the kernel holds
/// for it. Its queue is given back by then.
const CLOSING_BEHIND: Duration = Duration::from_secs(10);

/// Answers a peer's close. The handshake is done then, and closing the stream first is the server's part.
pub(super) async fn answer(line: &Line, close: Frame) {
    line.close([close]);
    let _ = timeout(CLOSING, poll_fn(|cx| line.poll_said(cx))).await;
}

/// Says the last words and the close, then reads what the peer still sends until it is done too.
///
/// A socket that is dropped with unread input is reset, and a reset may overtake the close; so input is read and
/// forgotten. After an error no frames can be made of it: then the stream is read beneath them.
pub(super) async fn close(
    line: &Line,
    mut inbound: Inbound,
    mut words: Vec<Frame>,
    code: CloseCode,
    shutdown: &Shutdown,
) {
    words.push(Frame::close(code));
    line.close(words);
    let patience = if code == CloseCode::FellBehind { CLOSING_BEHIND } else { CLOSING };
    let said = tokio::select! {
        said = timeout(patience, poll_fn(|cx| line.poll_said(cx))) => said,
        // Nobody waits for a laggard when the node goes down.
        () = async { shutdown.began().await; tokio::time::sleep(CLOSING).await } => return,
    };
    if !matches!(said, Ok(Ok(()))) {
        return;
    }
    // What follows a fault is no frames: it is read as bytes.
    let mut is_readable = !matches!(code, CloseCode::Protocol | CloseCode::NotUtf8 | CloseCode::TooBig);
    let _ = timeout(CLOSING, async {
        while is_readable {
            match inbound.next().await {
                // The peer answered, and closing the stream first is the server's part; or it is gone.
                Ok(Message::Close(_)) | Err(ReadError::Lost) => return,
                Ok(_) => {}
                Err(_) => is_readable = false,
            }
        }
        let _ = poll_fn(|cx| line.poll_shutdown(cx)).await;
        inbound.drain().await;
    })
    .await;
}
