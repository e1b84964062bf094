//! What comes back: answers, echoes, and the person's word on what failed.

use super::record::{Change, Record};
use super::{Failure, Item, Outbox, Place, State};
use crate::protocol::{ConversationId, Posted};
use crate::ui::live::Recipient;
use crate::ui::live::backoff::backoff_ms;

/// A server that fails in the same way so often is not going to recover from this message: the person decides.
/// Not counted against a connection that cannot be had.
pub(super) const BROKEN_ATTEMPTS: u32 = 10;

impl Outbox {
    /// A try was answered. `random` in 0..1 spreads the next one. Answers the message as it stands after that, and
    /// what changes on the disk; nothing where the message is unknown here.
    pub fn answered(
        &mut self,
        nonce: &str,
        answer: Result<&Posted, Failure>,
        now_ms: i64,
        random: f64,
    ) -> Option<(Item, Option<Change>)> {
        let at = self.items.iter().position(|i| i.nonce == nonce)?;
        let failure = match answer {
            Ok(posted) => {
                let item = self.items.remove(at);
                let change = self.arrived(&item, posted.conversation_id);
                return Some((item, Some(change)));
            }
            Err(failure) => failure,
        };
        let item = &mut self.items[at];
        if matches!(failure, Failure::Broken(_)) {
            item.broken += 1;
        }
        item.state = match failure {
            Failure::Refused(reason) => State::Failed(reason),
            Failure::Broken(reason) if item.broken >= BROKEN_ATTEMPTS => State::Failed(reason),
            Failure::Broken(_) | Failure::Later => {
                State::Waiting { until_ms: now_ms + backoff_ms(item.attempts.saturating_sub(1), random) }
            }
        };
        let change = match &item.state {
            State::Failed(reason) => Some(Change::Fail { nonce: nonce.to_owned(), reason: reason.clone() }),
            State::Queued | State::Sending | State::Waiting { .. } => None,
        };
        Some((item.clone(), change))
    }

    /// The log shows the message: a try whose answer was lost had arrived. One that is on its way from here is left
    /// to its answer. Answers the message and what changes on the disk.
    pub fn echoed(&mut self, nonce: &str, conversation: ConversationId) -> Option<(Item, Change)> {
        let here = |i: &Item| match i.recipient {
            Recipient::Conversation(id) => id == conversation,
            Recipient::Name(_) => true,
        };
        let at = self.items.iter().position(|i| i.nonce == nonce && i.state != State::Sending && here(i))?;
        let item = self.items.remove(at);
        let change = self.arrived(&item, conversation);
        Some((item, change))
    }

    /// Tries a failed message again, after those that were written since, where that is this tab's alone to do.
    /// Otherwise the disk decides: [`Change::Retry`].
    pub fn retry(&mut self, nonce: &str) -> bool {
        let Some(at) = self.failed_here(nonce) else { return false };
        let record = self.items.remove(at).record();
        self.items.push(Item::new(Record { failed: None, ..record }, Place::Memory));
        true
    }

    /// Takes a failed message back, where that is this tab's alone to do. Otherwise the disk decides:
    /// [`Change::Discard`].
    pub fn discard(&mut self, nonce: &str) -> Option<Item> {
        self.failed_here(nonce).map(|at| self.items.remove(at))
    }

    fn failed_here(&self, nonce: &str) -> Option<usize> {
        self.items.iter().position(|i| i.nonce == nonce && i.place == Place::Memory && i.is_failed())
    }

    /// The store has the message. The first one to a name opened a conversation: those behind it go there.
    fn arrived(&mut self, item: &Item, conversation: ConversationId) -> Change {
        self.done.push(item.nonce.clone());
        if matches!(item.recipient, Recipient::Name(_)) {
            for other in self.items.iter_mut().filter(|i| i.recipient == item.recipient) {
                other.move_to(conversation);
            }
        }
        Change::Sent { nonce: item.nonce.clone(), recipient: item.recipient.clone(), conversation }
    }
}
