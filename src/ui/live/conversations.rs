//! The list of conversations as the log, READY and fetched entries change it. Pure.
//!
//! The most recently active stands first, after those that the reader pinned. An entry is exact as of its `last_seq`: the next event of its log moves
//! it on, one that comes again is left, and where an event was missed, or says too little to count with, the entry
//! stays as it is until it was fetched anew ([`Known::Fetch`]). So a reconnect may begin at `last_seq`: *state +
//! missed events = a fresh fetch*. What the reader did here goes ahead of the log: the mark, and an own message
//! that was acknowledged. Zero as `last_seq` means that nothing is known of the log yet.

mod changes;
mod fetched;
mod ready;
#[cfg(test)]
mod tests;
mod told;

pub use changes::{deleted, event, message, read_elsewhere, renamed, seen};
pub use fetched::{append, fetched, merge};
pub use ready::{Beyond, Wanted, cursors, ready, whole};
pub use told::{Told, inbox};

use crate::protocol::{ConversationId, ConversationSummary, Seq};

/// What is known of a conversation after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Yes,
    /// It is not in the list, or the list cannot tell what it has become: fetch it.
    Fetch,
}

pub type List = Vec<ConversationSummary>;

/// Where an entry stands: pinned ones first, each part with the most recently active first.
fn rank(entry: &ConversationSummary) -> (bool, i64) {
    (entry.mine.pinned, entry.active_ms)
}

/// Puts an entry before those that come after it, and before its equals.
fn put(list: &mut List, entry: ConversationSummary) {
    let at = list.iter().position(|held| rank(held) <= rank(&entry)).unwrap_or(list.len());
    list.insert(at, entry);
}

fn find(list: &mut List, id: ConversationId) -> Option<&mut ConversationSummary> {
    list.iter_mut().find(|s| s.conversation.id == id)
}

/// The last entry of a conversation's log that the list knows of.
#[must_use]
pub fn last_seq(list: &[ConversationSummary], id: ConversationId) -> Option<Seq> {
    list.iter().find(|s| s.conversation.id == id).map(|s| s.last_seq)
}
