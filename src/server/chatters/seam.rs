//! The seam between a client's snapshot and what comes live. Pure.
//!
//! Everything up to the snapshot is in READY or replayed from the store, everything later comes through the queue, and
//! what the queue holds of before the snapshot is left out. So there is no gap and no double, whatever was committed
//! meanwhile.

use std::collections::HashMap;

use super::frame::Outgoing;
use crate::protocol::{Seq, Stream};

/// Where each log stood in the snapshot.
#[derive(Debug, Default)]
pub struct Seam(HashMap<Stream, Seq>);

impl Seam {
    #[must_use]
    pub fn new(stands: HashMap<Stream, Seq>) -> Self {
        Self(stands)
    }

    /// Whether a queued frame is news: state always is, an event when the snapshot did not count it in.
    #[must_use]
    pub fn passes(&self, outgoing: &Outgoing) -> bool {
        let Some((stream, seq)) = outgoing.position else { return true };
        self.0.get(&stream).is_none_or(|last| seq > *last)
    }
}
