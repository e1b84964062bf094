//! Own messages from the composer to their acknowledgement. Pure: it decides, the driver acts.
//!
//! Order is kept for each recipient: one message is on its way, those behind it wait. What may or may not
//! have been stored is tried again with the same nonce, which is safe; what was refused stays, failed, until
//! the person tries again or takes it back, and holds up nobody. It lives in memory: a persistent outbox
//! writes [`Outbox::items`] after each call that changes it, and starts from [`Outbox::restore`].

mod failure;
#[cfg(test)]
mod tests;

pub use failure::Failure;

use super::Recipient;
use super::backoff::backoff_ms;
use crate::protocol::{ConversationId, Posted};

/// A server that fails in the same way so often is not going to recover from this message: the person decides.
/// Not counted against a connection that cannot be had.
const BROKEN_ATTEMPTS: u32 = 10;

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Queued,
    Sending,
    /// To be tried again then.
    Waiting {
        until_ms: i64,
    },
    /// Refused; the sentence says why.
    Failed(String),
}

/// A message that is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Stays the same through every try.
    pub nonce: String,
    pub recipient: Recipient,
    pub content: String,
    /// Wall clock of the browser, for showing.
    pub created_ms: i64,
    pub attempts: u32,
    /// Those of the attempts that the server failed at.
    pub broken: u32,
    pub state: State,
}

/// What the driver has to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Post {
        nonce: String,
        recipient: Recipient,
        content: String,
    },
    /// Nothing before then; ask again at that time.
    Wait {
        until_ms: i64,
    },
}

/// The queue, in the order of sending.
#[derive(Debug, Default)]
pub struct Outbox {
    items: Vec<Item>,
}

impl Outbox {
    /// Starts from what was kept: what was on its way then is not known to have arrived.
    #[must_use]
    pub fn restore(items: Vec<Item>) -> Self {
        let queued = |item: Item| match item.state {
            State::Failed(_) => item,
            _ => Item { state: State::Queued, ..item },
        };
        Self { items: items.into_iter().map(queued).collect() }
    }

    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether leaving the page would lose a message: also one that failed, until the person decides.
    #[must_use]
    pub fn holds_unsent(&self) -> bool {
        !self.items.is_empty()
    }

    pub fn push(&mut self, nonce: String, recipient: Recipient, content: String, created_ms: i64) {
        self.items.push(Item { nonce, recipient, content, created_ms, attempts: 0, broken: 0, state: State::Queued });
    }

    /// What to do now: ask until it says [`Action::Wait`] or nothing. A message that it hands out counts as
    /// on its way until [`Outbox::answered`].
    pub fn next(&mut self, now_ms: i64) -> Option<Action> {
        let mut wait: Option<i64> = None;
        for at in 0..self.items.len() {
            let item = &self.items[at];
            let heads =
                !self.items[..at].iter().any(|i| i.recipient == item.recipient && !matches!(i.state, State::Failed(_)));
            match item.state {
                State::Waiting { until_ms } if heads && until_ms > now_ms => {
                    wait = Some(wait.map_or(until_ms, |w| w.min(until_ms)));
                }
                State::Queued | State::Waiting { .. } if heads => {
                    let item = &mut self.items[at];
                    item.state = State::Sending;
                    item.attempts += 1;
                    return Some(Action::Post {
                        nonce: item.nonce.clone(),
                        recipient: item.recipient.clone(),
                        content: item.content.clone(),
                    });
                }
                _ => {}
            }
        }
        wait.map(|until_ms| Action::Wait { until_ms })
    }

    /// A try was answered. `random` in 0..1 spreads the next one. Answers the message as it stands after
    /// that: [`State::Failed`] where it was refused, nothing where it is unknown here.
    pub fn answered(
        &mut self,
        nonce: &str,
        answer: Result<&Posted, Failure>,
        now_ms: i64,
        random: f64,
    ) -> Option<Item> {
        let at = self.items.iter().position(|i| i.nonce == nonce)?;
        let failure = match answer {
            Ok(posted) => {
                let item = self.items.remove(at);
                self.readdress(&item.recipient, posted.conversation_id);
                return Some(item);
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
            Failure::Broken(_) | Failure::Later { retry_after_ms: None } => {
                State::Waiting { until_ms: now_ms + backoff_ms(item.attempts.saturating_sub(1), random) }
            }
            Failure::Later { retry_after_ms: Some(after_ms) } => State::Waiting { until_ms: now_ms + after_ms },
        };
        Some(item.clone())
    }

    /// The connection is back: what waits is due now.
    pub fn hurry(&mut self) {
        for item in &mut self.items {
            if matches!(item.state, State::Waiting { .. }) {
                item.state = State::Queued;
            }
        }
    }

    /// The log shows the message: a try whose answer was lost had arrived. One that is on its way is left
    /// to its answer.
    pub fn echoed(&mut self, nonce: &str, conversation: ConversationId) {
        self.items.retain(|i| {
            i.nonce != nonce || i.state == State::Sending || i.recipient != Recipient::Conversation(conversation)
        });
    }

    /// Tries a failed message again, after those that were written since. Whether there is one.
    pub fn retry(&mut self, nonce: &str) -> bool {
        let Some(at) = self.failed(nonce) else { return false };
        let item = self.items.remove(at);
        self.items.push(Item { attempts: 0, broken: 0, state: State::Queued, ..item });
        true
    }

    /// Takes a failed message back.
    pub fn discard(&mut self, nonce: &str) -> Option<Item> {
        self.failed(nonce).map(|at| self.items.remove(at))
    }

    fn failed(&self, nonce: &str) -> Option<usize> {
        self.items.iter().position(|i| i.nonce == nonce && matches!(i.state, State::Failed(_)))
    }

    /// The first message to a name opened a conversation: those behind it go there.
    fn readdress(&mut self, from: &Recipient, to: ConversationId) {
        if matches!(from, Recipient::Name(_)) {
            for item in self.items.iter_mut().filter(|i| i.recipient == *from) {
                item.recipient = Recipient::Conversation(to);
            }
        }
    }
}
