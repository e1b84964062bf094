//! Fetched pages: the beginning, the latest one in place of what is held, and older ones before it.

use super::Timeline;
use crate::protocol::{ConversationId, MessageList, Seq, UserId};

impl Timeline {
    /// Starts from a fetched page.
    #[must_use]
    pub fn from_page(conversation: ConversationId, page: MessageList) -> Self {
        Self { conversation: Some(conversation), ..Self::unplaced(page) }
    }

    fn unplaced(page: MessageList) -> Self {
        Self {
            begins: begins(&page),
            until: until(&page),
            grown: page.as_of,
            as_of: page.as_of,
            heard: page.as_of,
            changed: page.as_of,
            quoted: page.quoted.into_iter().map(|message| (message.seq, message)).collect(),
            messages: page.messages.into_iter().map(|message| (message.seq, message)).collect(),
            ..Self::default()
        }
    }

    /// Starts without one: it has to be fetched.
    #[must_use]
    pub fn unread(conversation: ConversationId) -> Self {
        Self { conversation: Some(conversation), stale: true, ..Self::default() }
    }

    /// Takes in a newly fetched latest page in place of what is held, unless events have overtaken it. It is not
    /// merged: it says nothing of changes to messages that are older than itself.
    pub fn replace(&mut self, page: MessageList, me: UserId) {
        if page.as_of <= self.as_of && !self.stale {
            return;
        }
        // Own ones that were acknowledged since, and, out of a replay, later versions than the page's.
        let is_stale = self.stale;
        self.messages.retain(|seq, held| {
            let of_page = page.messages.binary_search_by_key(seq, |message| message.seq);
            let is_later = of_page.is_ok_and(|at| held.version > page.messages[at].version) && !is_stale;
            is_later || (*seq > page.as_of && held.version == Seq::ZERO)
        });
        self.begins = begins(&page);
        self.until = until(&page);
        self.grown = page.as_of;
        self.as_of = page.as_of;
        self.changed = page.as_of;
        // The store's own word is newer than READY's.
        self.promised = Seq::ZERO;
        self.stale = false;
        self.quoted.clear();
        self.quotes(page.quoted);
        for message in page.messages {
            self.insert(message, me);
        }
        self.advance(me);
    }

    /// Goes to another place of the same log, out of a page that was read around it. Says whether it did: a page that
    /// events have overtaken is to be asked for anew.
    pub fn go_to(&mut self, page: MessageList, me: UserId) -> bool {
        if page.as_of < self.as_of && !self.stale {
            return false;
        }
        let (conversation, heard) = (self.conversation, self.heard);
        let (pending, waiting) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.waiting));
        *self = Self { conversation, pending, waiting, heard: heard.max(page.as_of), ..Self::unplaced(page) };
        // One's own that waits for its answer may be in the page.
        let arrived = |nonce: &str| self.messages.values().any(|held| held.author.id == me && held.nonce == nonce);
        self.pending.retain(|pending| !arrived(&pending.nonce));
        self.advance(me);
        true
    }

    /// Takes in the page of messages just before `before`. Says whether it did: one that was asked for before the
    /// stretch was replaced, or read before a change that is known already, is left, to be asked for anew.
    pub fn older(&mut self, before: Seq, page: MessageList, me: UserId) -> bool {
        if before < self.begins || page.as_of < self.changed || self.stale {
            return false;
        }
        let (held, begins) = (self.begins, begins(&page));
        self.begins = held.min(begins);
        self.quotes(page.quoted);
        for message in page.messages.into_iter().filter(|message| message.seq < held) {
            self.insert(message, me);
        }
        true
    }
}

/// Messages that are held, at most: more would be more for the browser to lay out than anybody sees. What is left out
/// is fetched again when the reader comes back to it.
const HELD: usize = 400;
/// And so many are left when there are more.
const KEPT: usize = 300;

impl Timeline {
    /// Takes in the page of messages just after `after`. Says whether it did, as [`older`](Self::older) does.
    pub fn newer(&mut self, after: Seq, page: MessageList, me: UserId) -> bool {
        let Some(until) = self.until else { return true };
        if after > until || page.as_of < self.changed || self.stale {
            return false;
        }
        let last = page.messages.last().map_or(until, |message| message.seq).max(until);
        // What was said since it was read is beyond it still; what the page has ahead of the log, the log brings.
        let is_end = (!page.more || last > self.as_of) && page.as_of >= self.grown;
        let next = until.next()..=self.as_of;
        self.quotes(page.quoted);
        for message in page.messages.into_iter().filter(|message| next.contains(&message.seq)) {
            self.insert(message, me);
        }
        self.until = (!is_end).then_some(last);
        true
    }

    /// Lets go of what is far from the reader, who is at the end of the stretch (`at_end`, asked for only where there is
    /// too much) or at its beginning.
    pub fn trim(&mut self, at_end: impl FnOnce(&Self) -> bool) {
        if self.messages.len() > HELD {
            self.trim_to(KEPT, at_end(self));
        }
    }

    /// Whether a message is in the later half of what is held.
    #[must_use]
    pub fn is_late(&self, seq: Seq) -> bool {
        self.messages.before(&seq).len() > self.messages.len() / 2
    }

    pub(super) fn trim_to(&mut self, count: usize, at_end: bool) {
        if self.stale || self.messages.len() <= count {
            return;
        }
        if at_end {
            // Own ones that are ahead of the log are no part of the stretch: what comes before them is still to come.
            let first = self.messages[self.messages.len() - count].0.min(self.as_of.next());
            self.messages = self.messages.split_off(self.messages.before(&first).len());
            self.begins = first;
        } else {
            let next = self.messages[count].0;
            // Own ones that are ahead of the log would leave a hole behind them.
            if self.as_of < next || self.messages.values().any(|message| message.version == Seq::ZERO) {
                return;
            }
            self.messages.split_off(count);
            self.until = self.messages.keys().next_back().copied();
            self.grown = self.grown.max(self.as_of);
        }
        // A page that is on its way was asked for from where the stretch is no longer.
        self.changed = self.changed.max(self.as_of);
    }
}

fn until(page: &MessageList) -> Option<Seq> {
    page.messages.last().map(|message| message.seq).filter(|_| page.newer)
}

fn begins(page: &MessageList) -> Seq {
    if page.more { page.messages.first().map_or(Seq::ZERO, |message| message.seq) } else { Seq::ZERO }
}
