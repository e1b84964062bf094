//! A PostgreSQL of the tests' own: one server for the process, and a database for each test.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use chatter_services::postgres::Postgres;

/// A fresh, empty database.
pub fn database() -> String {
    let name = named("test");
    server().execute("postgres", &format!("CREATE DATABASE {name}")).unwrap();
    server().url(&name)
}

fn named(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The server of this process: it dies with it.
fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start(&["fsync=off"]).expect("PostgreSQL starts"))
}

/// Runs SQL on a connection of its own. Blocks; for tests that are asynchronous themselves, in a thread of its own.
pub fn execute(url: &str, sql: &str) {
    on_a_thread(|| async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
}

/// The numbers that a query answers. Blocks like [`execute`].
pub fn column(url: &str, sql: &str) -> Vec<i64> {
    on_a_thread(|| async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    })
}

/// Does this in a runtime of its own.
pub fn on_a_thread<T: Send, Work: Future<Output = T>>(work: impl FnOnce() -> Work + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime().block_on(work())).join().unwrap()
    })
}
