//! Events of the logs, and what the reader does, one at a time.

use super::{Known, List, find, put};
use crate::protocol::limits::UNREAD_MAX;
use crate::protocol::mention::mentions;
use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationSummary, Event, EventBody, Message, Mine, MineChange,
    Preview, Seq, UserId, UserRef,
};

/// Characters of a preview, as the store cuts it.
const PREVIEW_CHARS: usize = 120;

/// An event of a conversation's log, live or replayed.
pub fn event(list: &mut List, id: ConversationId, event: &Event, me: &UserRef) -> Known {
    let is_member = matches!(event.body, EventBody::MemberAdd(_) | EventBody::MemberRemove(_));
    let Some(at) = list.iter().position(|s| s.conversation.id == id) else {
        // Who comes and goes in a conversation beyond the list's end does not bring it in.
        return if is_member { Known::Yes } else { Known::Fetch };
    };
    let entry = &mut list[at];
    if event.seq <= entry.last_seq {
        return Known::Yes;
    }
    if event.seq > entry.last_seq.next() || entry.last_seq == Seq::ZERO {
        return Known::Fetch;
    }
    match &event.body {
        EventBody::MessageCreate(message) => {
            if message.author.id == me.id {
                // Posting moves the author's mark, in the same transaction.
                entry.read_seq = entry.read_seq.max(event.seq);
                (entry.unread, entry.mentions) = (0, 0);
            } else if event.seq > entry.read_seq {
                // Another device may have read it already.
                entry.unread = (entry.unread + 1).min(UNREAD_MAX);
                entry.mentions = (entry.mentions + u32::from(calls(message, me))).min(UNREAD_MAX);
            }
            entry.last_seq = event.seq;
            show(list, at, message);
            return Known::Yes;
        }
        // Created and gone while nobody looked: it never counted.
        EventBody::MessageDelete(gone) if gone.seq == event.seq => {}
        // Whether it was unread, or the latest, is not said.
        EventBody::MessageDelete(_) => return Known::Fetch,
        EventBody::MessageUpdate(message) if shows(entry, message) => return Known::Fetch,
        // Whether it called the reader before is not said.
        EventBody::MessageUpdate(message)
            if message.seq > entry.read_seq && (entry.mentions > 0 || calls(message, me)) =>
        {
            return Known::Fetch;
        }
        EventBody::ConversationUpdate(conversation) => {
            // Who is in it is counted by the events of joining and leaving.
            let members = std::mem::take(&mut entry.conversation.members);
            let member_count = entry.conversation.member_count;
            entry.conversation = Conversation { members, member_count, ..conversation.clone() };
        }
        EventBody::MemberAdd(user) => member(&mut entry.conversation, user, true),
        EventBody::MemberRemove(user) => member(&mut entry.conversation, user, false),
        _ => {}
    }
    entry.last_seq = event.seq;
    Known::Yes
}

/// An own message as its acknowledgement knows it: its event follows, and those before it.
pub fn message(list: &mut List, id: ConversationId, message: &Message, me: UserId) -> Known {
    let Some(at) = list.iter().position(|s| s.conversation.id == id) else { return Known::Fetch };
    let entry = &mut list[at];
    if message.seq > entry.last_seq && message.author.id == me {
        entry.read_seq = entry.read_seq.max(message.seq);
        (entry.unread, entry.mentions) = (0, 0);
        show(list, at, message);
    }
    Known::Yes
}

/// A conversation became the user's. Its past is to be fetched, unless it was already: then it may be further.
pub(super) fn created(list: &mut List, conversation: Conversation, now_ms: i64) -> Known {
    if let Some(entry) = find(list, conversation.id) {
        return if entry.last_seq > Seq::ZERO { Known::Yes } else { Known::Fetch };
    }
    let (last_seq, read_seq) = (Seq::ZERO, Seq::ZERO);
    let (unread, mentions) = (0, 0);
    let (active_ms, preview, mine) = (now_ms, None, Mine::default());
    top(list, ConversationSummary { conversation, last_seq, read_seq, unread, mentions, active_ms, preview, mine });
    Known::Fetch
}

/// The reader keeps a conversation in another way, here or on another device.
pub(super) fn kept(list: &mut List, change: &MineChange) -> Known {
    let Some(at) = list.iter().position(|entry| entry.conversation.id == change.id) else {
        // What is pinned is in the list, however long ago something happened there.
        return if change.mine.pinned { Known::Fetch } else { Known::Yes };
    };
    let moves = list[at].mine.pinned != change.mine.pinned;
    list[at].mine = change.mine;
    if moves {
        let entry = list.remove(at);
        put(list, entry);
    }
    Known::Yes
}

/// Somebody is shown by another name. Whether the list shows them.
pub fn renamed(list: &mut List, user: &UserRef) -> bool {
    let mut found = false;
    for entry in list {
        let authors = entry.preview.as_mut().map(|preview| &mut preview.author);
        let shown = entry.conversation.members.iter_mut().chain(authors);
        for known in shown.filter(|known| known.id == user.id && *known != user) {
            known.clone_from(user);
            found = true;
        }
    }
    found
}

pub fn deleted(list: &mut List, id: ConversationId) {
    list.retain(|s| s.conversation.id != id);
}

/// Another device of the user read up to `read_seq`.
pub fn read_elsewhere(list: &mut List, id: ConversationId, read_seq: Seq) -> Known {
    match find(list, id) {
        Some(entry) if read_seq > entry.read_seq => {
            if entry.last_seq == Seq::ZERO || (read_seq < entry.last_seq && entry.unread > 0) {
                return Known::Fetch;
            }
            entry.read_seq = read_seq;
            (entry.unread, entry.mentions) = (0, 0);
            Known::Yes
        }
        _ => Known::Yes,
    }
}

/// The reader saw everything up to `seq`, after which `unread` messages of others stand in a log known up to `as_of`.
pub fn seen(list: &mut List, id: ConversationId, seq: Seq, unread: u32, as_of: Seq) {
    if let Some(entry) = find(list, id) {
        let beyond = u32::try_from(entry.last_seq.0 - as_of.0).unwrap_or_default();
        entry.read_seq = entry.read_seq.max(seq);
        entry.unread = unread.saturating_add(beyond).min(UNREAD_MAX);
        // Where some are left, they are counted once the mark is told.
        entry.mentions = entry.mentions.min(entry.unread);
        if beyond > 0 {
            // What the list has counted beyond that need not be of others: to be fetched once the mark is told.
            entry.last_seq = Seq::ZERO;
        }
    }
}

/// It neither moves the conversation nor counts as unread.
fn member(conversation: &mut Conversation, user: &UserRef, joined: bool) {
    conversation.member_count += if joined { 1 } else { -1 };
    conversation.members.retain(|m| m.id != user.id);
    if joined && conversation.kind != ConversationKind::Room {
        conversation.members.push(user.clone());
    }
}

/// Moves a conversation to the top of its part, with this as its latest message.
fn show(list: &mut List, at: usize, message: &Message) {
    let mut entry = list.remove(at);
    entry.active_ms = message.created_ms;
    entry.preview = Some(Preview {
        author: message.author.clone(),
        text: one_line(&message.content),
        created_ms: message.created_ms,
    });
    top(list, entry);
}

/// To the top of its part, whatever the clocks say.
fn top(list: &mut List, entry: ConversationSummary) {
    let at = if entry.mine.pinned { 0 } else { list.partition_point(|held| held.mine.pinned) };
    list.insert(at, entry);
}

/// Whether it calls the reader, by name or with everybody.
fn calls(message: &Message, me: &UserRef) -> bool {
    mentions(&message.content).any(|mention| mention.calls(&me.name))
}

/// Whether the preview may be this message: it carries no number.
fn shows(entry: &ConversationSummary, message: &Message) -> bool {
    let same = |p: &Preview| p.created_ms == message.created_ms && p.author.id == message.author.id;
    entry.preview.as_ref().is_some_and(same)
}

fn one_line(content: &str) -> String {
    content.chars().take(PREVIEW_CHARS).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}
