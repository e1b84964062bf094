//! Who else works on this database.
//!
//! A connection of its own, held as long as the store is open:
//!
//! - It holds a lock that tells nodes apart: one that is alone shares the database with no other node, as nothing would
//!   tell it what the other commits; nodes with a bus share it with each other.
//! - It hears of commands that ran beside the nodes.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::{AsyncMessage, Client};
use tokio_util::sync::CancellationToken;

use super::connections::Connections;
use crate::server::store::StoreError;

/// What a program opens the store for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The only node.
    Alone,
    /// One of several, joined by a bus.
    Node,
    /// A command beside the nodes.
    Command,
    /// A command that no node may work beside.
    Moving,
}

/// "nodes" in ASCII.
const NODES_LOCK: i64 = 0x006e_6f64_6573;
const TAKE_ALONE: &str = "SELECT pg_try_advisory_lock($1)";
const TAKE_SHARED: &str = "SELECT pg_try_advisory_lock_shared($1)";
const LISTEN: &str = "LISTEN chatter_commands";
/// What a command says when it is done.
pub(super) const DONE: &str = "NOTIFY chatter_commands";
/// How long another node may still hold the lock: it may be going down, or its end not noticed yet.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries to take it, or to connect again.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Neighbours {
    changed: Arc<AtomicBool>,
    closed: CancellationToken,
}

impl Neighbours {
    /// Takes the lock. Errors: `Unavailable` where another node has it that this one cannot share it with.
    pub(super) async fn watch(connections: &Connections, part: Part) -> Result<Self, StoreError> {
        let neighbours = Self { changed: Arc::default(), closed: CancellationToken::new() };
        if part == Part::Command {
            return Ok(neighbours);
        }
        let began = Instant::now();
        let first = Place::connect(connections, neighbours.changed.clone()).await?;
        while !first.take(part).await? {
            if began.elapsed() >= PATIENCE {
                return Err(StoreError::Unavailable(refusal(part).into()));
            }
            sleep(AGAIN).await;
        }
        tokio::spawn(hold(connections.clone(), part, first, neighbours.changed.clone(), neighbours.closed.clone()));
        Ok(neighbours)
    }

    /// Whether a command may have committed since this was asked last.
    pub(super) fn changed(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed)
    }

    /// Gives the lock back.
    pub(super) fn close(&self) {
        self.closed.cancel();
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        // A store that was never closed, as its program did not start, gives its place back, too.
        self.closed.cancel();
    }
}

fn refusal(part: Part) -> &'static str {
    match part {
        Part::Alone => {
            "another node works on this database (or `chatter migrate`), and nothing joins the two: stop it, or set CHATTER_BUS on every node"
        }
        Part::Node | Part::Command => {
            "a node without a bus works on this database (or `chatter migrate`): stop it, or set CHATTER_BUS there, too"
        }
        Part::Moving => {
            "a server works on this database: stop every node (and any other `chatter migrate`), then run this again"
        }
    }
}

/// A connection that may hold the lock, and its end.
struct Place {
    client: Client,
    ended: CancellationToken,
}

impl Place {
    async fn connect(connections: &Connections, changed: Arc<AtomicBool>) -> Result<Self, StoreError> {
        let (config, tls) = connections.how();
        let (client, mut connection) = config.connect(tls).await?;
        let ended = CancellationToken::new();
        let guard = ended.clone().drop_guard();
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(_) = message {
                    changed.store(true, Ordering::Relaxed);
                }
            }
            drop(guard);
        });
        client.batch_execute(LISTEN).await?;
        Ok(Self { client, ended })
    }

    async fn take(&self, part: Part) -> Result<bool, StoreError> {
        let sql = if part == Part::Node { TAKE_SHARED } else { TAKE_ALONE };
        Ok(self.client.query_one(sql, &[&NODES_LOCK]).await?.try_get(0)?)
    }
}

/// Holds the place until the store closes. With its connection the lock is lost: it is taken again as soon as it can be.
async fn hold(connections: Connections, part: Part, first: Place, changed: Arc<AtomicBool>, closed: CancellationToken) {
    let mut place = Some(first);
    loop {
        if let Some(held) = &place {
            tokio::select! {
                () = closed.cancelled() => return,
                () = held.ended.cancelled() => tracing::warn!("the connection to PostgreSQL was lost"),
            }
        }
        tokio::select! {
            () = closed.cancelled() => return,
            () = sleep(AGAIN) => {}
        }
        place = Place::connect(&connections, changed.clone()).await.ok();
        if let Some(held) = &place {
            // Commands may have told of their end meanwhile.
            changed.store(true, Ordering::Relaxed);
            match held.take(part).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::error!(part = ?part, "{}", refusal(part));
                    place = None;
                }
                Err(_) => place = None,
            }
        }
    }
}
