//! A made-up store with the log of one conversation, for the property tests: what was committed in it, what it says
//! live, in a replay and in a fetch. It answers as the real one does: a replay shows the current state.

use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationSummary, Event, EventBody, Message, MessageList,
    Preview, Seq, Stream, UserId, UserRef, frame::Mark,
};

pub(super) const ME: UserId = UserId(1);
pub(super) const HERE: ConversationId = ConversationId(7);
pub(super) const NOON_MS: i64 = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000 + 43_200_000;

#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// By this author, under this nonce.
    Create(i64, String),
    Update(i64),
    Delete(i64),
    Member(bool),
}

#[derive(Debug, Default)]
pub(super) struct Store {
    log: Vec<Entry>,
    /// The reader's mark.
    pub(super) read_seq: i64,
}

pub(super) fn user(id: i64) -> UserRef {
    UserRef { id: UserId(id), name: format!("user{id}") }
}

pub(super) fn message(seq: i64, author: i64) -> Message {
    Message {
        seq: Seq(seq),
        version: Seq(seq),
        author: user(author),
        content: format!("text {seq}"),
        created_ms: NOON_MS + seq * 1_000,
        nonce: format!("n{seq}"),
        reply_to: None,
    }
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
        let living: Vec<i64> = (1..=self.last()).filter(|seq| self.message(*seq, self.last()).is_some()).collect();
        let target = usize::from(pick).checked_rem(living.len()).map(|at| living[at]);
        let next = self.last() + 1;
        let entry = match (kind % 10, target) {
            (5 | 6, Some(target)) => Entry::Update(target),
            (7, Some(target)) => Entry::Delete(target),
            (8, _) => Entry::Member(pick.is_multiple_of(2)),
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
                    message.content = format!("text {seq}, version {change}");
                }
                Entry::Delete(target) if *target == seq => return None,
                _ => {}
            }
        }
        Some(message)
    }

    /// The entry `seq`, as it is told when the log stands at `as_of`.
    pub(super) fn event(&self, seq: i64, as_of: i64) -> Event {
        let gone = |target: i64| EventBody::MessageDelete(Seq(target));
        let body = match self.log[at(seq - 1)] {
            Entry::Create(..) => self.message(seq, as_of).map_or_else(|| gone(seq), EventBody::MessageCreate),
            Entry::Update(target) => self.message(target, as_of).map_or_else(|| gone(target), EventBody::MessageUpdate),
            Entry::Delete(target) => gone(target),
            Entry::Member(true) => EventBody::MemberAdd(user(9)),
            Entry::Member(false) => EventBody::MemberRemove(user(9)),
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
        MessageList { messages, as_of: Seq(last), more: !all.is_empty() }
    }

    fn unread(&self) -> u32 {
        let unread = (self.read_seq + 1..=self.last()).filter_map(|seq| self.message(seq, self.last()));
        u32::try_from(unread.filter(|message| message.author.id != ME).count()).expect("a short log")
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(HERE, Seq(self.last()), Seq(self.read_seq), self.unread())
    }

    pub(super) fn summary(&self) -> ConversationSummary {
        let created = |seq: &i64| matches!(self.log[at(*seq - 1)], Entry::Create(..));
        let latest = (1..=self.last()).rev().find_map(|seq| self.message(seq, self.last()));
        let change = |entry: &Entry| match entry {
            Entry::Member(true) => 1,
            Entry::Member(false) => -1,
            _ => 0,
        };
        let members: i64 = self.log.iter().map(change).sum();
        ConversationSummary {
            conversation: Conversation {
                id: HERE,
                kind: ConversationKind::Room,
                title: None,
                members: Vec::new(),
                member_count: 100 + members,
            },
            last_seq: Seq(self.last()),
            read_seq: Seq(self.read_seq),
            unread: self.unread(),
            active_ms: NOON_MS + (1..=self.last()).rev().find(created).unwrap_or_default() * 1_000,
            preview: latest.map(|message| Preview {
                author: message.author,
                text: message.content,
                created_ms: message.created_ms,
            }),
        }
    }
}
