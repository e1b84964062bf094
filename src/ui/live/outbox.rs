//! Own messages from the composer to their acknowledgement, as one tab sees them. Pure: it decides, the driver acts.
//!
//! The truth lies on the disk ([`record`]), where all tabs of a user share it; this is a tab's view of it, with what
//! only this tab knows: its tries, and its messages that are not on the disk (yet). A message is tried only when it
//! is on the disk, or when the disk refused it: then it lives and dies with the tab, and so does what this tab writes
//! while it waits, so that nothing overtakes it.
//!
//! Order is kept for each recipient, which is a *lane*: its first message is on its way, those behind it wait. What
//! may have been stored is tried again with the same nonce, which is safe; what was refused stays, failed, until the
//! person tries again or takes it back, and holds up nobody. Whoever empties a lane holds its lock and reads the disk
//! under it; where there is no lock, two tabs send the same message, which the nonce makes one.

mod answers;
mod failure;
mod items;
pub mod record;
#[cfg(test)]
mod tests;

pub use failure::Failure;
pub use items::{Item, Place, State};

use super::Recipient;
use crate::protocol::Seq;
use record::{Kept, Record};

/// What another tab wrote is that tab's to send for so long.
const GRACE_MS: i64 = 2_000;

/// What the driver has to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Take the lock of this lane, read the disk, ask [`Outbox::begin`], and end with [`Outbox::finish`].
    Lane(Recipient),
    /// Nothing before then; ask again at that time.
    Wait { until_ms: i64 },
}

/// A message to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub nonce: String,
    pub recipient: Recipient,
    pub content: String,
    pub reply_to: Option<Seq>,
}

/// The queue, in the order of sending.
#[derive(Debug, Default)]
pub struct Outbox {
    items: Vec<Item>,
    /// The one that is being written to the disk.
    writing: Option<String>,
    /// Lanes that this tab is at.
    busy: Vec<Recipient>,
    /// Done with, though the disk may not have it from us yet.
    done: Vec<String>,
    /// Whether the disk was ever read.
    loaded: bool,
}

impl Outbox {
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether leaving the page would lose a message: also one that failed, until the person decides.
    #[must_use]
    pub fn holds_unkept(&self) -> bool {
        self.items.iter().any(|i| i.place != Place::Disk)
    }

    pub fn push(
        &mut self,
        nonce: String,
        recipient: Recipient,
        content: String,
        reply_to: Option<Seq>,
        created_ms: i64,
    ) {
        self.items.push(Item::new(
            Record { nonce, recipient, content, created_ms, reply_to, named: None, failed: None },
            Place::Unwritten,
        ));
    }

    /// What to write to the disk now: one at a time, so that their order there is that of writing.
    pub fn next_to_keep(&mut self) -> Option<Record> {
        if self.writing.is_some() {
            return None;
        }
        let in_memory = self.items.iter().any(|i| i.place == Place::Memory && !i.is_failed());
        let mut unwritten = self.items.iter_mut().filter(|i| i.place == Place::Unwritten);
        if in_memory {
            unwritten.for_each(|i| i.place = Place::Memory);
            return None;
        }
        let item = unwritten.next()?;
        self.writing = Some(item.nonce.clone());
        Some(item.record())
    }

    /// The disk took what was to be kept, and holds `kept`; or it did not.
    pub fn stored(&mut self, nonce: &str, kept: Option<Vec<Kept>>, now_ms: i64) {
        self.writing = None;
        match kept {
            Some(kept) => self.refresh(kept, now_ms),
            None => {
                let mut unwritten = self.items.iter_mut().filter(|i| i.place == Place::Unwritten);
                if let Some(item) = unwritten.find(|i| i.nonce == nonce) {
                    item.place = Place::Memory;
                }
            }
        }
    }

    /// The disk took something: what it refused before is to be written again, in order, unless one of them is on its
    /// way. Whether there is any. Not after a mere reading, which a full disk allows: nothing would ever be sent.
    pub fn offer(&mut self) -> bool {
        let refused = |i: &&mut Item| i.place == Place::Memory && !i.is_failed();
        if self.items.iter_mut().filter(refused).any(|i| i.state == State::Sending) {
            return false;
        }
        self.items.iter_mut().filter(refused).map(|i| i.place = Place::Unwritten).count() > 0
    }

    /// Follows the disk, which holds `kept` in the order of keys: other tabs write there, send, retry and discard.
    pub fn refresh(&mut self, kept: Vec<Kept>, now_ms: i64) {
        self.done.retain(|nonce| kept.iter().any(|k| k.record.nonce == *nonce));
        let mut before = std::mem::take(&mut self.items);
        let due = if self.loaded { State::Waiting { until_ms: now_ms + GRACE_MS } } else { State::Queued };
        self.loaded = true;
        for Kept { record, .. } in kept {
            if self.done.contains(&record.nonce) {
                continue;
            }
            let item = match before.iter().position(|i| i.nonce == record.nonce) {
                Some(at) => {
                    let item = before.remove(at);
                    if let Recipient::Conversation(conversation) = record.recipient
                        && item.recipient != record.recipient
                    {
                        // Another tab opened it. What is not on the disk follows here, so that it stays behind.
                        for other in before.iter_mut().filter(|i| i.recipient == item.recipient) {
                            other.move_to(conversation);
                        }
                    }
                    item.follow(record)
                }
                None if record.failed.is_some() => Item::new(record, Place::Disk),
                None => Item { state: due.clone(), ..Item::new(record, Place::Disk) },
            };
            self.items.push(item);
        }
        // What is on its way from here is left to its answer.
        self.items.extend(before.into_iter().filter(|i| i.place != Place::Disk || i.state == State::Sending));
    }

    /// What to do now: ask until it says [`Action::Wait`] or nothing. A lane that it hands out is busy until
    /// [`Outbox::finish`].
    pub fn next(&mut self, now_ms: i64) -> Option<Action> {
        let mut wait: Option<i64> = None;
        for (at, item) in self.items.iter().enumerate() {
            if item.is_failed() || self.busy.contains(&item.recipient) || !self.heads(at) {
                continue;
            }
            match item.due_ms() {
                Some(due_ms) if due_ms <= now_ms => {
                    let recipient = item.recipient.clone();
                    self.busy.push(recipient.clone());
                    return Some(Action::Lane(recipient));
                }
                Some(due_ms) => wait = Some(wait.map_or(due_ms, |w| w.min(due_ms))),
                None => {}
            }
        }
        wait.map(|until_ms| Action::Wait { until_ms })
    }

    /// The lane is this tab's and the disk was read anew: what to post, if it still is to be.
    pub fn begin(&mut self, lane: &Recipient, now_ms: i64) -> Option<Post> {
        let at = self.items.iter().position(|i| i.recipient == *lane && !i.is_failed())?;
        let item = &mut self.items[at];
        item.due_ms().filter(|due_ms| *due_ms <= now_ms)?;
        item.state = State::Sending;
        item.attempts += 1;
        Some(Post {
            nonce: item.nonce.clone(),
            recipient: item.recipient.clone(),
            content: item.content.clone(),
            reply_to: item.reply_to,
        })
    }

    /// The lane is left, and what came of it is on the disk.
    pub fn finish(&mut self, lane: &Recipient) {
        self.busy.retain(|busy| busy != lane);
    }

    /// The connection is back: what waits is due now.
    pub fn hurry(&mut self) {
        for item in &mut self.items {
            if matches!(item.state, State::Waiting { .. }) {
                item.state = State::Queued;
            }
        }
    }

    /// Whether the message is the first of its lane.
    fn heads(&self, at: usize) -> bool {
        !self.items[..at].iter().any(|i| i.recipient == self.items[at].recipient && !i.is_failed())
    }
}
