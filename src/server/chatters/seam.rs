//! The seam between a client's snapshot and what comes live. Pure.
//!
//! Everything up to the snapshot is in READY or replayed from the store, everything later comes through the queue, and
//! what the queue holds of before the snapshot is left out. So there is no gap and no double, whatever was committed
//! meanwhile.
//!
//! What comes of a conversation that the snapshot has not is left out, too, until the inbox says that it is the client's:
//! it is what was left of a membership that had ended by then.

use std::collections::HashMap;

use super::frame::{Frame, Outgoing};
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
    pub fn passes(&mut self, outgoing: &Outgoing) -> bool {
        let Some((stream, seq)) = outgoing.position else { return true };
        let passes = self.0.get(&stream).is_some_and(|last| seq > *last);
        if passes && matches!(stream, Stream::Inbox(_)) {
            self.opens(&outgoing.frame);
        }
        passes
    }

    /// What follows of a conversation is the client's, where the inbox says so. Apart: most frames are of conversations,
    /// and meet many seams.
    #[cold]
    fn opens(&mut self, frame: &Frame) {
        if let Some(conversation) = frame.created() {
            self.0.entry(Stream::Conversation(conversation.id)).or_insert(Seq::ZERO);
        }
    }
}
