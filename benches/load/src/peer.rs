//! The servers side by side: what a client says to each, and what it hears. The scenarios know no more than this.

pub mod chatter;
pub mod plain;
pub mod relay;
pub mod shared;
pub mod socketio;
pub mod xmpp;

use crate::Result;
use crate::process::{Part, Process};

/// Numbered from 1.
pub type User = u32;

/// A multiple of every number of nodes that users are spread over.
pub const SPREAD: u32 = 60;

#[derive(Clone, Copy)]
pub enum Target {
    User(User),
    /// The room that everybody is in.
    Everyone,
}

/// How a post goes out: a request on a connection of its lane, or a frame on the user's socket.
pub enum Post {
    Request(String),
    Text(String),
}

pub enum Heard {
    /// The server waits for the client to say who it is.
    Asked,
    Ready,
    /// The client is in the room, where it had to ask for that.
    Entered,
    Message,
    /// The post of the lane, numbered among those of its user, is taken.
    Acknowledged(u32),
    /// Say this.
    Reply(&'static str),
    Nothing,
}

/// A running server and its clients' language.
pub trait Peer {
    fn name(&self) -> &'static str;
    /// The server, or the first of its nodes.
    fn process(&self) -> &Process;
    /// Where all connections of the user go. Users whose numbers differ by [`SPREAD`] share an address.
    fn address(&self, _: User) -> &str {
        &self.process().address
    }
    /// What the server is made of: first what clients speak to.
    fn parts(&self) -> Vec<Part> {
        vec![Part { name: "nodes", ids: vec![self.process().id()] }]
    }
    /// Syncs so far, where the server counts them itself.
    fn syncs(&self) -> Result<Option<u64>> {
        Ok(None)
    }
    /// The request for the user's token, if one is needed, and where the answer has it.
    fn token_request(&self, user: User) -> Option<String>;
    fn token(&self, head: &[u8], body: &[u8]) -> Result<String>;
    /// The path of the socket.
    fn path(&self) -> &'static str;
    /// A header's line that names the protocol spoken over the socket, if it has to be named.
    fn subprotocol(&self) -> &'static str {
        ""
    }
    /// What the client does once the socket stands: it waits to be asked, identifies itself at once, or says something.
    fn opened(&self) -> Heard {
        Heard::Nothing
    }
    /// What identifies the user.
    fn identify(&self, user: User, token: &str) -> String;
    fn heard(&self, text: &[u8]) -> Heard;
    /// How the user enters the room that everybody is in, where connecting is not enough.
    fn enter_room(&self, _: User) -> Option<String> {
        None
    }
    /// `lane` is numbered among those of the user.
    fn post(&self, user: User, token: &str, target: Target, content: &str, lane: u32) -> Post;
    /// Without, the receiver's frame is the acknowledgement.
    fn acknowledges(&self) -> bool {
        true
    }
    /// Without, the acknowledgement is all.
    fn delivers(&self) -> bool {
        true
    }

    fn upgrade(&self, user: User) -> String {
        format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            self.path(),
            self.address(user),
            self.subprotocol()
        )
    }
}

/// Starts the server of that name for so many users.
pub fn start(name: &str, users: u32) -> Result<Box<dyn Peer>> {
    Ok(match name {
        "chatter" => Box::new(chatter::Chatter::start(users)?),
        "chatter-postgresql" => Box::new(chatter::Chatter::sharing("chatter-postgresql", 1, users)?),
        "cluster-2" => Box::new(chatter::Chatter::sharing("cluster-2", 2, users)?),
        "cluster-3" => Box::new(chatter::Chatter::sharing("cluster-3", 3, users)?),
        "plain" => Box::new(plain::Plain::start()?),
        "socketio" => Box::new(socketio::SocketIo::start(false)?),
        "socketio-sqlite" => Box::new(socketio::SocketIo::start(true)?),
        "ejabberd" => Box::new(xmpp::Xmpp::start(xmpp::Server::Ejabberd)?),
        "prosody" => Box::new(xmpp::Xmpp::start(xmpp::Server::Prosody)?),
        "relay" => Box::new(relay::Relay::start(false)?),
        "form" => Box::new(relay::Relay::start(true)?),
        other => return Err(format!("no server is named {other}").into()),
    })
}

/// A POST of a form with one header more (whole line, or nothing).
pub fn form(address: &str, path: &str, header: &str, form: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{header}Accept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
}
