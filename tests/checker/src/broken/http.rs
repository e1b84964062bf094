//! The server functions' wire: enough of HTTP/1.1 for the checker's client.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::posting::{self, Reply};
use super::state::{State, locked};
use super::{blocking, changing, moving, reading};

pub(super) async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    // A client that goes away ends its connection, and nothing else.
    let _ = answers(BufReader::new(stream), &state).await;
}

async fn answers(mut stream: BufReader<TcpStream>, state: &Mutex<State>) -> std::io::Result<()> {
    loop {
        let (mut path, mut cookie, mut length) = (String::new(), String::new(), 0);
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let trimmed = line.trim_end();
            if let Some(rest) = trimmed.strip_prefix("POST /api/") {
                path = rest.split(' ').next().unwrap_or_default().to_owned();
            } else if let Some(value) = trimmed.strip_prefix("Cookie: session=") {
                cookie = value.to_owned();
            } else if let Some(value) = trimmed.strip_prefix("Content-Length: ") {
                length = value.parse().unwrap_or_default();
            } else if trimmed.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let form = String::from_utf8_lossy(&body).into_owned();
        let reply = {
            let mut state = locked(state);
            match state.user(&cookie) {
                Some(user) => reply(&mut state, user, &path, &form),
                None => Some((401, serde_json::json!({"code": "unauthenticated", "message": "who?"}))),
            }
        };
        let Some((status, body)) = reply else { return Ok(()) };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\nset-cookie: authorization={cookie}; Path=/\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all((head + &body).as_bytes()).await?;
    }
}

fn reply(state: &mut State, user: usize, function: &str, form: &str) -> Reply {
    let field = |name: &str| {
        let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
    };
    let number = |name: &str| field(name).and_then(|value| value.parse().ok()).unwrap_or_default();
    match function {
        "message-post" => posting::post(state, user, field),
        "message-list" => {
            // Around a message, or after one.
            let after =
                field("around").and_then(|seq| seq.parse::<i64>().ok()).map_or_else(|| number("after"), |seq| seq - 1);
            reading::page(state, user, number("conversation_id"), after, true)
        }
        "event-list" => reading::page(state, user, number("conversation_id"), number("after"), false),
        "message-edit" | "message-delete" | "reaction-add" | "reaction-remove" => {
            changing::change(state, user, function, field)
        }
        "message-history" => reading::history(state, user, number("conversation_id"), number("seq")),
        "conversation-create" => moving::create(state, user, &field("members").unwrap_or_default()),
        "member-add" => moving::add(state, user, number("conversation_id"), &field("members").unwrap_or_default()),
        "member-remove" => {
            let going = usize::try_from(number("user_id") - 1).unwrap_or(usize::MAX);
            moving::remove(state, user, number("conversation_id"), going)
        }
        "user-block" | "user-unblock" => {
            let other = usize::try_from(number("user_id") - 1).unwrap_or(usize::MAX);
            blocking::set(state, user, other, function == "user-block")
        }
        "member-list" => moving::list(state, user, number("conversation_id")),
        "reader-list" => reading::readers(state, user, number("conversation_id")),
        "conversation-list" => reading::list(state, user),
        "conversation" => reading::conversation(state, user, number("conversation_id")),
        "read-mark" => reading::mark(state, user, number("conversation_id"), number("seq")),
        "gateway-token" => Some((200, serde_json::Value::Null)),
        _ => Some((404, serde_json::Value::Null)),
    }
}

/// A form's value.
fn decoded(value: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(value.len()), value.bytes());
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                let digits = str::from_utf8(&digits).unwrap_or("3F");
                bytes.push(u8::from_str_radix(digits, 16).unwrap_or(b'?'));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
