//! Resuming: which cursors a connection begins with, and what READY says to the list. The missed events follow it.

use super::{List, rank};
use crate::protocol::frame::{Mark, Ready};
use crate::protocol::{ConversationId, ConversationSummary, Mine, Seq, Sorted};

/// Cursors that one IDENTIFY carries: they have to fit its frame. What has none is fetched when it has moved.
const CURSORS: usize = 1_000;
/// Where more entries are missing, the list is fetched instead of each.
const EACH: usize = 8;

/// Conversations beyond the list's end, and where their logs stood when READY last said so.
pub type Beyond = Sorted<ConversationId, Seq>;

/// By log, as IDENTIFY carries them.
type Cursors = Sorted<String, i64>;

/// What has to be fetched.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub conversations: Vec<ConversationId>,
    /// The list's beginning, in place of those.
    pub list: bool,
}

/// The cursors to begin with: of the open conversation the lower of what the timeline (`open`) and the list have
/// counted in, so that the replay completes both. It comes first and then the most recently active, as there is a bound.
#[must_use]
pub fn cursors(
    list: &[ConversationSummary],
    beyond: &Beyond,
    open: Option<(ConversationId, Seq)>,
    inbox: Option<Seq>,
) -> Cursors {
    let known = || list.iter().filter(|s| s.last_seq > Seq::ZERO).map(|s| (s.conversation.id, s.last_seq));
    let open = open.map(|(id, as_of)| {
        let listed = known().find(|(listed, _)| *listed == id).map_or(as_of, |(_, last_seq)| last_seq);
        (id, as_of.min(listed))
    });
    let further = beyond.iter().map(|(id, last_seq)| (*id, *last_seq));
    let mut cursors: Cursors = inbox.map(|seq| ("inbox".to_owned(), seq.0)).into_iter().collect();
    for (id, seq) in open.into_iter().chain(known()).chain(further) {
        if cursors.len() >= CURSORS {
            break;
        }
        cursors.or_insert(id.to_string(), seq.0);
    }
    cursors
}

/// Collects the parts of READY; answers the whole once the last one has come.
pub fn whole(parts: &mut Option<Ready>, part: Ready) -> Option<Ready> {
    let whole = match parts.take() {
        Some(mut whole) if part.part == whole.part + 1 => {
            whole.part = part.part;
            whole.marks.extend(part.marks);
            whole.conversations.extend(part.conversations);
            whole.reset.extend(part.reset);
            whole.mine.extend(part.mine);
            whole.mentions.extend(part.mentions);
            whole
        }
        _ => part,
    };
    if whole.part == whole.parts {
        return Some(whole);
    }
    *parts = Some(whole);
    None
}

/// READY, as a whole, after an IDENTIFY with the cursors `sent`. `complete`: the list has no end beyond which there
/// are more.
pub fn ready(list: &mut List, beyond: &mut Beyond, sent: &Cursors, ready: Ready, complete: bool) -> Wanted {
    let mut wanted = Wanted { list: ready.inbox.reset, ..Wanted::default() };
    let is_first = beyond.is_empty();
    let (mut known, mut further) = (Vec::new(), Beyond::default());
    for mark in &ready.marks {
        let Mark(id, last_seq, ..) = *mark;
        let is_replayed = sent.contains_key(&id.to_string());
        let fetch = match list.iter_mut().find(|s| s.conversation.id == id) {
            Some(entry) => {
                known.push(id);
                let mentions = ready.mentions.iter().find(|(called, _)| *called == id).map_or(0, |(_, count)| *count);
                held(entry, mark, mentions, is_replayed, ready.reset.contains(&id))
            }
            None => {
                let before = beyond.get(&id).copied();
                // The list never had it, because it does not reach so far.
                let is_news = before.is_none() && is_first && !complete && !is_replayed;
                wanted.list |= is_news;
                // Else a replayed event fetches it, if there is one.
                let moved = before.is_none_or(|before| last_seq > before);
                let fetch = ready.reset.contains(&id) || (!is_replayed && !is_news && moved);
                // Where something follows, that is what is known until it has come.
                match before.filter(|_| fetch || is_replayed) {
                    Some(before) => _ = further.insert(id, before),
                    None if fetch => {}
                    None => _ = further.insert(id, last_seq),
                }
                fetch
            }
        };
        if fetch {
            wanted.conversations.push(id);
        }
    }
    *beyond = further;
    for conversation in ready.conversations {
        let id = conversation.id;
        // What is replayed begins at what is held.
        let is_replayed = sent.contains_key(&id.to_string()) && !ready.reset.contains(&id);
        if let Some(entry) = list.iter_mut().find(|s| s.conversation.id == id && !is_replayed) {
            entry.conversation = conversation;
        }
    }
    kept(list, &ready.mine, &mut wanted);
    list.retain_mut(|entry| {
        let id = entry.conversation.id;
        let is_theirs = known.contains(&id);
        // What came into the list after IDENTIFY may be newer than what READY says.
        let asked = sent.contains_key(&id.to_string());
        if !is_theirs && !asked {
            // Or of before a backup, which has no such mark.
            entry.read_seq = Seq::ZERO;
            wanted.conversations.push(id);
        }
        is_theirs || !asked
    });
    wanted.list |= wanted.conversations.len() > EACH;
    wanted
}

/// How the reader keeps them by now: what they pinned comes first, and into the list where it is not.
fn kept(list: &mut List, mine: &[(ConversationId, Mine)], wanted: &mut Wanted) {
    let mut kept: Sorted<ConversationId, Mine> = mine.iter().copied().collect();
    let mut moved = false;
    for entry in list.iter_mut() {
        let mine = kept.remove(&entry.conversation.id).unwrap_or_default();
        moved |= mine.pinned != entry.mine.pinned;
        entry.mine = mine;
    }
    if moved {
        list.sort_by_key(|entry| std::cmp::Reverse(rank(entry)));
    }
    let pinned = kept.into_iter().filter(|(_, mine)| mine.pinned).map(|(id, _)| id);
    let asked = &mut wanted.conversations;
    let pinned: Vec<_> = pinned.filter(|id| !asked.contains(id)).collect();
    asked.extend(pinned);
}

/// A conversation of the list. Whether it has to be fetched.
fn held(entry: &mut ConversationSummary, mark: &Mark, mentions: u32, is_replayed: bool, is_reset: bool) -> bool {
    let Mark(_, last_seq, read_seq, unread) = *mark;
    if is_reset {
        // Whatever is fetched replaces it: the log may have become a shorter one, out of a backup.
        entry.last_seq = Seq::ZERO;
        entry.read_seq = Seq::ZERO;
        return true;
    }
    if last_seq == entry.last_seq && read_seq >= entry.read_seq {
        entry.read_seq = read_seq;
        (entry.unread, entry.mentions) = (unread, mentions);
    } else if read_seq > entry.read_seq {
        // Read elsewhere: the missed events count on from there, unless the mark is among what was counted already.
        if read_seq < entry.last_seq {
            return true;
        }
        entry.read_seq = read_seq;
        (entry.unread, entry.mentions) = (0, 0);
    }
    entry.last_seq == Seq::ZERO || (last_seq > entry.last_seq && !is_replayed)
}
