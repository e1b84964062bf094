//! Who writes what was offered: a task that runs while there is something to write, and no longer.
//!
//! A delivery only queues: it would take a system call a reader otherwise, one after the other on one core, and each
//! message would be written by itself. What many deliveries queued in the meantime goes out together. A large
//! fan-out is cut into chunks, which other cores take over where there are any.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::coop::unconstrained;

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
#[derive(Clone, Default)]
pub(super) struct Flushes(Arc<Mutex<Waiting>>);

impl Flushes {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No panic leaves it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let Some(mut lines) = self.take() else { return };
        while lines.len() > CHUNK {
            tokio::spawn(flush(lines.split_off(lines.len() - CHUNK)));
        }
        flush(lines).await;
        // What was queued meanwhile, on another core, is a new task's: one that yields would stand behind all that is
        // ready to run, and on a busy machine these are thousands of requests.
        if !self.is_done() {
            tokio::spawn(self.run_boxed());
        }
    }

    /// The type of a task that starts its like.
    fn run_boxed(self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.run())
    }

    /// Whether nothing has gathered since: then nobody sees to it any more.
    fn is_done(&self) -> bool {
        let mut waiting = self.lock();
        waiting.is_seen_to = !waiting.lines.is_empty();
        !waiting.is_seen_to
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
