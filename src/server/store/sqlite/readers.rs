//! The readers: a few threads, each with a connection that cannot write, that take one read transaction after the other.
//!
//! Threads of their own, and no more than there are cores for: under load each finds the next read waiting when it is
//! done with one, where a pool would put a thread to sleep and wake another for each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection;
use super::failure::closed;
use crate::server::store::StoreError;

/// Fewest: a long read must not hold up all others.
const FEWEST: usize = 2;
/// Most: reads take microseconds from the page cache, and each connection holds its own cache of pages.
const MOST: usize = 4;

type Read = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers(Mutex<Option<Running>>);

struct Running {
    reads: Sender<Read>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        // Callers wait for their answers, so no more wait here than there are requests.
        let (reads, waiting) = crossbeam_channel::unbounded();
        let cores = thread::available_parallelism().map_or(FEWEST, usize::from);
        let threads = (0..cores.clamp(FEWEST, MOST)).map(|_| start(connection::reader(path)?, waiting.clone()));
        let threads = threads.collect::<Result<_, _>>()?;
        Ok(Self(Mutex::new(Some(Running { reads, threads }))))
    }

    /// Runs `work` inside one read transaction, so that all it reads is of one moment.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            // Nobody waits for it any more.
            if !reply.is_closed() {
                let _ = reply.send(in_transaction(connection, work));
            }
        });
        self.queue().ok_or_else(closed)?.send(read).map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    fn queue(&self) -> Option<Sender<Read>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|running| running.reads.clone())
    }

    /// Waits for the reads under way and those that were waiting, then closes the connections.
    pub(super) async fn close(&self) {
        let Some(running) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        drop(running.reads);
        let join = move || running.threads.into_iter().for_each(|thread| drop(thread.join()));
        // The threads catch the panics of what they run, so there is nothing to learn from either result.
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

/// Ends once every sender is gone and the queue is empty.
fn start(connection: Connection, waiting: Receiver<Read>) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name("store-reader".into())
        .spawn(move || waiting.into_iter().for_each(|read| read(&connection)))
        .map_err(|error| StoreError::Unavailable(format!("a reader cannot start: {error}")))
}

fn in_transaction<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    // A panic costs its own caller an error, never the thread.
    let answer = catch_unwind(AssertUnwindSafe(|| work(connection)))
        .unwrap_or_else(|_| Err(StoreError::Internal("a read panicked".into())));
    // Nothing was written, so this ends the transaction whatever became of the read; an i/o error has ended it before.
    if !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute([])?;
    }
    answer
}
