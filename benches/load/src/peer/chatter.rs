//! Chatter: posts over HTTP with a session, a gateway connection with a token. One node, or several that share a database
//! and a bus, with the users spread over them.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::shared::Shared;
use super::{Heard, Peer, Post, Target, User, form};
use crate::process::{self, Part, Process};
use crate::{Error, Result};

pub struct Chatter {
    name: &'static str,
    // Before what they share: they end first.
    nodes: Vec<Process>,
    shared: Option<Shared>,
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
        Self::begin("chatter", 1, None, users, seed)
    }

    /// The same, on PostgreSQL, and on NATS if there are several nodes.
    pub fn sharing(name: &'static str, nodes: usize, users: User) -> Result<Self> {
        Self::begin(name, nodes, Some(Shared::start(nodes > 1)?), users, |_| Ok(()))
    }

    fn begin(
        name: &'static str,
        nodes: usize,
        shared: Option<Shared>,
        users: User,
        seed: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let file = data.path().join("people.jsonl");
        let mut people = std::io::BufWriter::new(fs::File::create(&file)?);
        for user in 1..=users {
            writeln!(people, r#"{{"name":"u{user}"}}"#)?;
        }
        people.into_inner()?;
        let mut common = vec![
            // Limits out of the way: the load comes from few addresses.
            ("CHATTER_LIMITS_POSTS_PER_SECOND", "1000000".to_owned()),
            ("CHATTER_LIMITS_POSTS_BURST", "1000000".to_owned()),
            ("CHATTER_LOG_FILTER", "warn".to_owned()),
        ];
        common.extend(shared.iter().flat_map(Shared::settings));
        let common: Vec<(&str, &str)> = common.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let first = data.path().join("data");
        let settings = with_data(&common, &first)?;
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
        seed(&first)?;
        let mut running = vec![Process::spawn_in(data, &[&program, "serve"], &settings, "/readyz")?];
        while running.len() < nodes {
            let data = tempfile::tempdir()?;
            let folder = data.path().join("data");
            let settings = with_data(&common, &folder)?;
            running.push(Process::spawn_in(data, &[&program, "serve"], &settings, "/readyz")?);
        }
        Ok(Self { name, nodes: running, shared, cookies })
    }

    /// A GET of somebody signed in.
    pub fn get(&self, path: &str, user: User) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.address(user), self.cookie(user))
    }

    /// A server function's call by somebody signed in.
    pub fn call(&self, name: &str, body: &str, user: User) -> String {
        form(self.address(user), &format!("/api/{name}"), self.cookie(user), body)
    }

    fn cookie(&self, user: User) -> &str {
        &self.cookies[user as usize - 1]
    }
}

/// Which node a user is on.
fn node(user: User, nodes: usize) -> usize {
    (user as usize - 1) % nodes
}

/// The settings of a node whose data lies there.
fn with_data<'a>(common: &[(&'a str, &'a str)], data: &'a Path) -> Result<Vec<(&'a str, &'a str)>> {
    let data = ("CHATTER_DATA", data.to_str().ok_or("a folder whose name is no text")?);
    Ok(common.iter().copied().chain([data]).collect())
}

impl Peer for Chatter {
    fn name(&self) -> &'static str {
        self.name
    }
    fn process(&self) -> &Process {
        &self.nodes[0]
    }
    /// The two of a pair, who are numbered one after the other, are on different nodes.
    fn address(&self, user: User) -> &str {
        &self.nodes[node(user, self.nodes.len())].address
    }
    fn parts(&self) -> Vec<Part> {
        let nodes = Part { name: "nodes", ids: self.nodes.iter().map(Process::id).collect() };
        std::iter::once(nodes).chain(self.shared.iter().flat_map(Shared::parts)).collect()
    }
    fn syncs(&self) -> Result<Option<u64>> {
        self.shared.as_ref().map(Shared::syncs).transpose()
    }
    fn token_request(&self, user: User) -> Option<String> {
        Some(form(self.address(user), "/api/gateway-token", self.cookie(user), ""))
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
        Post::Request(form(self.address(user), "/api/message-post", self.cookie(user), &body))
    }
}

#[cfg(test)]
mod tests {
    use super::super::SPREAD;
    use super::node;

    #[test]
    fn the_two_of_a_pair_are_on_different_nodes() {
        for nodes in [2, 3] {
            for first in (1..200).step_by(2) {
                assert_ne!(node(first, nodes), node(first + 1, nodes), "{first} of {nodes} nodes");
                assert_eq!(node(first, nodes), node(first + SPREAD, nodes), "{first} of {nodes} nodes");
            }
        }
    }
}
