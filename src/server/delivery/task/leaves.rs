//! Leaving, where the inbox tells of it before the log has come to it here, or where no log tells of it, as when somebody
//! blocks: nobody who left follows on, and they are read what is left up to where the membership ended.

use std::sync::Arc;

use super::Task;
use super::inbox::{Entry, READS, Waits, hand};
use crate::protocol::{ConversationId, Event, Seq, Stream, UserId};
use crate::server::store::StoreError;

/// A leaving whose rest is being read.
#[derive(Debug)]
pub(super) struct Leave {
    /// The inbox's entry that says so, told at last.
    pub(super) entry: Entry,
    /// What the user is told next.
    next: Seq,
    /// What they are told last, once the store has said so.
    last: Option<Seq>,
    /// The first number of the conversation that is theirs to see.
    floor: Seq,
    reads: u32,
}

impl Task {
    /// The inbox says that a conversation is a follower's no longer.
    pub(super) fn leave(&mut self, user: UserId, id: ConversationId, entry: Entry) -> Leave {
        let next = self.index.first(user, id).max(self.logs.next(Stream::Conversation(id))).unwrap_or_default();
        let floor = self.index.floor(user, id);
        self.index.leave(user, id);
        Leave { entry, next, last: None, floor, reads: 0 }
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
            Ok(Some(last)) if leave.next <= last => {
                leave.last = Some(last);
                self.fetches.log(user, id, number, leave.next);
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
                let theirs = leave.next..=last;
                for event in events.iter().filter(|event| theirs.contains(&event.seq)) {
                    leave.next = event.seq.next();
                    hand(&self.chatters, user, event, leave.floor);
                }
            }
            Err(error) => tracing::warn!(%error, "a conversation that somebody left could not be read"),
        }
        if leave.next <= last && leave.reads < READS {
            return self.fetches.log(user, id, number, leave.next);
        }
        self.go_on(user).await;
    }
}
