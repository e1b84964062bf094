//! The bare relay of `benches/peers/relay`, and its form route as a server of its own.

use super::{Heard, Peer, Post, Target, User, form};
use crate::Result;
use crate::process::Process;

pub struct Relay {
    process: Process,
    form: bool,
}

impl Relay {
    pub fn start(form: bool) -> Result<Self> {
        Ok(Self { process: Process::spawn(&["target/release/chatter-limits", "relay"], &[], "/health")?, form })
    }
}

impl Peer for Relay {
    fn name(&self) -> &'static str {
        if self.form { "form" } else { "relay" }
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn token_request(&self, _: User) -> Option<String> {
        None
    }
    fn token(&self, _: &[u8], _: &[u8]) -> Result<String> {
        Ok(String::new())
    }
    fn path(&self) -> &'static str {
        "/gateway"
    }
    fn identify(&self, user: User, _: &str) -> String {
        user.to_string()
    }
    fn opened(&self) -> Heard {
        Heard::Asked
    }
    fn heard(&self, text: &[u8]) -> Heard {
        if text == b"READY" { Heard::Ready } else { Heard::Message }
    }
    fn post(&self, user: User, _: &str, target: Target, content: &str, _: u32) -> Post {
        let target = match target {
            Target::User(user) => user.to_string(),
            Target::Everyone => "*".to_owned(),
        };
        if self.form {
            let body = format!("target_id={target}&content={content}&nonce={content}");
            return Post::Request(form(&self.process.address, "/message-post", "", &body));
        }
        // As many bytes as a message of Chatter's has.
        Post::Text(format!(
            r#"{target} {{"op":"MESSAGE_CREATE","c":12345,"s":12345,"d":{{"content":"{content}","author":{{"id":{user},"name":"u{user}"}},"created_ms":1764057600000,"nonce":"{content}"}}}}"#
        ))
    }
    fn acknowledges(&self) -> bool {
        self.form
    }
    fn delivers(&self) -> bool {
        !self.form
    }
}
