//! What changes share: the connections, the order of publishing, the key, and the way out.

use aws_lc_rs::hmac;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, MutexGuard, mpsc};
use tokio_postgres::Error;

use super::connections::Connections;
use super::failure::is_worth_another_try;
use super::lanes::LANES;
use crate::protocol::ConversationId;
use crate::server::store::{Commit, StoreError};

/// How often a change is tried that somebody else's got in the way of.
const TRIES: usize = 5;

pub(super) struct House {
    pub(super) connections: Connections,
    pub(super) order: Order,
    pub(super) nonce_key: hmac::Key,
    committed: mpsc::Sender<Commit>,
}

impl House {
    pub(super) fn new(connections: Connections, nonce_key: hmac::Key, committed: mpsc::Sender<Commit>) -> Self {
        Self { connections, order: Order::default(), nonce_key, committed }
    }

    /// Waits when the publisher is far behind. Nobody listens in programs that dropped the receiver.
    pub(super) async fn publish(&self, commit: impl Into<Commit>) {
        let commit = commit.into();
        if !commit.events.is_empty() {
            let _ = self.committed.send(commit).await;
        }
    }
}

/// Keeps what this node publishes of a log in the order of its numbers: whoever changes a conversation holds its part from
/// before its row is locked until its events are on their way. PostgreSQL's row lock ends with the commit, and what two
/// commits are told by would race from there.
#[derive(Default)]
pub(super) struct Order {
    lanes: [Mutex<()>; LANES],
    /// For inboxes, and all that is rare: held before any lane.
    rare: Mutex<()>,
}

impl Order {
    pub(super) fn lane_of(id: ConversationId) -> usize {
        usize::try_from(id.0.rem_euclid(i64::try_from(LANES).unwrap_or(1))).unwrap_or_default()
    }

    pub(super) async fn lane(&self, lane: usize) -> MutexGuard<'_, ()> {
        self.lanes[lane].lock().await
    }

    pub(super) async fn rare(&self) -> MutexGuard<'_, ()> {
        self.rare.lock().await
    }

    /// Those of these conversations, in the order in which all take them.
    pub(super) async fn of(&self, ids: &[ConversationId]) -> Vec<MutexGuard<'_, ()>> {
        let mut lanes: Vec<usize> = ids.iter().map(|id| Self::lane_of(*id)).collect();
        lanes.sort_unstable();
        lanes.dedup();
        let mut held = Vec::with_capacity(lanes.len());
        for lane in lanes {
            held.push(self.lane(lane).await);
        }
        held
    }
}

/// Why a change did not come to its end.
#[derive(Debug)]
pub(super) enum Broken {
    Database(Error),
    Store(StoreError),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Broken> for StoreError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Database(error) => error.into(),
            Broken::Store(error) => error,
        }
    }
}

/// Does a change, again if somebody else's got in its way.
pub(super) async fn settle<'c, T>(change: impl Fn() -> BoxFuture<'c, Result<T, Broken>>) -> Result<T, StoreError> {
    let mut tried = 1;
    loop {
        match change().await {
            Err(Broken::Database(error)) if tried < TRIES && is_worth_another_try(&error) => tried += 1,
            outcome => return outcome.map_err(StoreError::from),
        }
    }
}
