//! The writer: one thread, one connection, commits in groups.
//!
//! Owns the order of all changes. A group is: begin; each change in a savepoint, so that one that fails rolls
//! back alone; commit; *then* the events to the publisher; *then* the answers. Nothing leaves before the commit.
//! If begin or commit fails, the outcome is unknown for all of the group and nothing is published.

mod job;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use aws_lc_rs::hmac;
use rusqlite::Connection;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};

use self::job::{Asked, Job};
use super::failure::closed;
use crate::protocol::Event;
use crate::server::store::StoreError;

/// Changes in one commit, at most: bounds how long a group holds its first caller.
const GROUP: usize = 512;
/// Changes that may wait; callers wait beyond that, so that memory stays bounded.
const WAITING: usize = 4_096;

/// What a change works with. Events are pushed here in log order and leave only if the change is committed.
pub(super) struct Writing<'c> {
    pub(super) connection: &'c Connection,
    pub(super) nonce_key: &'c hmac::Key,
    pub(super) events: Vec<Event>,
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
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        nonce_key: hmac::Key,
        committed: mpsc::Sender<Vec<Event>>,
    ) -> Result<Self, StoreError> {
        let (intake, orders) = mpsc::channel(WAITING);
        let counts = Arc::new(Counts::default());
        let serving = Serving { connection, nonce_key, committed, counts: counts.clone() };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                // Callers then get `Unavailable`, as their replies are dropped, and the publisher sees its end.
                if catch_unwind(AssertUnwindSafe(|| serving.run(orders))).is_err() {
                    tracing::error!("the store's writer panicked: nothing can be saved until a restart");
                }
            })
            .map_err(|error| StoreError::Unavailable(format!("the writer cannot start: {error}")))?;
        Ok(Self { intake, thread: Mutex::new(Some(thread)), counts })
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Hands in a change and waits for its commit. Once handed in (with the first poll, unless the queue is full),
    /// it happens whether or not the caller still waits.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let order = Order::Change(Box::new(Asked::new(work, reply)));
        match self.intake.try_send(order) {
            Ok(()) => {}
            Err(TrySendError::Full(order)) => self.intake.send(order).await.map_err(|_| closed())?,
            Err(TrySendError::Closed(_)) => return Err(closed()),
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the store's writer is gone".into())))
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

/// The thread's own half.
struct Serving {
    connection: Connection,
    nonce_key: hmac::Key,
    committed: mpsc::Sender<Vec<Event>>,
    counts: Arc<Counts>,
}

impl Serving {
    fn run(&self, mut orders: mpsc::Receiver<Order>) {
        let mut waiting = Vec::with_capacity(GROUP);
        let mut group = Vec::with_capacity(GROUP);
        while orders.blocking_recv_many(&mut waiting, GROUP) > 0 {
            for order in waiting.drain(..) {
                match order {
                    Order::Change(job) => group.push(job),
                    // What is already in the queue is still received; what comes later is refused.
                    Order::Close => orders.close(),
                }
            }
            if !group.is_empty() {
                self.serve(&mut group);
            }
        }
    }

    fn serve(&self, group: &mut Vec<Box<dyn Job>>) {
        let lost = match self.commit(group) {
            Ok(events) => {
                // Waits when the publisher is far behind. Nobody listens in programs that dropped the receiver.
                if !events.is_empty() {
                    let _ = self.committed.blocking_send(events);
                }
                None
            }
            Err(error) => {
                tracing::error!(%error, changes = group.len(), "a group of changes failed");
                if !self.connection.is_autocommit()
                    && let Err(error) = self.execute("ROLLBACK")
                {
                    tracing::error!(%error, "and cannot be rolled back");
                }
                Some(match error {
                    StoreError::Unavailable(reason) => reason,
                    other => other.to_string(),
                })
            }
        };
        for job in group.drain(..) {
            job.answer(lost.as_deref());
        }
    }

    /// One transaction; its events in order.
    fn commit(&self, group: &mut [Box<dyn Job>]) -> Result<Vec<Event>, StoreError> {
        self.execute("BEGIN IMMEDIATE")?;
        let mut writing = Writing { connection: &self.connection, nonce_key: &self.nonce_key, events: Vec::new() };
        let mut done = 0;
        for job in group {
            self.execute("SAVEPOINT change")?;
            let before = writing.events.len();
            match job.run(&mut writing) {
                Ok(()) => done += 1,
                // A full disk or an i/o error may have ended the whole transaction, and the group with it.
                Err(error) if self.connection.is_autocommit() => {
                    return Err(StoreError::Unavailable(error.to_string()));
                }
                Err(_) => {
                    writing.events.truncate(before);
                    self.execute("ROLLBACK TO change")?;
                }
            }
            self.execute("RELEASE change")?;
        }
        self.execute("COMMIT")?;
        self.counts.groups.fetch_add(1, Ordering::Relaxed);
        self.counts.jobs.fetch_add(done, Ordering::Relaxed);
        Ok(writing.events)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
