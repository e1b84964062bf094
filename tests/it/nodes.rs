//! Whole programs on one PostgreSQL and one NATS: any of them serves anybody, and each can go.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::support::person::Person;
use crate::support::process::{Program, command, run};
use crate::support::{nats, postgres};

/// A cluster's settings, and the folders of its nodes.
pub struct Cluster {
    folder: TempDir,
    database: String,
    bus: String,
}

impl Cluster {
    pub fn new() -> Self {
        let cluster =
            Self { folder: tempfile::tempdir().unwrap(), database: postgres::database(), bus: nats::shared() };
        make_secrets(&cluster.secrets());
        cluster
    }

    fn secrets(&self) -> std::path::PathBuf {
        self.folder.path().join("secrets.toml")
    }

    pub fn node(&self, name: &str) -> Program {
        self.node_with(name, &[])
    }

    fn node_with(&self, name: &str, settings: &[(&str, &str)]) -> Program {
        Program::serve_with(&self.folder.path().join(name), |command| {
            command.envs(self.settings()).envs(settings.iter().copied());
        })
    }

    fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("CHATTER_DATABASE", self.database.clone()),
            ("CHATTER_BUS", self.bus.clone()),
            ("CHATTER_SECRET_FILE", self.secrets().display().to_string()),
        ]
    }
}

fn make_secrets(file: &Path) {
    let made = run(file.parent().unwrap(), &["secret-file", file.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
}

/// The same person, on another node: the cookies go with them.
pub fn on(person: &Person, node: &Program) -> Person {
    person.at(&node.address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_node_serves_anybody() {
    let cluster = Cluster::new();
    let nodes = [cluster.node("one"), cluster.node("two"), cluster.node("three")];
    let ada = Person::sign_up(&nodes[0].address, "ada").await;
    let bob = Person::sign_up(&nodes[1].address, "bob").await;
    let mut told = on(&bob, &nodes[2]).socket().await;
    for (number, node) in nodes.iter().enumerate() {
        let text = format!("from node {number}");
        on(&ada, node).ok("message-post", &[("target_id", "bob"), ("content", &text)]).await;
        assert_eq!(told.until("MESSAGE_CREATE").await["d"]["content"], *text);
    }
    let list = on(&bob, &nodes[0]).ok("conversation-list", &[]).await;
    assert_eq!(list["conversations"].as_array().unwrap().len(), 1);

    // A sign-out anywhere ends the socket everywhere.
    on(&bob, &nodes[1]).ok("sign-out", &[]).await;
    assert_eq!(told.until_closed().await, 4011);
    // Another node may have asked for the session a moment ago.
    let began = Instant::now();
    let elsewhere = on(&bob, &nodes[0]);
    while elsewhere.call("conversation-list", &[]).await.status() != 401 {
        assert!(began.elapsed() < Duration::from_secs(10), "a session that ended is good for nothing anywhere");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_takes_leave_before_it_goes() {
    let cluster = Cluster::new();
    let mut leaving = cluster.node_with("one", &[("CHATTER_DRAIN_SECONDS", "3")]);
    let staying = cluster.node("two");
    let ada = Person::sign_up(&leaving.address, "ada").await;
    let mut sockets = Vec::new();
    for _ in 0..8 {
        sockets.push(ada.socket().await);
    }
    leaving.terminate();
    let ready =
        async |node: &Program| reqwest::get(format!("http://{}/readyz", node.address)).await.unwrap().status().as_u16();
    let began = Instant::now();
    while ready(&leaving).await != 503 {
        assert!(began.elapsed() < Duration::from_secs(2), "it turns red first");
        sleep(Duration::from_millis(10)).await;
    }
    // It still serves whoever comes.
    ada.ok("message-post", &[("target_id", "ada"), ("content", "still here")]).await;
    let mut moved = Vec::new();
    for mut socket in sockets {
        let reconnect = socket.until("RECONNECT").await;
        assert!(reconnect["d"]["after_ms"].as_u64().unwrap() <= 500, "{reconnect}");
        assert_eq!(socket.until_closed().await, 1012);
        moved.push(began.elapsed());
    }
    let first = moved.iter().min().unwrap();
    let last = moved.iter().max().unwrap();
    assert!(*last - *first > Duration::from_millis(500), "one after the other: {moved:?}");
    let elsewhere = on(&ada, &staying);
    let mut again = elsewhere.socket().await;
    elsewhere.ok("message-post", &[("target_id", "ada"), ("content", "moved")]).await;
    assert_eq!(again.until("MESSAGE_CREATE").await["d"]["content"], "moved");
    assert_eq!(leaving.ended(Duration::from_secs(15)).0, Some(0));
}

#[test]
fn a_node_without_the_clusters_secrets_does_not_start() {
    let cluster = Cluster::new();
    drop(cluster.node("one"));
    let start = |name: &str, secrets: &Path| {
        let mut command = command(&cluster.folder.path().join(name));
        command.args(["serve"]).envs(cluster.settings()).env("CHATTER_SECRET_FILE", secrets);
        let output = command.env("LEPTOS_SITE_ADDR", "127.0.0.1:0").output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = start("two", &cluster.folder.path().join("nowhere.toml"));
    assert!(missing.contains("nowhere.toml") && missing.contains("share one"), "{missing}");
    let another = cluster.folder.path().join("another.toml");
    make_secrets(&another);
    let other = start("two", &another);
    assert!(other.contains("another secret file") && !other.contains("password"), "{other}");
}

#[test]
fn a_bus_that_cannot_be_is_a_sentence() {
    let cluster = Cluster::new();
    let mut command = command(&cluster.folder.path().join("one"));
    command.args(["serve"]).envs(cluster.settings()).env("LEPTOS_SITE_ADDR", "127.0.0.1:0");
    let output = command.env("CHATTER_BUS", "nats://:4222").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nats://") && !said.contains("panicked"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_bus_a_node_serves_and_says_so() {
    let cluster = Cluster::new();
    // Nothing listens there.
    let node = cluster.node_with("one", &[("CHATTER_BUS", &nats::Server::absent(&[]).unwrap().url())]);
    let answer = reqwest::get(format!("http://{}/readyz", node.address)).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "ready, without the bus\n"));
    let ada = Person::sign_up(&node.address, "ada").await;
    let mut told = ada.socket().await;
    ada.ok("message-post", &[("target_id", "ada"), ("content", "all the same")]).await;
    assert_eq!(told.until("MESSAGE_CREATE").await["d"]["content"], "all the same");
}
