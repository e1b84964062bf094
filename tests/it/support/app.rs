//! A server in this process: a free port, a data folder of its own, gone when dropped.

use std::net::SocketAddr;

use chatter::server::boot::{self, Running};
use chatter::server::config::{Config, Overrides};
use tempfile::TempDir;

use super::person::Person;

pub struct TestApp {
    running: Option<Running>,
    data: TempDir,
    pub address: SocketAddr,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with settings of its own.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (running, address) = boot(&data, adjust).await;
        Self { running: Some(running), data, address }
    }

    /// Stops in order and starts again on the same data, on another port.
    pub async fn restart(&mut self) {
        self.running.take().unwrap().stop().await;
        let (running, address) = boot(&self.data, |_| {}).await;
        self.running = Some(running);
        self.address = address;
    }

    /// The running server's insides.
    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub async fn stop(mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Somebody new, signed up.
    pub async fn person(&self, name: &str) -> Person {
        Person::sign_up(&self.address.to_string(), name).await
    }
}

async fn boot(data: &TempDir, adjust: impl FnOnce(&mut Config)) -> (Running, SocketAddr) {
    let overrides = Overrides {
        data: Some(data.path().to_owned()),
        addr: Some("127.0.0.1:0".parse().unwrap()),
        ..Overrides::default()
    };
    let mut config = Config::load(&overrides).unwrap();
    adjust(&mut config);
    let running = boot::start(config).await.unwrap();
    let address = running.address;
    (running, address)
}
