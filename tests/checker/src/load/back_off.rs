//! How long a client waits for the site before it tries again.

use std::time::Duration;

use tokio::sync::watch;

use super::shared::{Phase, is_draining};
use crate::Plan;

/// Random waits that grow: full jitter (Brooker, 2015).
#[derive(Debug)]
pub(super) struct BackOff {
    bounds: (Duration, Duration),
    tries: u32,
}

impl BackOff {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { bounds: plan.back_off, tries: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }

    /// Waits; while the run is being ended, for a second at most.
    pub(super) async fn wait(&mut self, phases: &mut watch::Receiver<Phase>) {
        let (first, most) = self.bounds;
        let bound = first.saturating_mul(1 << self.tries.min(16)).min(most);
        self.tries += 1;
        let wait = bound.mul_f64(fastrand::f64());
        if is_draining(*phases.borrow()) {
            tokio::time::sleep(wait.min(Duration::from_secs(1))).await;
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // The sender lives as long as the run.
            _ = phases.wait_for(|phase| is_draining(*phase)) => {}
        }
    }
}
