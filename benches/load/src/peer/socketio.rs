//! Socket.IO 4 over WebSocket alone: packets of engine.io (0 open, 2 ping, 3 pong, 4 message) around those of
//! Socket.IO (0 connect, 2 event, 3 acknowledgement).

use super::{Heard, Peer, Post, Target, User};
use crate::Result;
use crate::process::Process;

pub struct SocketIo {
    process: Process,
    stores: bool,
}

impl SocketIo {
    pub fn start(stores: bool) -> Result<Self> {
        let database = if stores { vec![("DATABASE", "messages.sqlite")] } else { Vec::new() };
        let process = Process::spawn(&["node", "benches/peers/node/socketio.mjs"], &database, "/health")?;
        Ok(Self { process, stores })
    }
}

impl Peer for SocketIo {
    fn name(&self) -> &'static str {
        if self.stores { "socketio-sqlite" } else { "socketio" }
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn token_request(&self, user: User) -> Option<String> {
        Some(format!("GET /token/{user} HTTP/1.1\r\nHost: {}\r\n\r\n", self.process.address))
    }
    fn token(&self, _: &[u8], body: &[u8]) -> Result<String> {
        Ok(String::from_utf8(body.to_vec())?)
    }
    fn path(&self) -> &'static str {
        "/socket.io/?EIO=4&transport=websocket"
    }
    fn identify(&self, _: User, token: &str) -> String {
        format!(r#"40{{"token":"{token}"}}"#)
    }
    fn heard(&self, text: &[u8]) -> Heard {
        match text {
            [b'0', ..] => Heard::Asked,
            [b'2'] => Heard::Reply("3"),
            [b'4', b'0', ..] => Heard::Ready,
            [b'4', b'2', ..] => Heard::Message,
            [b'4', b'3', rest @ ..] => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
                Heard::Acknowledged(digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
            }
            _ => Heard::Nothing,
        }
    }
    fn post(&self, _: User, _: &str, target: Target, content: &str, lane: u32) -> Post {
        let target = match target {
            Target::User(user) => user.to_string(),
            Target::Everyone => r#""everyone""#.to_owned(),
        };
        Post::Text(format!(r#"42{lane}["message-post",{{"target_id":{target},"content":"{content}"}}]"#))
    }
}
