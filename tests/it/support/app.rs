//! A server in this process: a free port, a data folder and threads of its own as the program has them, gone when
//! dropped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter::server::boot::{self, Running};
use chatter::server::config::{Config, DatabaseUrl, Overrides, Postgres};
use chatter::server::store::Store;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::person::Person;
use super::postgres;

pub struct TestApp {
    /// Taken when the app goes: a runtime may not be dropped where one is at work.
    runtime: Option<Runtime>,
    running: Option<Running>,
    data: TempDir,
    /// The database, where the tests run on PostgreSQL.
    postgres: Option<String>,
    pub address: SocketAddr,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with settings of its own.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let postgres = on_postgres().then(postgres::database);
        let (running, address) = boot(&runtime, &data, postgres.as_deref(), adjust).await;
        Self { runtime: Some(runtime), running: Some(running), data, postgres, address }
    }

    /// Stops in order and starts again on the same data, on another port.
    pub async fn restart(&mut self) {
        self.stop_running().await;
        let (running, address) =
            boot(self.runtime.as_ref().unwrap(), &self.data, self.postgres.as_deref(), |_| {}).await;
        self.running = Some(running);
        self.address = address;
    }

    /// The running server's insides.
    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// The running server's store.
    pub fn store(&self) -> Arc<dyn Store> {
        self.running().state.chat.store.clone()
    }

    /// Runs SQL beside the server: for states that no method makes yet.
    pub fn execute(&self, sql: &str) {
        if let Some(url) = &self.postgres {
            let sql = sql.replace("BEGIN IMMEDIATE", "BEGIN");
            return postgres::execute(url, &format!("{sql}; NOTIFY chatter_commands"));
        }
        let connection = rusqlite::Connection::open(self.data.path().join("chatter.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// The database file as it lies on the disk, with all that was committed.
    pub fn file(&self) -> Vec<u8> {
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        std::fs::read(self.data.path().join("chatter.db")).unwrap()
    }

    pub async fn stop(mut self) {
        self.stop_running().await;
    }

    async fn stop_running(&mut self) {
        let running = self.running.take().unwrap();
        self.runtime.as_ref().unwrap().spawn(running.stop()).await.unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Somebody new, signed up.
    pub async fn person(&self, name: &str) -> Person {
        Person::sign_up(&self.address.to_string(), name).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// `CHATTER_TEST_STORE=postgres` runs every story on PostgreSQL.
pub fn on_postgres() -> bool {
    std::env::var("CHATTER_TEST_STORE").is_ok_and(|store| store == "postgres")
}

async fn boot(
    runtime: &Runtime,
    data: &TempDir,
    database: Option<&str>,
    adjust: impl FnOnce(&mut Config),
) -> (Running, SocketAddr) {
    let overrides = Overrides {
        data: Some(data.path().to_owned()),
        addr: Some("127.0.0.1:0".parse().unwrap()),
        ..Overrides::default()
    };
    let mut config = Config::load(&overrides).unwrap();
    let url = database.map(|url| DatabaseUrl::try_from(url.to_owned()).unwrap());
    config.postgres = url.map(|url| Postgres { url, replicas: Vec::new() });
    adjust(&mut config);
    let running = runtime.spawn(boot::start(config)).await.unwrap().unwrap();
    let address = running.address;
    (running, address)
}
