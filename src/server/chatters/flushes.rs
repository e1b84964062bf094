//! Who writes what was offered: a task that runs while there is something to write, and no longer.
//!
//! A delivery only queues: it would take a system call a reader otherwise, one after the other on one core, and each
//! message would be written by itself. What many deliveries queued in the meantime goes out together. A large
//! fan-out is cut into chunks, which other cores take over where there are any.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::{coop::unconstrained, yield_now};

use super::Line;

/// Lines that one turn of a task writes: about a millisecond, and others have their turn.
const CHUNK: usize = 256;

/// Lines that wait to be flushed, and whether a task sees to it.
#[derive(Default)]
struct Waiting {
    lines: Vec<Arc<Line>>,
    is_seen_to: bool,
}

/// The flushes of one map. Clones share them.
#[derive(Clone)]
pub(super) struct Flushes {
    waiting: Arc<Mutex<Waiting>>,
    /// The runtime that the map was made in, which takes over chunks: deliveries come from a thread of their own.
    others: Option<Handle>,
}

impl Default for Flushes {
    fn default() -> Self {
        Self { waiting: Arc::default(), others: Handle::try_current().ok() }
    }
}

impl Flushes {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No panic leaves it half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has these lines flushed soon, each once. Called from within the runtime, as only its tasks open lines.
    pub(super) fn add(&self, mut lines: Vec<Arc<Line>>) {
        if lines.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        waiting.lines.append(&mut lines);
        if !std::mem::replace(&mut waiting.is_seen_to, true) {
            drop(waiting);
            tokio::spawn(self.clone().run());
        }
    }

    async fn run(self) {
        while let Some(mut lines) = self.take() {
            while lines.len() > CHUNK {
                let chunk = flush(lines.split_off(lines.len() - CHUNK));
                match &self.others {
                    Some(others) => drop(others.spawn(chunk)),
                    None => drop(tokio::spawn(chunk)),
                }
            }
            flush(lines).await;
            yield_now().await;
        }
    }

    /// What has gathered; nothing ends the task.
    fn take(&self) -> Option<Vec<Arc<Line>>> {
        let mut waiting = self.lock();
        waiting.is_seen_to = !waiting.lines.is_empty();
        waiting.is_seen_to.then(|| std::mem::take(&mut waiting.lines))
    }
}

/// Unconstrained, as a socket that refuses only because this task had its share would be taken to be full.
async fn flush(lines: Vec<Arc<Line>>) {
    unconstrained(async { lines.iter().for_each(|line| line.flush()) }).await;
}
