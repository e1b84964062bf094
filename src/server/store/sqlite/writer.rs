//! The writer: one thread, one connection, commits in groups.
//!
//! Owns the order of all changes. A group is: begin; each change in a savepoint, so that one that fails rolls
//! back alone; commit; *then* the events to the publisher; *then* the answers. Nothing leaves before the commit.
//! If begin or commit fails, the outcome is unknown for all of the group and nothing is published.
//!
//! It also owns the checkpoints, which bring what the log holds into the file: SQLite would run them inside a commit,
//! before its callers are answered, and keep their failures to itself.
//!
//! A failed sync, of a commit or of a checkpoint, ends the writer: see the table in `failure`.

mod health;
mod job;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};

use self::health::Health;
use self::job::{Asked, Job};
use super::failure::closed;
use crate::protocol::Event;
use crate::server::store::StoreError;

/// Changes in one commit, at most: bounds how long a group holds its first caller.
const GROUP: usize = 512;
/// Changes that may wait; callers wait beyond that, so that memory stays bounded.
const WAITING: usize = 4_096;
/// Pages in the log from which on each group is followed by a checkpoint: about 4 MiB, SQLite's own default.
const CHECKPOINT_PAGES: i32 = 1_000;
/// Shortest time between two checkpoints that are tried to make room on a full disk.
const MAKE_ROOM: Duration = Duration::from_secs(1);

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
    health: Arc<Health>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        nonce_key: hmac::Key,
        committed: mpsc::Sender<Vec<Event>>,
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
        let (counted, ill) = (counts.clone(), health.clone());
        let serving = Serving { connection, nonce_key, committed, counts: counted, health: ill, log_pages };
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

/// The thread's own half.
struct Serving {
    connection: Connection,
    nonce_key: hmac::Key,
    committed: mpsc::Sender<Vec<Event>>,
    counts: Arc<Counts>,
    health: Arc<Health>,
    /// Pages in the log after the last commit that wrote something.
    log_pages: Arc<AtomicI32>,
}

impl Serving {
    fn run(&self, mut orders: mpsc::Receiver<Order>) {
        let mut waiting = Vec::with_capacity(GROUP);
        let mut group = Vec::with_capacity(GROUP);
        let mut room = RoomMaker::default();
        while orders.blocking_recv_many(&mut waiting, GROUP) > 0 {
            for order in waiting.drain(..) {
                match order {
                    Order::Change(job) => group.push(job),
                    // What is already in the queue is still received; what comes later is refused.
                    Order::Close => orders.close(),
                }
            }
            if group.is_empty() {
                continue;
            }
            let served = self.serve(&mut group).and_then(|full| self.checkpoint(room.is_due(full)));
            if let Err(reason) = served {
                orders.close();
                // Waits for those who are just handing something in, and refuses them all.
                while let Some(order) = orders.blocking_recv() {
                    if let Order::Change(job) = order {
                        job.answer(Some(&StoreError::Failed(reason.clone())));
                    }
                }
                return;
            }
        }
    }

    /// Commits, tells and answers. Answers whether the disk is full; `Err`: it is over.
    fn serve(&self, group: &mut Vec<Box<dyn Job>>) -> Result<bool, String> {
        self.log_pages.store(0, Ordering::Relaxed);
        let lost = match self.commit(group) {
            Ok(events) => {
                // A group that had nothing to write says nothing about the disk.
                if self.log_pages.load(Ordering::Relaxed) > 0 && self.health.saved(true) {
                    tracing::info!("changes are saved again");
                }
                // Waits when the publisher is far behind. Nobody listens in programs that dropped the receiver.
                if !events.is_empty() {
                    let _ = self.committed.blocking_send(events);
                }
                None
            }
            Err(StoreError::Failed(reason)) => {
                self.end(&reason);
                Some(StoreError::Failed(reason))
            }
            Err(error) => {
                if self.health.saved(false) {
                    tracing::error!(%error, changes = group.len(), "a group of changes was not saved");
                }
                if !self.connection.is_autocommit()
                    && let Err(error) = self.execute("ROLLBACK")
                {
                    tracing::error!(%error, "and cannot be rolled back");
                }
                Some(match error {
                    lost @ (StoreError::Unavailable(_) | StoreError::Full(_)) => lost,
                    other => StoreError::Unavailable(other.to_string()),
                })
            }
        };
        for job in group.drain(..) {
            job.answer(lost.as_ref());
        }
        match lost {
            Some(StoreError::Failed(reason)) => Err(reason),
            lost => Ok(matches!(lost, Some(StoreError::Full(_)))),
        }
    }

    /// Brings the log into the file when it is long, or when that may make room. Readers are not waited for.
    fn checkpoint(&self, make_room: bool) -> Result<(), String> {
        if !make_room && self.log_pages.load(Ordering::Relaxed) < CHECKPOINT_PAGES {
            return Ok(());
        }
        let done = self
            .connection
            .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
            .and_then(|mut statement| statement.query_row([], |_| Ok(())));
        match done.map_err(StoreError::from) {
            Ok(()) => Ok(()),
            Err(StoreError::Failed(reason)) => {
                self.end(&reason);
                Err(reason)
            }
            // Nothing is lost: all of it is in the log, and the next one begins where this one did.
            Err(error) => {
                tracing::warn!(%error, "the log could not be brought into the database, and grows");
                Ok(())
            }
        }
    }

    /// Known to all before anybody has an answer. What this connection and the readers leave behind is not touched
    /// again, not even when they close: the next start does what is right.
    fn end(&self, reason: &str) {
        tracing::error!(
            reason,
            "nothing can be saved any more, and the server stops. What was acknowledged is safe. Look at the disk (the \
             kernel's log says what it reported), then start Chatter again; `chatter doctor` checks the data"
        );
        self.health.fail(reason);
        if let Err(error) = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
            tracing::error!(%error, "the log may be brought into the database while closing");
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
                Err(error) if self.connection.is_autocommit() || matches!(error, StoreError::Failed(_)) => {
                    return Err(error.clone());
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

/// When a full disk is worth a checkpoint: what the log holds, once it is in the file, is room for more.
#[derive(Default)]
struct RoomMaker(Option<Instant>);

impl RoomMaker {
    fn is_due(&mut self, full: bool) -> bool {
        let due = full && self.0.is_none_or(|last| last.elapsed() >= MAKE_ROOM);
        if due {
            self.0 = Some(Instant::now());
        }
        due
    }
}
