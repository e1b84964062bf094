//! The writer: one thread, one connection, commits in groups.
//!
//! Owns the order of all changes. A group is: begin; each change, in a savepoint where it may fail after a write, so that
//! it rolls back alone; commit; *then* changed sessions out of their cache, what was touched
//! noted, and the events to the publisher; *then* the
//! answers. Nothing leaves before the commit.
//! If begin or commit fails, the outcome is unknown for all of the group and nothing is published.
//!
//! A failed sync, of a commit or of a checkpoint, ends the writer: see the table in `failure`.

mod checkpoints;
mod health;
mod job;
mod serving;

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::thread::JoinHandle;

use aws_lc_rs::hmac;
use rusqlite::Connection;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};

use self::health::Health;
use self::job::{Asked, Job};
use self::serving::Serving;
use super::failure::closed;
use super::messages::LatestPages;
use super::touched::Touched;
use crate::protocol::{Event, SessionId, UserId};
use crate::server::store::session_cache::SessionCache;
use crate::server::store::{Commit, StoreError};

/// Changes in one commit, at most: bounds how long a group holds its first caller.
const GROUP: usize = 2_048;
/// Changes that may wait; callers wait beyond that, so that memory stays bounded.
const WAITING: usize = 4_096;

/// What a change works with. Events are pushed here in log order and leave only if the change is committed.
pub(super) struct Writing<'c> {
    pub(super) connection: &'c Connection,
    pub(super) nonce_key: &'c hmac::Key,
    pub(super) events: Vec<Event>,
    /// Sessions that were changed or ended.
    pub(super) sessions: Vec<SessionId>,
    /// Users of whom something was changed that no event tells: how far they read.
    pub(super) touched: Vec<UserId>,
    /// Users of whom something was changed that their sessions tell.
    pub(super) people: Vec<UserId>,
    /// Somebody is shown by another name.
    pub(super) renamed: bool,
    /// The change that runs has a savepoint.
    protected: bool,
}

impl Writing<'_> {
    /// Before a change writes what it may not be able to finish: its failure then undoes all that it wrote since.
    pub(super) fn protect(&mut self) -> rusqlite::Result<()> {
        if !mem::replace(&mut self.protected, true) {
            self.execute("SAVEPOINT change")?;
        }
        Ok(())
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// What is kept of what was read, and gives way to what is committed.
pub(super) struct Caches {
    pub(super) sessions: Arc<SessionCache>,
    pub(super) latest: Arc<LatestPages>,
    pub(super) touched: Arc<Touched>,
}

impl Caches {
    /// Nobody knows what is stored.
    fn forget_all(&self) {
        self.sessions.forget_all();
        self.latest.forget_all();
        self.touched.note_all();
    }

    fn give_way(&self, writing: &Writing<'_>) {
        self.sessions.forget(&writing.sessions);
        self.sessions.forget_of(&writing.people);
        self.touched.note(&writing.events, &writing.touched);
        if writing.renamed {
            // Names stand everywhere, and no log tells of them.
            self.latest.forget_all();
            self.touched.note_all();
        }
    }
}

/// What was committed since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) groups: AtomicU64,
    pub(super) jobs: AtomicU64,
}

enum Order {
    Change(Box<dyn Job>),
    Close,
}

/// The handle that callers share.
pub(super) struct Writer {
    intake: mpsc::Sender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
    health: Arc<Health>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        nonce_key: hmac::Key,
        committed: mpsc::Sender<Commit>,
        caches: Caches,
    ) -> Result<Self, StoreError> {
        let (intake, orders) = mpsc::channel(WAITING);
        let (counts, health) = (Arc::new(Counts::default()), Arc::new(Health::default()));
        let log_pages = Arc::new(AtomicI32::new(0));
        let pages = log_pages.clone();
        // Takes the place of SQLite's own checkpoints.
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            pages.store(count, Ordering::Relaxed);
            Ok(())
        }))?;
        let serving = Serving {
            connection,
            nonce_key,
            committed,
            caches,
            counts: counts.clone(),
            health: health.clone(),
            log_pages,
        };
        let panicked = health.clone();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                // Callers then get `Unavailable`, as their replies are dropped, and the publisher sees its end.
                if catch_unwind(AssertUnwindSafe(|| serving.run(orders))).is_err() {
                    tracing::error!("the store's writer panicked: nothing can be saved until a restart");
                    panicked.fail("its writer panicked");
                }
            })
            .map_err(|error| StoreError::Unavailable(format!("the writer cannot start: {error}")))?;
        Ok(Self { intake, thread: Mutex::new(Some(thread)), counts, health })
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    /// Hands in a change that runs in a savepoint, and waits for its commit.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.run_bare(|writing| {
            writing.protect()?;
            work(writing)
        })
        .await
    }

    /// The same, for a change that writes nothing before it is sure to succeed, or calls [`Writing::protect`]: in a
    /// savepoint, the first write to each page costs a copy of it. Once handed in (with the first poll, unless the queue
    /// is full), it happens whether or not the caller still waits.
    pub(super) async fn run_bare<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let order = Order::Change(Box::new(Asked::new(work, reply)));
        match self.intake.try_send(order) {
            Ok(()) => {}
            Err(TrySendError::Full(order)) => self.intake.send(order).await.map_err(|_| self.gone())?,
            Err(TrySendError::Closed(_)) => return Err(self.gone()),
        }
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    fn gone(&self) -> StoreError {
        self.health.failure().unwrap_or_else(closed)
    }

    /// Finishes what was handed in. A second caller waits for the first.
    pub(super) async fn close(&self) {
        let mut thread = self.thread.lock().await;
        let _ = self.intake.send(Order::Close).await;
        if let Some(handle) = thread.take() {
            // The thread catches its own panics, so there is nothing to learn from either result.
            let _ = tokio::task::spawn_blocking(move || handle.join()).await;
        }
    }
}
