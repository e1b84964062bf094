//! One message of the outbox.

use super::record::Record;
use crate::protocol::{ConversationId, Seq};
use crate::ui::live::Recipient;
use crate::ui::live::timeline::SendState;

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Queued,
    /// On its way from this tab.
    Sending,
    /// To be tried again then.
    Waiting {
        until_ms: i64,
    },
    /// Refused; the sentence says why.
    Failed(String),
}

/// Where a message is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On its way to the disk: not tried before it is there.
    Unwritten,
    Disk,
    /// In this tab only, as the disk did not take it.
    Memory,
}

/// A message that is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Stays the same through every try.
    pub nonce: String,
    pub recipient: Recipient,
    /// See [`Record::named`].
    pub named: Option<String>,
    pub content: String,
    /// Wall clock of the browser, for showing.
    pub created_ms: i64,
    /// See [`Record::reply_to`].
    pub reply_to: Option<Seq>,
    /// Tries of this tab.
    pub attempts: u32,
    /// Those of them that the server failed at.
    pub broken: u32,
    pub state: State,
    pub place: Place,
}

impl Item {
    pub(super) fn new(record: Record, place: Place) -> Self {
        let Record { nonce, recipient, named, content, created_ms, reply_to, failed } = record;
        let state = failed.map_or(State::Queued, State::Failed);
        Self { nonce, recipient, named, content, created_ms, reply_to, attempts: 0, broken: 0, state, place }
    }

    pub(super) fn record(&self) -> Record {
        Record {
            nonce: self.nonce.clone(),
            recipient: self.recipient.clone(),
            content: self.content.clone(),
            created_ms: self.created_ms,
            reply_to: self.reply_to,
            named: self.named.clone(),
            failed: None,
        }
    }

    /// Its name became this conversation.
    pub(super) fn move_to(&mut self, conversation: ConversationId) {
        let Recipient::Name(name) = std::mem::replace(&mut self.recipient, Recipient::Conversation(conversation))
        else {
            return;
        };
        self.named = Some(name);
    }

    /// The same message as the disk has it now: another tab may have failed it, or tried it again.
    pub(super) fn follow(self, record: Record) -> Self {
        let goes_on = record.failed.is_none() && !self.is_failed();
        let mut now = Self::new(record, Place::Disk);
        if let (Recipient::Conversation(_), Recipient::Name(_)) = (&self.recipient, &now.recipient) {
            // It was written to a name just before that opened its conversation: here it stays before what follows.
            now.recipient = self.recipient.clone();
            now.named = self.named.clone();
        }
        if goes_on { Self { attempts: self.attempts, broken: self.broken, state: self.state, ..now } } else { now }
    }

    #[must_use]
    pub fn is_failed(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }

    /// As it is shown: whether it is tried just now is no news to anybody.
    #[must_use]
    pub fn send_state(&self) -> SendState {
        match &self.state {
            State::Failed(reason) => SendState::Failed(reason.clone()),
            State::Queued | State::Sending | State::Waiting { .. } => SendState::Pending,
        }
    }

    /// From when on it may be tried; never, as it stands, when it is on its way anywhere.
    pub(super) fn due_ms(&self) -> Option<i64> {
        match (&self.state, self.place) {
            (State::Sending | State::Failed(_), _) | (_, Place::Unwritten) => None,
            (State::Queued, _) => Some(i64::MIN),
            (State::Waiting { until_ms }, _) => Some(*until_ms),
        }
    }
}
