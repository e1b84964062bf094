//! Leaving, where the inbox tells of it before the log has come to it here, or where no log tells of it, as when somebody
//! blocks: nobody who left follows on, and they are read what is left up to where the membership ended.

use std::sync::Arc;

use super::Task;
use super::inbox::{Entry, READS, Waits, hand};
use crate::protocol::{ConversationId, Event, Seq, Stream, UserId};
use crate::server::store::{Absence, StoreError};

/// What one who left was not told yet.
#[derive(Debug)]
pub(super) struct Rest {
    /// What they are told next.
    next: Seq,
    /// The first number of the conversation that is theirs to see.
    floor: Seq,
}

/// A leaving whose rest is being read.
#[derive(Debug)]
pub(super) struct Leave {
    /// The inbox's entry that says so, told at last.
    pub(super) entry: Entry,
    rest: Rest,
    /// What they are told last, once the store has said so.
    last: Option<Seq>,
    reads: u32,
}

impl Leave {
    pub(super) fn new(entry: Entry, rest: Rest) -> Self {
        Self { entry, rest, last: None, reads: 0 }
    }
}

impl Task {
    /// A conversation is the user's no longer, or will not be once their inbox has come to it: if they follow it, that ends,
    /// and what is left is kept in mind until then.
    pub(super) fn stop(&mut self, user: UserId, id: ConversationId) {
        let Some(first) = self.index.first(user, id) else { return };
        let next = self.logs.next(Stream::Conversation(id)).map_or(first, |next| next.max(first));
        let floor = self.index.floor(user, id);
        self.index.leave(user, id);
        self.rests.insert((user, id), Rest { next, floor });
    }

    /// Of a direct conversation, whose log was read up to `read`, these have left or are back.
    pub(super) async fn absences(&mut self, id: ConversationId, absences: Vec<Absence>, read: Seq) {
        for Absence { user, seq, is_over } in absences {
            // They may follow from after their leaving, if nothing came between; who is back, from after `seq`.
            self.gone(user, id, if is_over { seq } else { seq.max(read) }).await;
        }
    }

    /// A direct conversation's event `seq` is not the user's, as they had left. Who is back follows from after it.
    pub(super) async fn gone(&mut self, user: UserId, id: ConversationId, seq: Seq) {
        if self.index.first(user, id).is_some_and(|first| first <= seq) {
            self.stop(user, id);
            self.release(Stream::Conversation(id)).await;
        }
    }

    /// Where the membership ends is known.
    pub(super) async fn ends(&mut self, user: UserId, number: u64, last: Result<Option<Seq>, StoreError>) {
        let Some(hold) = self.holds.get(user, number) else { return };
        let (id, Waits::Leaving(leave)) = (hold.conversation, &mut hold.waits) else { return };
        leave.reads += 1;
        match last {
            Err(error) if leave.reads < READS => {
                tracing::warn!(%error, "where a membership ends could not be read");
                self.fetches.ends(user, leave.entry.seq, number);
            }
            Ok(Some(last)) if leave.rest.next <= last => {
                leave.last = Some(last);
                self.fetches.log(user, id, number, leave.rest.next, None);
            }
            _ => self.go_on(user).await,
        }
    }

    /// The next events of a conversation that the user left are here.
    pub(super) async fn left_over(&mut self, user: UserId, number: u64, events: Result<Arc<[Event]>, StoreError>) {
        let Some(hold) = self.holds.get(user, number) else { return };
        let (id, Waits::Leaving(leave)) = (hold.conversation, &mut hold.waits) else { return };
        leave.reads += 1;
        let last = leave.last.unwrap_or_default();
        match &events {
            Ok(events) => {
                let theirs = leave.rest.next..=last;
                for event in events.iter().filter(|event| theirs.contains(&event.seq)) {
                    leave.rest.next = event.seq.next();
                    hand(&self.chatters, user, event, leave.rest.floor);
                }
            }
            Err(error) => tracing::warn!(%error, "a conversation that somebody left could not be read"),
        }
        if leave.rest.next <= last && leave.reads < READS {
            return self.fetches.log(user, id, number, leave.rest.next, None);
        }
        self.go_on(user).await;
    }
}
