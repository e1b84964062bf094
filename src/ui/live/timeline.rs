//! The messages of one conversation as the page shows them. Pure: events and pages in, rows out.
//!
//! It owns the join of what was fetched and what arrives live, so that *state + missed events = a fresh
//! fetch*. It holds one unbroken stretch of the log, from [`Timeline::begins`] up to `as_of`: within it every
//! message is held, and nothing beyond it is shown but own messages that the store has
//! acknowledged. The stretch may also end before the log does ([`Timeline::has_newer`]), for a reader who is further up:
//! then what is said meanwhile is counted in and not shown, until the way down is fetched. Events are taken in the order of the log; one that comes ahead of its turn waits, bounded, until
//! the missing ones were fetched ([`Timeline::missing`]). So whatever is lost, doubled, delayed or reordered on the
//! way changes nothing in the end. It knows neither sockets nor signals.
//!
//! A replay shows the current state: a creation may carry a later version, or say that the message is gone. The
//! highest version stays. A message that was deleted is held as its tombstone.

mod catch_up;
mod names;
mod own;
mod pages;
mod quotes;
mod rows;
mod shown;
#[cfg(test)]
mod tests;

pub use catch_up::Missing;
pub use shown::{MessageRow, Pending, Quote, QuotedMessage, ReactionRow, Row, SendState};

use crate::protocol::reaction::{self, Reacted};
use crate::protocol::{
    ConversationId, Event, EventBody, Message, Reaction, ReactionChange, Seq, Sorted, Stream, UserId, UserRef, mention,
};

/// Events that may wait for those before them. More are dropped: fetching the missing ones brings them too.
const WAITING: usize = 256;

/// The state; see [`Timeline::rows`] for what is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    conversation: Option<ConversationId>,
    /// The stretch, and beyond `as_of` own messages that were acknowledged, with version zero.
    messages: Sorted<Seq, Message>,
    /// What messages of the stretch answer and is older than it.
    quoted: Sorted<Seq, Message>,
    /// In the order of sending.
    pending: Vec<Pending>,
    /// Everything from here on is held: zero when that is the log's beginning.
    begins: Seq,
    /// What was said after this is not held, as it was left out or not fetched yet; none where the stretch reaches the end.
    until: Option<Seq>,
    /// The last message that was said beyond `until`, as far as it was heard of.
    grown: Seq,
    /// Up to here everything of the log is counted in.
    as_of: Seq,
    /// Events beyond `as_of`, in the order of the log.
    waiting: Vec<Event>,
    /// The last number of the log that was heard of.
    heard: Seq,
    /// Where the log stood when READY last said so: until then what was missed is still coming in.
    promised: Seq,
    /// What was read before this number may be out of date for messages outside of the stretch.
    changed: Seq,
    /// What is held cannot be continued with events: a newly fetched page must replace it.
    stale: bool,
    /// How often somebody here got another name to be shown by.
    renames: u32,
}

impl Timeline {
    #[must_use]
    pub fn conversation(&self) -> Option<ConversationId> {
        self.conversation
    }

    /// Whether older messages exist that are not here.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.begins > Seq::ZERO
    }

    /// Whether newer messages exist that are not here.
    #[must_use]
    pub fn has_newer(&self) -> bool {
        self.until.is_some()
    }

    /// Where the stretch ends, where that is not at the log's end.
    #[must_use]
    pub fn until(&self) -> Option<Seq> {
        self.until
    }

    /// Where the stretch begins: older messages are those before it. Zero is the log's beginning.
    #[must_use]
    pub fn begins(&self) -> Seq {
        self.begins
    }

    /// Whether everything after `mark` is held.
    #[must_use]
    pub fn reaches(&self, mark: Seq) -> bool {
        self.begins <= mark.next()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.pending.is_empty()
    }

    /// How many messages of the log are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether what is held is shown to this reader in another way than to somebody who has no part in it.
    #[must_use]
    pub fn concerns(&self, me: UserId) -> bool {
        let concerns = |message: &Message| {
            message.author.id == me || message.reactions.iter().any(|reaction| reaction.users.contains(&me))
        };
        self.messages.values().any(concerns)
    }

    /// Who wrote what is held, the latest first; each as often as they did.
    pub fn people(&self) -> impl Iterator<Item = &UserRef> {
        self.messages.values().rev().map(|message| &message.author)
    }

    /// Whether one of the messages that are held calls whoever has this name by it.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.messages.values().any(|message| mention::names(&message.content, name))
    }

    #[must_use]
    pub fn oldest_seq(&self) -> Option<Seq> {
        self.messages.keys().next().copied()
    }

    #[must_use]
    pub fn newest_seq(&self) -> Option<Seq> {
        self.messages.keys().next_back().copied()
    }

    /// The newest message up to which nothing is missing: further nobody can have read.
    #[must_use]
    pub fn newest_complete(&self) -> Seq {
        self.messages.before(&self.as_of.next()).last().map(|(seq, _)| *seq).unwrap_or_default()
    }

    /// Up to here everything of the log is counted in.
    #[must_use]
    pub fn as_of(&self) -> Seq {
        self.as_of
    }

    /// Whether what was missed is still on its way: until it has come nobody knows where the reader stands in it.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.stale || self.as_of < self.promised
    }

    /// How many messages of others stand after `seq`, among those held.
    #[must_use]
    pub fn unread_after(&self, seq: Seq, me: UserId) -> u32 {
        u32::try_from(self.of_others_after(seq, me).count()).unwrap_or(u32::MAX)
    }

    /// The messages of others after `seq`, among those held.
    pub fn of_others_after(&self, seq: Seq, me: UserId) -> impl Iterator<Item = &Message> {
        self.messages
            .starting_at(&seq.next())
            .iter()
            .map(|(_, message)| message)
            .filter(move |m| m.author.id != me && !m.deleted)
    }

    /// Whether the message of this number is held.
    #[must_use]
    pub fn holds(&self, seq: Seq) -> bool {
        self.messages.contains_key(&seq)
    }

    /// Whether the message of this number is held, and was deleted.
    #[must_use]
    pub fn is_deleted(&self, seq: Seq) -> bool {
        self.messages.get(&seq).is_some_and(|message| message.deleted)
    }

    /// The message before this one, and the one after it.
    #[must_use]
    pub fn before(&self, seq: Seq) -> Option<Seq> {
        self.messages.before(&seq).last().map(|(seq, _)| *seq)
    }

    #[must_use]
    pub fn after(&self, seq: Seq) -> Option<Seq> {
        self.messages.starting_at(&seq.next()).first().map(|(seq, _)| *seq)
    }

    /// One's own latest message, to be changed.
    #[must_use]
    pub fn last_own(&self, me: UserId) -> Option<&Message> {
        let is_own = |message: &&Message| message.author.id == me && !message.deleted && message.version > Seq::ZERO;
        self.messages.values().rev().find(is_own)
    }

    /// A message as it stands after a change that the store has answered: its event follows.
    pub fn amended(&mut self, message: Message, me: UserId) {
        self.requote(&message);
        if self.messages.contains_key(&message.seq) {
            self.insert(message, me);
        }
    }

    /// How many own messages were not sent.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.pending.iter().filter(|p| matches!(p.state, SendState::Failed(_))).count()
    }

    /// Takes in an event, live or replayed. What is of another log is left.
    pub fn apply(&mut self, event: &Event, me: UserId) {
        if Some(event.stream) != self.conversation.map(Stream::Conversation) {
            return;
        }
        if self.stale || event.seq > self.as_of.next() {
            self.wait(event.clone());
        } else {
            self.take(event, me);
            self.advance(me);
        }
    }

    /// Takes in an event whose turn it is, or whose turn is over: then it may bring a newer version still.
    fn take(&mut self, event: &Event, me: UserId) {
        if event.seq > self.as_of {
            self.as_of = event.seq;
            if self.messages.get(&event.seq).is_some_and(|own| own.version == Seq::ZERO) {
                // The log has its own word for what was acknowledged.
                self.messages.remove(&event.seq);
            }
            if let EventBody::MessageCreate(message) | EventBody::MessageDelete(message) = &event.body
                && message.seq == event.seq
            {
                if self.until.is_none() {
                    return self.insert(message.clone(), me);
                }
                self.grown = event.seq;
                if message.author.id == me {
                    self.discard(&message.nonce);
                }
                return;
            }
        }
        let changed = match &event.body {
            EventBody::MessageCreate(message)
            | EventBody::MessageUpdate(message)
            | EventBody::MessageDelete(message) => {
                if self.messages.contains_key(&message.seq) {
                    self.insert(message.clone(), me);
                }
                self.requote(message);
                message.seq
            }
            EventBody::ReactionAdd(change) => self.react(change, event.seq, reaction::add),
            EventBody::ReactionRemove(change) => self.react(change, event.seq, reaction::remove),
            _ => return,
        };
        if changed < self.begins || self.until.is_some_and(|until| changed > until) {
            // A page that is on its way may have been read before this.
            self.changed = self.changed.max(event.seq);
        }
    }

    /// Applies a reaction, unless the message is held as it stood later. Answers which message it was.
    fn react(
        &mut self,
        change: &ReactionChange,
        version: Seq,
        react: fn(&mut Vec<Reaction>, &str, UserId) -> Reacted,
    ) -> Seq {
        if let Some(message) = self.messages.get_mut(&change.seq).filter(|message| message.version < version) {
            let _ = react(&mut message.reactions, &change.emoji, change.user.id);
            message.version = version;
        }
        change.seq
    }

    fn wait(&mut self, event: Event) {
        self.heard = self.heard.max(event.seq);
        if let Err(at) = self.waiting.binary_search_by_key(&event.seq, |waits| waits.seq) {
            self.waiting.insert(at, event);
            self.waiting.truncate(WAITING);
        }
    }

    /// Takes in what waited, as far as nothing is missing.
    fn advance(&mut self, me: UserId) {
        self.waiting.drain(..self.waiting.partition_point(|waits| waits.seq <= self.as_of));
        let ready =
            self.waiting.iter().zip(self.as_of.0 + 1..).take_while(|(waits, next)| waits.seq.0 == *next).count();
        for event in self.waiting.drain(..ready).collect::<Vec<_>>() {
            self.take(&event, me);
        }
        self.heard = self.heard.max(self.as_of);
    }

    /// Holds a message in its highest version, and forgets the pending one that it is.
    fn insert(&mut self, message: Message, me: UserId) {
        if message.author.id == me {
            self.discard(&message.nonce);
        }
        match self.messages.get(&message.seq) {
            Some(held) if held.version >= message.version => {}
            _ => {
                self.messages.insert(message.seq, message);
            }
        }
    }
}
