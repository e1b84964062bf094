//! The readers: a few connections that cannot write, lent out one read transaction at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection;
use super::failure::closed;
use crate::server::store::StoreError;

/// Connections: reads take microseconds from the page cache, so a few serve many callers. Each holds its own
/// cache of pages.
const CONNECTIONS: u32 = 4;

pub(super) struct Readers {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let idle = (0..CONNECTIONS).map(|_| connection::reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { permits: Arc::new(Semaphore::new(idle.len())), idle: Arc::new(Mutex::new(idle)) })
    }

    /// Runs `work` inside one read transaction, so that all it reads is of one moment.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| closed())?;
        let idle = self.idle.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let lent = Lent::take(idle, permit);
            let transaction = Transaction::new_unchecked(lent.connection()?, rusqlite::TransactionBehavior::Deferred)?;
            let answer = work(&transaction);
            transaction.finish()?;
            answer
        });
        reading.await.unwrap_or_else(|error| Err(StoreError::Internal(format!("a read ended early: {error}"))))
    }

    /// Waits for the reads under way and those that were waiting, then closes the connections.
    pub(super) async fn close(&self) {
        if let Ok(_all) = self.permits.acquire_many(CONNECTIONS).await {
            self.permits.close();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

/// A connection on loan: goes back when dropped, also by a panic; then the permit is given up.
struct Lent {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    fn take(idle: Arc<Mutex<Vec<Connection>>>, permit: OwnedSemaphorePermit) -> Self {
        let connection = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { connection, idle, _permit: permit }
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(closed)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
