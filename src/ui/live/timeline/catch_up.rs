//! What is missing, and how it is fetched: by number, so that no change of an older message is passed over.

use super::Timeline;
use crate::protocol::{Event, Seq, UserId};

/// Beyond so many missed events the latest page replaces what is held: the reader would not scroll through them.
const FAR: i64 = 500;

/// What to ask the server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The events after this one.
    Events(Seq),
    /// The latest page, in place of what is held.
    Page,
}

impl Timeline {
    /// What is to be fetched, where others know of the log up to `known`. Nothing while no event is missing.
    #[must_use]
    pub fn missing(&self, known: Seq) -> Option<Missing> {
        let end = known.max(self.heard);
        if self.conversation.is_none() || (end <= self.as_of && !self.stale) {
            return None;
        }
        let far = self.stale || end.0 - self.as_of.0 > FAR;
        Some(if far { Missing::Page } else { Missing::Events(self.as_of) })
    }

    /// Where a resume has to begin: after the last event that is counted in. None where a page has to come first.
    #[must_use]
    pub fn cursor(&self) -> Option<Seq> {
        (!self.stale).then_some(self.as_of)
    }

    /// Whether a replay after `cursor` leaves no hole between what is held and what it brings.
    #[must_use]
    pub fn continues_at(&self, cursor: Option<Seq>) -> bool {
        cursor.is_some_and(|cursor| cursor <= self.as_of)
    }

    /// READY, when the log stands at `last`. Where the replay continues it (`is_replayed`) all that came after follows,
    /// whatever was heard of over the connection before. What is far away is shown as a page: thousands of rows
    /// would pass by.
    pub fn resumed(&mut self, last: Seq, is_replayed: bool) {
        self.promised = last;
        if !self.stale {
            self.waiting.clear();
            self.heard = if is_replayed { self.as_of } else { self.as_of.max(last) };
            self.stale = self.missing(last) == Some(Missing::Page);
        }
    }

    /// The log is not the one that this was read from: nothing held, heard or acknowledged of it counts any longer.
    /// It is shown until a page replaces it.
    pub fn reset(&mut self) {
        self.messages.retain(|_, message| message.version > Seq::ZERO);
        self.waiting.clear();
        self.heard = Seq::ZERO;
        self.promised = Seq::ZERO;
        self.stale = true;
    }

    /// Takes in a fetched piece of the log: what follows `after`, of a log that ended at `end`.
    pub fn fetched(&mut self, after: Seq, events: &[Event], end: Seq, me: UserId) {
        if self.stale {
            return;
        }
        for event in events {
            self.apply(event, me);
        }
        if self.as_of > after {
            self.heard = self.heard.max(end);
        } else if end > after {
            // What follows is not the reader's to see, as of a group that they joined again: begin with what is.
            self.stale = true;
        } else {
            self.heard = self.as_of;
            self.promised = self.as_of;
        }
    }
}
