//! The writer's thread: takes what waits, commits it as one group, tells the publisher, answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use aws_lc_rs::hmac;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::mpsc;

use super::checkpoints::Checkpoints;
use super::health::Health;
use super::job::Job;
use super::{Caches, Counts, GROUP, Order, Writing};
use crate::protocol::Event;
use crate::server::store::{Commit, StoreError};

/// The thread's own half.
pub(super) struct Serving {
    pub(super) connection: Connection,
    pub(super) nonce_key: hmac::Key,
    pub(super) committed: mpsc::Sender<Commit>,
    pub(super) caches: Caches,
    pub(super) counts: Arc<Counts>,
    pub(super) health: Arc<Health>,
    /// Pages in the log after the last commit that wrote something.
    pub(super) log_pages: Arc<AtomicI32>,
}

impl Serving {
    pub(super) fn run(&self, mut orders: mpsc::Receiver<Order>) {
        let mut waiting = Vec::with_capacity(GROUP);
        let mut group = Vec::with_capacity(GROUP);
        let mut checkpoints = Checkpoints::default();
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
            let served = self.serve(&mut group).and_then(|lost| {
                let pages = self.log_pages.load(Ordering::Relaxed);
                checkpoints.after_group(&self.connection, pages, lost).inspect_err(|reason| self.end(reason))
            });
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
        if let Err(reason) = checkpoints.last(&self.connection) {
            self.end(&reason);
        }
    }

    /// Commits, tells and answers. Answers whether the group was lost; `Err`: it is over.
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
                    let _ = self.committed.blocking_send(events.into());
                }
                None
            }
            Err(StoreError::Failed(reason)) => {
                self.caches.forget_all();
                self.end(&reason);
                Some(StoreError::Failed(reason))
            }
            Err(error) => {
                // What became of the group is not known.
                self.caches.forget_all();
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
            lost => Ok(lost.is_some()),
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
        let mut writing = Writing {
            connection: &self.connection,
            nonce_key: &self.nonce_key,
            events: Vec::new(),
            sessions: Vec::new(),
            touched: Vec::new(),
            people: Vec::new(),
            renamed: false,
            protected: false,
        };
        let mut done = 0;
        for job in group {
            let (events, rows) = (writing.events.len(), self.connection.total_changes());
            writing.protected = false;
            match job.run(&mut writing) {
                Ok(()) => done += 1,
                // A full disk or an i/o error may have ended the whole transaction, and the group with it. So does what
                // an unprotected change wrote before it failed, a defect of ours: nothing can undo it alone.
                Err(error)
                    if self.connection.is_autocommit()
                        || matches!(error, StoreError::Failed(_))
                        || (!writing.protected && self.connection.total_changes() != rows) =>
                {
                    return Err(error.clone());
                }
                Err(_) => {
                    writing.events.truncate(events);
                    if writing.protected {
                        writing.execute("ROLLBACK TO change")?;
                    }
                }
            }
            if writing.protected {
                writing.execute("RELEASE change")?;
            }
        }
        self.execute("COMMIT")?;
        self.caches.give_way(&writing);
        self.counts.groups.fetch_add(1, Ordering::Relaxed);
        self.counts.jobs.fetch_add(done, Ordering::Relaxed);
        Ok(writing.events)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
