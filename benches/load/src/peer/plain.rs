//! The plain Node server of `benches/peers/node`.

use super::{Heard, Peer, Post, Target, User, form};
use crate::Result;
use crate::process::Process;

pub struct Plain(Process);

impl Plain {
    pub fn start() -> Result<Self> {
        Ok(Self(Process::spawn(&["node", "benches/peers/node/plain.mjs"], &[], "/health")?))
    }
}

impl Peer for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }
    fn process(&self) -> &Process {
        &self.0
    }
    fn token_request(&self, user: User) -> Option<String> {
        Some(format!("GET /token/{user} HTTP/1.1\r\nHost: {}\r\n\r\n", self.0.address))
    }
    fn token(&self, _: &[u8], body: &[u8]) -> Result<String> {
        Ok(String::from_utf8(body.to_vec())?)
    }
    fn path(&self) -> &'static str {
        "/gateway"
    }
    fn identify(&self, _: User, token: &str) -> String {
        format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}"}}}}"#)
    }
    fn opened(&self) -> Heard {
        Heard::Asked
    }
    fn heard(&self, text: &[u8]) -> Heard {
        if text.starts_with(br#"{"op":"MESSAGE_CREATE""#) {
            Heard::Message
        } else if text.starts_with(br#"{"op":"READY""#) {
            Heard::Ready
        } else {
            Heard::Nothing
        }
    }
    fn post(&self, _: User, token: &str, target: Target, content: &str, _: u32) -> Post {
        let target = match target {
            Target::User(user) => user.to_string(),
            Target::Everyone => "everyone".to_owned(),
        };
        let body = format!("target_id={target}&content={content}&nonce={content}");
        let authorization = format!("Authorization: Bearer {token}\r\n");
        Post::Request(form(&self.0.address, "/message-post", &authorization, &body))
    }
}
