//! Chatter: posts over HTTP with a session, a gateway connection with a token.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::{Heard, Peer, Post, Target, User, form};
use crate::process::{self, Process};
use crate::{Error, Result};

pub struct Chatter {
    process: Process,
    /// `Cookie: session=…` with its line's end, of each user in order of their ids.
    cookies: Vec<String>,
}

impl Chatter {
    /// Makes the users with a session each, and a room of them all, then starts the server.
    pub fn start(users: User) -> Result<Self> {
        Self::start_seeded(users, |_| Ok(()))
    }

    /// The same, with what `seed` writes into the database beforehand.
    pub fn start_seeded(users: User, seed: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let file = data.path().join("people.jsonl");
        let mut people = std::io::BufWriter::new(fs::File::create(&file)?);
        for user in 1..=users {
            writeln!(people, r#"{{"name":"u{user}"}}"#)?;
        }
        people.into_inner()?;
        let settings = [
            ("CHATTER_DATA", data.path().join("data").to_string_lossy().into_owned()),
            // Limits out of the way: the load comes from few addresses.
            ("CHATTER_LIMITS_POSTS_PER_SECOND", "1000000".to_owned()),
            ("CHATTER_LIMITS_POSTS_BURST", "1000000".to_owned()),
            ("CHATTER_LOG_FILTER", "warn".to_owned()),
        ];
        let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let program = process::program();
        let mut cookies = Vec::new();
        if users > 0 {
            process::output(&program, &["user", "import", &file.to_string_lossy()], &settings)?;
            let sessions = process::output(&program, &["user", "session", "--all"], &settings)?;
            let cookie = |line: &str| line.split_once('\t').map(|(_, value)| format!("Cookie: session={value}\r\n"));
            cookies = sessions.lines().filter_map(cookie).collect();
            let names: Vec<String> = (1..=users).map(|user| format!("u{user}")).collect();
            let mut room = vec!["room", "add", "Everyone here"];
            room.extend(names.iter().map(String::as_str));
            process::output(&program, &room, &settings)?;
        }
        if cookies.len() != users as usize {
            return Err(Error::from(format!("{} sessions for {users} users", cookies.len())));
        }
        seed(&data.path().join("data"))?;
        let process = Process::spawn_in(data, &[&program, "serve"], &settings, "/readyz")?;
        Ok(Self { process, cookies })
    }

    /// A GET of somebody signed in.
    pub fn get(&self, path: &str, user: User) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.process.address, self.cookie(user))
    }

    /// A server function's call by somebody signed in.
    pub fn call(&self, name: &str, body: &str, user: User) -> String {
        form(&self.process.address, &format!("/api/{name}"), self.cookie(user), body)
    }

    fn cookie(&self, user: User) -> &str {
        &self.cookies[user as usize - 1]
    }
}

impl Peer for Chatter {
    fn name(&self) -> &'static str {
        "chatter"
    }
    fn process(&self) -> &Process {
        &self.process
    }
    fn token_request(&self, user: User) -> Option<String> {
        Some(form(&self.process.address, "/api/gateway-token", self.cookie(user), ""))
    }
    fn token(&self, head: &[u8], _: &[u8]) -> Result<String> {
        let token = crate::wire::headers(head, "set-cookie").find_map(|value| value.strip_prefix("authorization="));
        let token = token.and_then(|value| value.split(';').next()).ok_or("an answer without a gateway token")?;
        Ok(token.to_owned())
    }
    fn path(&self) -> &'static str {
        "/gateway"
    }
    fn identify(&self, _: User, token: &str) -> String {
        format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}"}}}}"#)
    }
    fn heard(&self, text: &[u8]) -> Heard {
        if text.starts_with(br#"{"op":"MESSAGE_CREATE""#) {
            Heard::Message
        } else if text.starts_with(br#"{"op":"HELLO""#) {
            Heard::Asked
        } else if text.starts_with(br#"{"op":"READY""#) {
            Heard::Ready
        } else {
            Heard::Nothing
        }
    }
    fn post(&self, user: User, _: &str, target: Target, content: &str, _: u32) -> Post {
        let target = match target {
            Target::User(user) => format!("target_id={user}"),
            // The one room of a fresh data folder.
            Target::Everyone => "conversation_id=1".to_owned(),
        };
        let body = format!("{target}&content={content}&nonce={content}");
        Post::Request(form(&self.process.address, "/api/message-post", self.cookie(user), &body))
    }
}
