//! A WebSocket relay on one thread: no authentication, nothing stored, no JSON. A client's first frame is its number;
//! each later one is `TARGET PAYLOAD`, and the payload goes to the target (`*`: to everybody, the sender too).
//! Beside it the form route: it reads the form that `message-post` reads, and answers as many bytes.

use std::cell::RefCell;
use std::collections::HashMap;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Form, Router};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::Error;

thread_local! {
    // The runtime has one thread, so the map needs no lock.
    static CLIENTS: RefCell<HashMap<u32, UnboundedSender<Utf8Bytes>>> = RefCell::default();
}

/// What `message-post` reads.
#[derive(serde::Deserialize)]
struct Draft {
    target_id: Option<String>,
    conversation_id: Option<i64>,
    content: String,
    nonce: Option<String>,
}

pub(crate) async fn serve(port: u16) -> Result<(), Error> {
    let app = Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/gateway", get(upgrade))
        .route("/message-post", post(form));
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(4_096)?;
    println!("listening on {}", listener.local_addr()?.port());
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await?;
    Ok(())
}

async fn form(Form(draft): Form<Draft>) -> impl IntoResponse {
    let read = draft.content.len()
        + draft.target_id.map_or(0, |target| target.len())
        + draft.nonce.map_or(0, |nonce| nonce.len())
        + draft.conversation_id.map_or(0, |_| 1);
    // As long as the program's: a conversation, a number, a nonce.
    let answer =
        format!(r#"{{"conversation_id":{read:03},"seq":12345,"nonce":"01976c3e-8b3f-7000-8000-000000000000"}}"#);
    ([(CONTENT_TYPE, "application/json")], answer)
}

async fn upgrade(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    // The library's 128 KiB per connection would measure the allocator.
    upgrade.read_buffer_size(4 * 1024).write_buffer_size(128 * 1024).on_upgrade(relay)
}

async fn relay(mut socket: WebSocket) {
    let Some(Ok(Message::Text(first))) = socket.recv().await else { return };
    let Ok(number) = first.parse::<u32>() else { return };
    let (queue, mut queued) = unbounded_channel();
    CLIENTS.with_borrow_mut(|clients| clients.insert(number, queue));
    if socket.send(Message::text("READY")).await.is_ok() {
        while let Some(()) = turn(&mut socket, &mut queued).await {}
    }
    CLIENTS.with_borrow_mut(|clients| clients.remove(&number));
}

/// One frame in, or all that is queued out with one flush. None once the socket ended.
async fn turn(socket: &mut WebSocket, queued: &mut UnboundedReceiver<Utf8Bytes>) -> Option<()> {
    tokio::select! {
        frame = socket.next() => match frame?.ok()? {
            Message::Text(text) => pass_on(&text),
            Message::Close(_) => return None,
            _ => {}
        },
        text = queued.recv() => {
            socket.feed(Message::Text(text?)).await.ok()?;
            while let Ok(text) = queued.try_recv() {
                socket.feed(Message::Text(text)).await.ok()?;
            }
            socket.flush().await.ok()?;
        }
    }
    Some(())
}

fn pass_on(text: &str) {
    let Some((target, payload)) = text.split_once(' ') else { return };
    let payload = Utf8Bytes::from(payload);
    CLIENTS.with_borrow(|clients| {
        if target == "*" {
            for queue in clients.values() {
                let _ = queue.send(payload.clone());
            }
        } else if let Some(queue) = target.parse().ok().and_then(|target: u32| clients.get(&target)) {
            let _ = queue.send(payload);
        }
    });
}
