//! ejabberd and Prosody (`benches/peers/ejabberd`, `benches/peers/prosody`), over WebSocket, each with its archive on.
//! Neither tells an author that a message is stored: the receiver's frame is all.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Heard, Peer, Post, Target, User};
use crate::process::Process;
use crate::xmpp::{AVAILABLE, BIND, OPEN, ROOMS, Stanza};
use crate::{Error, Result};

#[derive(Clone, Copy)]
pub enum Server {
    Ejabberd,
    Prosody,
}

pub struct Xmpp {
    process: Process,
    server: Server,
}

impl Xmpp {
    pub fn start(server: Server) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().to_string_lossy().into_owned();
        let (command, health): (&[&str], _) = match server {
            Server::Ejabberd => (&["benches/peers/ejabberd/start"], "/ws"),
            Server::Prosody => {
                (&["prosody", "--config", "benches/peers/prosody/prosody.cfg.lua", "-F"], "/xmpp-websocket")
            }
        };
        Ok(Self { process: Process::spawn_in(folder, command, &[("DATA", &data)], health)?, server })
    }
}

impl Peer for Xmpp {
    fn name(&self) -> &'static str {
        match self.server {
            Server::Ejabberd => "ejabberd",
            Server::Prosody => "prosody",
        }
    }
    fn process(&self) -> &Process {
        &self.process
    }
    /// No token but an account, which Prosody does without here.
    fn token_request(&self, user: User) -> Option<String> {
        let Server::Ejabberd = self.server else { return None };
        let body = format!(r#"{{"user":"u{user}","host":"localhost","password":"password"}}"#);
        Some(format!(
            "POST /api/register HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.process.address,
            body.len()
        ))
    }
    fn token(&self, _: &[u8], body: &[u8]) -> Result<String> {
        let body = String::from_utf8_lossy(body);
        if body.contains("successfully") { Ok(String::new()) } else { Err(Error::from(format!("no account: {body}"))) }
    }
    fn path(&self) -> &'static str {
        match self.server {
            Server::Ejabberd => "/ws",
            Server::Prosody => "/xmpp-websocket",
        }
    }
    fn subprotocol(&self) -> &'static str {
        "Sec-WebSocket-Protocol: xmpp\r\n"
    }
    fn opened(&self) -> Heard {
        Heard::Reply(OPEN)
    }
    fn identify(&self, user: User, _: &str) -> String {
        let plain = BASE64_STANDARD.encode(format!("\0u{user}\0password"));
        format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>")
    }
    /// Open, sign in, open again, bind, be available; then messages.
    fn heard(&self, text: &[u8]) -> Heard {
        let Some(stanza) = Stanza::read(text) else { return Heard::Nothing };
        match stanza.name {
            b"message" if !stanza.is_error() && stanza.has("<body>") => Heard::Message,
            b"stream:features" if stanza.has("<mechanism>PLAIN<") => Heard::Asked,
            b"stream:features" if stanza.has("<bind") => Heard::Reply(BIND),
            b"success" => Heard::Reply(OPEN),
            b"iq" if stanza.attribute("id") == Some(b"bind") && !stanza.is_error() => Heard::Reply(AVAILABLE),
            // One's own presence in the room: XEP-0045, status 110.
            b"presence" if stanza.has("'110'") => Heard::Entered,
            // The one above comes back: others' are not told.
            b"presence" if !stanza.is_error() => Heard::Ready,
            b"open" | b"message" => Heard::Nothing,
            _ => {
                eprintln!("! {}: {}", self.name(), String::from_utf8_lossy(text));
                Heard::Nothing
            }
        }
    }
    /// Without what was said there before.
    fn enter_room(&self, user: User) -> Option<String> {
        Some(format!(
            "<presence xmlns='jabber:client' to='everyone@{ROOMS}/u{user}'><x xmlns='http://jabber.org/protocol/muc'>\
             <history maxstanzas='0'/></x></presence>"
        ))
    }
    fn post(&self, _: User, _: &str, target: Target, content: &str, _: u32) -> Post {
        let (kind, to) = match target {
            Target::User(user) => ("chat", format!("u{user}@localhost")),
            Target::Everyone => ("groupchat", format!("everyone@{ROOMS}")),
        };
        Post::Text(format!(
            "<message xmlns='jabber:client' type='{kind}' to='{to}' id='{content}'><body>{content}</body></message>"
        ))
    }
    fn acknowledges(&self) -> bool {
        false
    }
}
