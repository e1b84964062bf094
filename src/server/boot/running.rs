//! A server that runs, and how it is brought down.

use std::fs::File;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep, timeout};

use crate::server::state::AppState;

/// How often some sockets are told to go elsewhere.
const MOVE: Duration = Duration::from_millis(100);
/// How long requests in flight may take to end.
const DRAIN: Duration = Duration::from_secs(5);
/// How long sockets may take to end, counted from when the requests have.
const SOCKETS: Duration = Duration::from_secs(1);
/// How long the store may take to finish what was handed in.
const CLOSING: Duration = Duration::from_secs(2);
/// How long the publisher may take with what was committed last.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A server that answers at `address` until it is stopped.
pub struct Running {
    pub address: SocketAddr,
    pub state: AppState,
    pub(super) served: JoinHandle<()>,
    /// One process per data folder: held for as long as the server runs.
    pub(super) _lock: File,
}

impl Running {
    /// Still serves for so long, while others take its place: sockets are told to go to them, evenly over nine tenths of
    /// the time, whether they were here before or are still sent here.
    pub async fn take_leave(&self, drain: Duration) {
        let parts = &*self.state;
        parts.shutdown.announce();
        let end = Instant::now() + drain * 9 / 10;
        let mut rounds = interval(MOVE);
        while Instant::now() < end {
            rounds.tick().await;
            let rounds = end.saturating_duration_since(Instant::now()).as_millis() / MOVE.as_millis();
            let chatters = &parts.gateway.chatters;
            chatters.move_away(chatters.connections().div_ceil(usize::try_from(rounds).unwrap_or(usize::MAX).max(1)));
        }
        sleep(drain / 10).await;
    }

    /// Stops in order; see `boot`.
    pub async fn stop(mut self) {
        let parts = &*self.state;
        parts.shutdown.begin();
        if timeout(DRAIN, &mut self.served).await.is_err() {
            tracing::warn!("some requests did not finish in {} s", DRAIN.as_secs());
            self.served.abort();
        }
        if let Err(still) = parts.shutdown.wait(SOCKETS).await {
            tracing::warn!(sockets = still.0, "some sockets did not end in time");
        }
        if timeout(CLOSING, parts.chat.store.close()).await.is_err() {
            tracing::error!("the store did not close in {} s; what was acknowledged is in it", CLOSING.as_secs());
        }
        if timeout(LAST_WORDS, parts.gateway.delivery.finished()).await.is_err() {
            tracing::warn!("what was committed last may not have been told; it is in the store");
        }
    }
}
