//! Fetched pages: the beginning, the latest one in place of what is held, and older ones before it.

use super::Timeline;
use crate::protocol::{ConversationId, MessageList, Seq, UserId};

impl Timeline {
    /// Starts from a fetched page.
    #[must_use]
    pub fn from_page(conversation: ConversationId, page: MessageList) -> Self {
        Self {
            conversation: Some(conversation),
            begins: begins(&page),
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

fn begins(page: &MessageList) -> Seq {
    if page.more { page.messages.first().map_or(Seq::ZERO, |message| message.seq) } else { Seq::ZERO }
}
