//! A device that keeps cursors and comes back with them; it takes no event but the one that is next in its log.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::person::Person;
use super::socket::Socket;

pub struct Device {
    pub person: Person,
    /// The last number of each log that it has: what IDENTIFY says.
    pub cursors: BTreeMap<String, i64>,
    /// Every event that it took, in order.
    pub events: Vec<Value>,
    socket: Option<Socket>,
}

impl Device {
    /// Connects for the first time: everything up to now counts as known.
    pub async fn new(person: Person) -> Self {
        let mut device = Self { person, cursors: BTreeMap::new(), events: Vec::new(), socket: None };
        let ready = device.connect().await;
        device.cursors.insert("inbox".into(), ready["inbox"]["s"].as_i64().unwrap());
        for mark in ready["marks"].as_array().unwrap() {
            device.cursors.insert(mark[0].to_string(), mark[1].as_i64().unwrap());
        }
        device
    }

    pub fn drop_socket(&mut self) {
        self.socket = None;
    }

    /// Comes back with its cursors: READY's `d`.
    pub async fn connect(&mut self) -> Value {
        let mut socket = Socket::open(&self.person.address).await;
        socket.expect("HELLO").await;
        let token = self.person.token().await;
        let mut identify = json!({"token": token});
        if !self.cursors.is_empty() {
            identify["cursors"] = json!(self.cursors);
        }
        socket.send(&json!({"op": "IDENTIFY", "d": identify})).await;
        let mut ready = socket.expect("READY").await;
        self.socket = Some(socket);
        ready["d"].take()
    }

    /// The next event; `Err` is the code of a close. A hole or a double stops the test.
    pub async fn event(&mut self) -> Result<Value, u16> {
        loop {
            let frame = self.socket.as_mut().unwrap().next().await?;
            let Some(seq) = frame["s"].as_i64() else { continue };
            let log = frame.get("c").map_or_else(|| "inbox".to_owned(), Value::to_string);
            let cursor = self.cursors.entry(log.clone()).or_default();
            assert_eq!(seq, *cursor + 1, "log {log}: {frame}");
            *cursor = seq;
            self.events.push(frame.clone());
            return Ok(frame);
        }
    }

    /// Takes events until it has this one of the log; those of other logs come in between.
    pub async fn until(&mut self, log: &str, seq: i64) {
        while self.cursors.get(log).copied().unwrap_or(0) < seq {
            self.event().await.unwrap_or_else(|code| panic!("closed with {code}, waiting for {log} {seq}"));
        }
    }

    pub async fn assert_silent(&mut self) {
        self.socket.as_mut().unwrap().assert_silent().await;
    }

    /// `OP log seq`, of every event that it took.
    pub fn outline(&self) -> Vec<String> {
        let log = |frame: &Value| frame.get("c").map_or_else(|| "inbox".to_owned(), Value::to_string);
        self.events
            .iter()
            .map(|frame| format!("{} {} {}", frame["op"].as_str().unwrap(), log(frame), frame["s"]))
            .collect()
    }
}
