//! Going down: a cancelled token tells every task to stop, a tracker proves that they did.
//!
//! Owns neither signals nor deadlines' length: `main` decides when, and how long to wait.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

/// Clones share the token and the tracker.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    token: CancellationToken,
    /// The node takes leave: it still serves, and asks to be left out.
    leaving: CancellationToken,
    tracker: TaskTracker,
}

/// Some tasks had not stopped by the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StillRunning(pub usize);

impl Shutdown {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that it will begin soon.
    pub fn announce(&self) {
        self.leaving.cancel();
    }

    /// Whether it has begun, or will soon: nobody new should be sent here.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.leaving.is_cancelled() || self.has_begun()
    }

    /// Tells every task to stop. Again is the same as once.
    pub fn begin(&self) {
        self.token.cancel();
    }

    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Resolves when it begins. Borrows nothing. Cancel-safe.
    pub fn began(&self) -> WaitForCancellationFutureOwned {
        self.token.clone().cancelled_owned()
    }

    /// Runs a task that [`Shutdown::wait`] waits for; it must end by itself once the shutdown began.
    pub fn track<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tracker.spawn(task)
    }

    /// Tasks that still run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.tracker.len()
    }

    /// Waits until every tracked task ended, at most for `deadline`.
    pub async fn wait(&self, deadline: Duration) -> Result<(), StillRunning> {
        self.tracker.close();
        tokio::time::timeout(deadline, self.tracker.wait()).await.map_err(|_| StillRunning(self.tracker.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tasks_are_told_and_waited_for() {
        let shutdown = Shutdown::new();
        let told = shutdown.clone();
        shutdown.track(async move { told.began().await });
        assert_eq!(shutdown.wait(Duration::from_secs(1)).await, Err(StillRunning(1)), "it was not told yet");
        shutdown.begin();
        assert_eq!(shutdown.wait(Duration::from_secs(1)).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_hangs_is_counted() {
        let shutdown = Shutdown::new();
        shutdown.track(std::future::pending::<()>());
        shutdown.begin();
        assert!(shutdown.has_begun());
        assert_eq!(shutdown.wait(Duration::from_secs(1)).await, Err(StillRunning(1)));
    }
}
