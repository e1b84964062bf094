//! What is known of the disk beneath the writer, for those who ask: `/readyz`, and whoever can stop the program.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::SetOnce;

use crate::server::store::StoreError;

#[derive(Debug, Default)]
pub(in super::super) struct Health {
    /// Why nothing is saved any more. Once set, it stays.
    failed: SetOnce<String>,
    /// The last group that had something to save could not be saved.
    refusing: AtomicBool,
}

impl Health {
    /// It is over.
    pub(super) fn fail(&self, reason: &str) {
        // The first reason stays.
        let _ = self.failed.set(reason.to_owned());
    }

    /// A group was saved, or not. Answers whether that is news.
    pub(super) fn saved(&self, saved: bool) -> bool {
        self.refusing.swap(!saved, Ordering::Relaxed) == saved
    }

    /// Whether only a real write tells if it works again.
    pub(in super::super) fn is_refusing(&self) -> bool {
        self.refusing.load(Ordering::Relaxed)
    }

    /// The answer to a change that comes too late.
    pub(in super::super) fn failure(&self) -> Option<StoreError> {
        self.failed.get().cloned().map(StoreError::Failed)
    }

    pub(in super::super) async fn failed(&self) -> String {
        self.failed.wait().await.clone()
    }
}
