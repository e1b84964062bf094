//! A made-up store with the log of one conversation, for the property tests: what was committed in it, what it says
//! live, in a replay and in a fetch. It answers as the real one does: a replay shows the current state.
//! Long because what is committed, and each way of telling it, are one world.

use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationSummary, Event, EventBody, Message, MessageList, Mine,
    MineChange, Preview, ReactionChange, Seq, Stream, UserId, UserRef, frame::Mark, reaction,
};

/// The one emoji of this made-up world.
const EMOJI: &str = "👍";

pub(super) const ME: UserId = UserId(1);
pub(super) const HERE: ConversationId = ConversationId(7);
pub(super) const NOON_MS: i64 = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000 + 43_200_000;

#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// By this author, under this nonce.
    Create(i64, String),
    Update(i64),
    Delete(i64),
    /// By this person; added, or taken back.
    React(i64, i64, bool),
    Pin(i64),
    Member(bool),
    /// The reader came, or left.
    Me(bool),
}

/// In the reader's inbox.
#[derive(Debug, Clone, Copy)]
pub(super) enum InboxEntry {
    Kept(Mine),
    Came,
    Left,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    log: Vec<Entry>,
    /// The reader's mark.
    pub(super) read_seq: i64,
    /// The reader's inbox, and where the log stood then.
    inbox: Vec<(InboxEntry, i64)>,
}

pub(super) fn user(id: i64) -> UserRef {
    UserRef::new(UserId(id), format!("user{id}"))
}

pub(super) fn message(seq: i64, author: i64) -> Message {
    Message::new(Seq(seq), user(author), text(seq, seq), format!("n{seq}"), NOON_MS + seq * 1_000)
}

/// Some of them call the reader.
fn text(seq: i64, version: i64) -> String {
    format!("text {seq}, version {version}{}", if version % 3 == 0 { " for @user1" } else { "" })
}

fn at(seq: i64) -> usize {
    usize::try_from(seq).expect("no seq is negative")
}

impl Store {
    pub(super) fn last(&self) -> i64 {
        i64::try_from(self.log.len()).expect("a short log")
    }

    /// Commits what `kind` picks: mostly messages of others, then changes, deletions, members. Answers its seq.
    pub(super) fn commit(&mut self, kind: u16, pick: u16) -> i64 {
        let living = |seq: &i64| self.message(*seq, self.last()).is_some_and(|message| !message.deleted);
        let living: Vec<i64> = (1..=self.last()).filter(living).collect();
        let target = usize::from(pick).checked_rem(living.len()).map(|at| living[at]);
        let next = self.last() + 1;
        let entry = match (kind % 14, target) {
            (5 | 6, Some(target)) => Entry::Update(target),
            (7, Some(target)) => Entry::Delete(target),
            (8, _) => Entry::Member(pick.is_multiple_of(2)),
            (10 | 11, Some(target)) => Entry::React(target, 1 + i64::from(pick % 3), true),
            (12, Some(target)) => match self.message(target, self.last()).and_then(|m| m.reactions.first().cloned()) {
                Some(reaction) => Entry::React(target, reaction.users[0].0, false),
                None => Entry::Pin(target),
            },
            (13, Some(target)) => Entry::Pin(target),
            (9, _) => return self.post(&format!("n{next}")),
            _ => Entry::Create(2 + i64::from(pick % 3), format!("n{next}")),
        };
        self.log.push(entry);
        next
    }

    /// An own message, once for each nonce. Posting moves the mark.
    pub(super) fn post(&mut self, nonce: &str) -> i64 {
        if let Some(seq) = self.seq_of(nonce) {
            return seq;
        }
        self.log.push(Entry::Create(ME.0, nonce.to_owned()));
        self.read_seq = self.last();
        self.last()
    }

    pub(super) fn seq_of(&self, nonce: &str) -> Option<i64> {
        let own = |entry: &Entry| matches!(entry, Entry::Create(author, n) if *author == ME.0 && n == nonce);
        self.log.iter().position(own).map(|at| i64::try_from(at).expect("a short log") + 1)
    }

    /// The file was replaced by an older copy of itself.
    pub(super) fn restore(&mut self, last: i64) {
        self.log.truncate(at(last));
        self.read_seq = self.read_seq.min(last);
        self.inbox.retain(|(_, then)| *then <= last);
    }

    /// Whether it is the reader's, how they keep it, and how far their inbox is.
    pub(super) fn is_theirs(&self) -> bool {
        self.inbox.iter().rev().find_map(|(told, _)| match told {
            InboxEntry::Kept(_) => None,
            InboxEntry::Came => Some(true),
            InboxEntry::Left => Some(false),
        }) != Some(false)
    }

    pub(super) fn mine(&self) -> Mine {
        let kept = |(told, _): &(InboxEntry, i64)| if let InboxEntry::Kept(mine) = told { Some(*mine) } else { None };
        self.inbox.iter().rev().find_map(kept).unwrap_or_default()
    }

    pub(super) fn inbox_last(&self) -> i64 {
        i64::try_from(self.inbox.len()).expect("a short inbox")
    }

    pub(super) fn keep(&mut self, mine: Mine) {
        self.inbox.push((InboxEntry::Kept(mine), self.last()));
    }

    /// The reader leaves, or comes back: nothing is unread then.
    pub(super) fn move_reader(&mut self, comes: bool) {
        self.log.push(Entry::Me(comes));
        if comes {
            self.read_seq = self.last();
        }
        self.inbox.push((if comes { InboxEntry::Came } else { InboxEntry::Left }, self.last()));
    }

    /// An entry of the inbox, as things stand now.
    pub(super) fn inbox_event(&self, seq: i64) -> Event {
        let body = match self.inbox[at(seq - 1)].0 {
            InboxEntry::Kept(_) if self.is_theirs() => {
                EventBody::MineUpdate(MineChange { id: HERE, mine: self.mine() })
            }
            InboxEntry::Came if self.is_theirs() => EventBody::ConversationCreate(self.summary().conversation),
            _ => EventBody::ConversationDelete(HERE),
        };
        Event { stream: Stream::Inbox(ME), seq: Seq(seq), body }
    }

    pub(super) fn message(&self, seq: i64, as_of: i64) -> Option<Message> {
        if !(1..=as_of).contains(&seq) {
            return None;
        }
        let Entry::Create(author, nonce) = &self.log[at(seq - 1)] else { return None };
        let mut message = Message { nonce: nonce.clone(), ..message(seq, *author) };
        for (change, entry) in (1..=as_of).zip(&self.log) {
            match entry {
                Entry::Update(target) if *target == seq => {
                    message.version = Seq(change);
                    message.content = text(seq, change);
                }
                Entry::Delete(target) if *target == seq => message = message.tombstone(Seq(change)),
                Entry::React(target, by, on) if *target == seq => {
                    message.version = Seq(change);
                    let react = if *on { reaction::add } else { reaction::remove };
                    let _ = react(&mut message.reactions, EMOJI, UserId(*by));
                }
                Entry::Pin(target) if *target == seq => {
                    message.version = Seq(change);
                    message.pinned = !message.pinned;
                }
                _ => {}
            }
        }
        Some(message)
    }

    /// The entry `seq`, as it is told when the log stands at `as_of`.
    pub(super) fn event(&self, seq: i64, as_of: i64) -> Event {
        let stands = |target: i64| self.message(target, as_of).expect("it was created");
        let changed = |target: i64| match stands(target) {
            gone if gone.deleted => EventBody::MessageDelete(gone),
            message => EventBody::MessageUpdate(message),
        };
        let body = match self.log[at(seq - 1)] {
            Entry::Create(..) => match stands(seq) {
                gone if gone.deleted => EventBody::MessageDelete(gone),
                message => EventBody::MessageCreate(message),
            },
            // InboxEntry as it happens; a replay, of which much may have happened since, says how the message stands.
            Entry::React(target, by, on) if seq == as_of => {
                let change = ReactionChange { seq: Seq(target), emoji: EMOJI.into(), user: user(by) };
                if on { EventBody::ReactionAdd(change) } else { EventBody::ReactionRemove(change) }
            }
            Entry::Update(target) | Entry::Delete(target) | Entry::Pin(target) | Entry::React(target, ..) => {
                changed(target)
            }
            Entry::Member(true) => EventBody::MemberAdd(user(9)),
            Entry::Member(false) => EventBody::MemberRemove(user(9)),
            Entry::Me(true) => EventBody::MemberAdd(user(ME.0)),
            Entry::Me(false) => EventBody::MemberRemove(user(ME.0)),
        };
        Event { stream: Stream::Conversation(HERE), seq: Seq(seq), body }
    }

    /// At most `limit` entries after `after`, as things stand now.
    pub(super) fn events(&self, after: i64, limit: usize) -> Vec<Event> {
        (after + 1..=self.last()).take(limit).map(|seq| self.event(seq, self.last())).collect()
    }

    /// At most `limit` messages before `before`, as things stand now.
    pub(super) fn page(&self, before: i64, limit: usize) -> MessageList {
        let last = self.last();
        let mut all: Vec<_> = (1..=last.min(before - 1)).filter_map(|seq| self.message(seq, last)).collect();
        let messages = all.split_off(all.len().saturating_sub(limit));
        MessageList { messages, quoted: Vec::new(), as_of: Seq(last), more: !all.is_empty(), newer: false }
    }

    /// At most `limit` messages after `after`, as things stand now.
    pub(super) fn page_after(&self, after: i64, limit: usize) -> MessageList {
        let last = self.last();
        let mut messages: Vec<_> = (after + 1..=last).filter_map(|seq| self.message(seq, last)).collect();
        let more = messages.len() > limit;
        messages.truncate(limit);
        MessageList { messages, quoted: Vec::new(), as_of: Seq(last), more, newer: false }
    }

    /// Some before and some from `seq` on, so at least two.
    pub(super) fn page_around(&self, seq: i64, limit: usize) -> MessageList {
        let limit = limit.max(2);
        let before = self.page(seq, limit / 2);
        let after = self.page_after(seq - 1, limit - before.messages.len());
        let messages = before.messages.into_iter().chain(after.messages).collect();
        MessageList { messages, quoted: Vec::new(), as_of: before.as_of, more: before.more, newer: after.more }
    }

    fn unread(&self) -> u32 {
        self.unread_with("")
    }

    pub(super) fn mentions(&self) -> u32 {
        self.unread_with("@user1")
    }

    fn unread_with(&self, text: &str) -> u32 {
        let unread = (self.read_seq + 1..=self.last()).filter_map(|seq| self.message(seq, self.last()));
        let unread = unread.filter(|message| message.author.id != ME && !message.deleted);
        u32::try_from(unread.filter(|message| message.content.contains(text)).count()).expect("a short log")
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(HERE, Seq(self.last()), Seq(self.read_seq), self.unread())
    }

    pub(super) fn summary(&self) -> ConversationSummary {
        let created = |seq: &i64| matches!(self.log[at(*seq - 1)], Entry::Create(..));
        let living = |seq| self.message(seq, self.last()).filter(|message| !message.deleted);
        let latest = (1..=self.last()).rev().find_map(living);
        let change = |entry: &Entry| match entry {
            Entry::Member(true) | Entry::Me(true) => 1,
            Entry::Member(false) | Entry::Me(false) => -1,
            _ => 0,
        };
        let members: i64 = self.log.iter().map(change).sum();
        ConversationSummary {
            conversation: Conversation {
                member_count: 100 + members,
                ..Conversation::new(HERE, ConversationKind::Room, None, Vec::new())
            },
            last_seq: Seq(self.last()),
            read_seq: Seq(self.read_seq),
            unread: self.unread(),
            mentions: self.mentions(),
            active_ms: NOON_MS + (1..=self.last()).rev().find(created).unwrap_or_default() * 1_000,
            preview: latest.map(|message| Preview {
                author: message.author,
                text: message.content,
                created_ms: message.created_ms,
            }),
            mine: self.mine(),
        }
    }
}
