//! The gateway of the broken server.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::reading;
use super::state::{State, Subscriber, locked};

pub(super) async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let Ok(mut socket) = accept_async(stream).await else { return };
    let hello = r#"{"op":"HELLO","d":{"heartbeat_ms":45000,"limits":{}}}"#;
    if socket.send(Message::text(hello)).await.is_err() {
        return;
    }
    let Some(Ok(Message::Text(text))) = socket.next().await else { return };
    let identify: Value = serde_json::from_str(&text).unwrap_or_default();
    let (sender, mut frames) = mpsc::unbounded_channel();
    let greeting = {
        // One lock for READY and the subscription: nothing is told twice or not at all.
        let mut state = locked(&state);
        let Some(user) = identify["d"]["token"].as_str().and_then(|name| state.user(name)) else { return };
        let greeting = reading::ready(&mut state, user, &identify["d"]["cursors"]);
        let seam = state.rooms.iter().map(|room| (room.id, room.last)).collect();
        state.subscribers.push(Subscriber { user, frames: sender, seam });
        greeting
    };
    for frame in greeting {
        if socket.send(Message::text(frame)).await.is_err() {
            return;
        }
    }
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => {
                    if socket.send(Message::text(frame)).await.is_err() {
                        return;
                    }
                }
                None => {
                    let close = CloseFrame { code: 1012.into(), reason: "".into() };
                    let _ = socket.close(Some(close)).await;
                    // Read on, so that the close is not overtaken by a reset.
                    while let Some(Ok(_)) = socket.next().await {}
                    return;
                }
            },
            read = socket.next() => if !matches!(read, Some(Ok(_))) {
                return;
            },
        }
    }
}
