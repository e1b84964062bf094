//! The list of conversations as live events and fetched lists change it. Pure.
//!
//! The most recently active stands first. Counts are exact where the server or the log says so; in between
//! they are carried on, and the next fetch puts them right: the store is the only truth.

#[cfg(test)]
mod tests;

use crate::protocol::limits::UNREAD_MAX;
use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationList, ConversationSummary, Message, Preview, Seq,
    UserId, UserRef, frame::Mark,
};

/// Characters of a preview, as the store cuts it.
const PREVIEW_CHARS: usize = 120;

/// What is known of a conversation after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Yes,
    /// It is not in the list, or its count has to be asked for: fetch it.
    Fetch,
}

type List = Vec<ConversationSummary>;

fn find(list: &mut List, id: ConversationId) -> Option<&mut ConversationSummary> {
    list.iter_mut().find(|s| s.conversation.id == id)
}

/// The last entry of a conversation's log that the list knows of.
#[must_use]
pub fn last_seq(list: &[ConversationSummary], id: ConversationId) -> Option<Seq> {
    list.iter().find(|s| s.conversation.id == id).map(|s| s.last_seq)
}

/// A message was created. What was counted in already changes nothing.
pub fn message(list: &mut List, id: ConversationId, message: &Message, me: UserId) -> Known {
    let Some(at) = list.iter().position(|s| s.conversation.id == id) else { return Known::Fetch };
    if message.seq < list[at].last_seq {
        return Known::Yes;
    }
    let preview = Some(Preview {
        author: message.author.clone(),
        text: one_line(&message.content),
        created_ms: message.created_ms,
    });
    if message.seq == list[at].last_seq {
        // An own message's echo after its acknowledgement, which has no version: the store's time instead of this
        // machine's, and never the other way round.
        if message.author.id == me && message.version > Seq::ZERO {
            list[at].active_ms = message.created_ms;
            list[at].preview = preview;
        }
        return Known::Yes;
    }
    let mut entry = list.remove(at);
    entry.last_seq = message.seq;
    entry.active_ms = message.created_ms;
    entry.preview = preview;
    if message.author.id == me {
        // Posting moves the author's mark, in the same transaction.
        entry.read_seq = message.seq;
        entry.unread = 0;
    } else if message.seq > entry.read_seq {
        // Another device may have read it already.
        entry.unread = (entry.unread + 1).min(UNREAD_MAX);
    }
    list.insert(0, entry);
    Known::Yes
}

/// Somebody joined (`true`) or left: it neither moves the conversation nor counts as unread.
pub fn member(list: &mut List, id: ConversationId, seq: Seq, user: &UserRef, joined: bool) {
    let Some(entry) = find(list, id).filter(|entry| seq > entry.last_seq) else { return };
    entry.last_seq = seq;
    let conversation = &mut entry.conversation;
    conversation.member_count += if joined { 1 } else { -1 };
    conversation.members.retain(|m| m.id != user.id);
    if joined && conversation.kind != ConversationKind::Room {
        conversation.members.push(user.clone());
    }
}

/// A conversation became the user's, or changed its title or members.
pub fn created(list: &mut List, conversation: Conversation, now_ms: i64) {
    if let Some(entry) = find(list, conversation.id) {
        entry.conversation = conversation;
        return;
    }
    let (last_seq, read_seq) = (Seq::ZERO, Seq::ZERO);
    list.insert(
        0,
        ConversationSummary { conversation, last_seq, read_seq, unread: 0, active_ms: now_ms, preview: None },
    );
}

pub fn deleted(list: &mut List, id: ConversationId) {
    list.retain(|s| s.conversation.id != id);
}

/// Another device of the user read up to `read_seq`.
pub fn read_elsewhere(list: &mut List, id: ConversationId, read_seq: Seq) -> Known {
    match find(list, id) {
        Some(entry) if read_seq > entry.read_seq => {
            entry.read_seq = read_seq;
            if read_seq < entry.last_seq && entry.unread > 0 {
                return Known::Fetch;
            }
            entry.unread = 0;
            Known::Yes
        }
        _ => Known::Yes,
    }
}

/// The reader saw everything up to `seq`, after which `unread` messages of others stand.
pub fn seen(list: &mut List, id: ConversationId, seq: Seq, unread: u32) {
    if let Some(entry) = find(list, id) {
        entry.read_seq = entry.read_seq.max(seq);
        entry.unread = unread.min(UNREAD_MAX);
    }
}

/// READY says where each conversation stands. A count that is older than what came live is left.
pub fn marks(list: &mut List, marks: &[Mark]) {
    for Mark(id, last_seq, read_seq, unread) in marks {
        if let Some(entry) = find(list, *id)
            && *last_seq >= entry.last_seq
            && *read_seq >= entry.read_seq
        {
            entry.read_seq = *read_seq;
            entry.unread = *unread;
        }
    }
}

/// One conversation as it was fetched.
pub fn fetched(list: &mut List, summary: ConversationSummary) {
    let summary = newer(list, summary);
    list.retain(|s| s.conversation.id != summary.conversation.id);
    let at = list.iter().position(|s| s.active_ms < summary.active_ms).unwrap_or(list.len());
    list.insert(at, summary);
}

/// The beginning of the list as it was fetched: it renews what is held as far as it reaches. Says what is held
/// within that and is not in it: gone, or newer than the answer, which only a fetch of its own can tell.
pub fn merge(list: &mut List, fetched: ConversationList) -> Vec<ConversationId> {
    let reaches_ms = fetched.conversations.last().filter(|_| fetched.more).map(|s| s.active_ms);
    let mut merged: List = fetched.conversations.into_iter().map(|s| newer(list, s)).collect();
    let mut missing = Vec::new();
    for held in list.drain(..) {
        let id = held.conversation.id;
        if merged.iter().any(|s| s.conversation.id == id) {
            continue;
        }
        if reaches_ms.is_none_or(|reaches| held.active_ms > reaches) {
            missing.push(id);
        }
        merged.push(held);
    }
    merged.sort_by_key(|s| std::cmp::Reverse(s.active_ms));
    *list = merged;
    missing
}

/// An answer may have been overtaken by live events; then what is held is further.
fn newer(list: &List, mut fetched: ConversationSummary) -> ConversationSummary {
    let Some(held) = list.iter().find(|s| s.conversation.id == fetched.conversation.id) else { return fetched };
    if held.last_seq > fetched.last_seq {
        return ConversationSummary { conversation: fetched.conversation, ..held.clone() };
    }
    if held.read_seq > fetched.read_seq {
        fetched.read_seq = held.read_seq;
        fetched.unread = held.unread;
    }
    fetched
}

fn one_line(content: &str) -> String {
    content.chars().take(PREVIEW_CHARS).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}
