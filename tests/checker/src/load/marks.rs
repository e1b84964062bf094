//! Read marks: a reader's person marks what the reader has, every now and then.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::reader::Progress;
use super::shared::{Shared, is_draining, locked};

/// After every so many-th mark an older one follows, at most so much older.
const LATE: usize = 3;
const BACK: u32 = 50;

pub(super) async fn run(shared: Arc<Shared>, progress: Arc<Progress>, every: Duration) {
    let mut client = shared.client(progress.person);
    let mut phases = shared.phase.subscribe();
    let conversations = &shared.memberships[progress.person];
    for turn in 0_usize.. {
        tokio::select! {
            () = tokio::time::sleep(every.mul_f64(0.5 + fastrand::f64())) => {}
            // The sender lives as long as the run.
            _ = phases.wait_for(|phase| is_draining(*phase)) => return,
        }
        if conversations.is_empty() {
            return;
        }
        let index = turn % conversations.len();
        let at = progress.cursors[index].load(Ordering::Relaxed);
        let id = locked(&shared.conversations[conversations[index] as usize]).id;
        if client.read_mark(id, at).await.is_ok() {
            shared.marked(progress.person, conversations[index], at);
            // A late device marks less: that must change nothing, whether or not it is answered.
            if turn % LATE == 0 {
                let _ = client.read_mark(id, at - fastrand::u32(0..=at.min(BACK))).await;
            }
        }
    }
}
