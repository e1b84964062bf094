//! Entries that were fetched, joined to those that are held: whichever is further in the log stays.

use super::{List, rank};
use crate::protocol::limits::UNREAD_MAX;
use crate::protocol::{ConversationId, ConversationList, ConversationSummary, Seq};

/// One conversation as it was fetched. Whether the list holds it now: with `more` beyond its last entry nothing new is
/// put after that one, as the next page begins there, and would pass over those between.
pub fn fetched(list: &mut List, summary: ConversationSummary, more: bool) -> bool {
    let summary = newer(list, summary);
    let held = list.len();
    list.retain(|s| s.conversation.id != summary.conversation.id);
    let is_held = list.len() < held;
    let at = list.iter().position(|s| rank(s) < rank(&summary));
    if at.is_none() && more && !is_held {
        return false;
    }
    list.insert(at.unwrap_or(list.len()), summary);
    true
}

/// The page after what is held. What came live in the meantime is newer than what was fetched.
pub fn append(list: &mut List, page: List) {
    for summary in page {
        if list.iter().all(|held| held.conversation.id != summary.conversation.id) {
            list.push(summary);
        }
    }
    list.sort_by_key(|s| std::cmp::Reverse(rank(s)));
}

/// The beginning of the list as it was fetched: it renews what is held as far as it reaches. Says what is held
/// within that and is not in it (gone, or newer than the answer), and of what nothing is known yet: only a fetch of
/// its own can tell. So it is with those of `wanted` that it does not bring.
pub fn merge(list: &mut List, fetched: ConversationList, wanted: &[ConversationId]) -> Vec<ConversationId> {
    let reaches = fetched.conversations.last().filter(|_| fetched.more).map(rank);
    let mut merged: List = fetched.conversations.into_iter().map(|s| newer(list, s)).collect();
    let brought = |id: &ConversationId| merged.iter().any(|s| s.conversation.id == *id);
    let mut missing: Vec<_> = wanted.iter().copied().filter(|id| !brought(id)).collect();
    for held in list.drain(..) {
        let id = held.conversation.id;
        if merged.iter().any(|s| s.conversation.id == id) {
            continue;
        }
        let is_due = held.last_seq == Seq::ZERO || reaches.is_none_or(|reaches| rank(&held) > reaches);
        if is_due && !missing.contains(&id) {
            missing.push(id);
        }
        merged.push(held);
    }
    merged.sort_by_key(|s| std::cmp::Reverse(rank(s)));
    *list = merged;
    missing
}

/// An answer may have been overtaken by live events; then what is held is further. The mark that was set here may
/// be on its way still.
fn newer(list: &List, mut fetched: ConversationSummary) -> ConversationSummary {
    let Some(held) = list.iter().find(|s| s.conversation.id == fetched.conversation.id) else { return fetched };
    if held.last_seq > fetched.last_seq {
        return held.clone();
    }
    if held.read_seq > fetched.read_seq {
        let beyond = u32::try_from(fetched.last_seq.0 - held.last_seq.max(held.read_seq).0).unwrap_or_default();
        fetched.read_seq = held.read_seq;
        fetched.unread = fetched.unread.min(held.unread.saturating_add(beyond)).min(UNREAD_MAX);
        fetched.mentions = fetched.mentions.min(held.mentions.saturating_add(beyond)).min(UNREAD_MAX);
        if beyond > 0 {
            // Not all of what lies between has to be a message of another: too many rather than too few, and to be
            // fetched again once the mark is told.
            fetched.last_seq = Seq::ZERO;
        }
    }
    fetched
}
