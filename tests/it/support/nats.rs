//! A NATS of the tests' own: one server for the process; a test that stops one starts its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use chatter_services::nats::Nats as Server;

/// The address of the one that all tests share: it dies with the process.
pub fn shared() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]).expect("NATS starts")).url()
}

/// A prefix that no other test has.
pub fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
