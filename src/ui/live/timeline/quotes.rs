//! What messages answer: out of the stretch where it is held, and else beside it.

use super::{Quote, QuotedMessage, Timeline};
use crate::protocol::{Message, Seq};

impl Timeline {
    /// What is answered by what is held, older than that, and not known: to be fetched. Each once.
    #[must_use]
    pub fn unquoted(&self) -> Vec<Seq> {
        let answered = self.messages.values().filter_map(|message| message.reply_to);
        let mut unknown: Vec<Seq> =
            answered.filter(|seq| *seq < self.begins && !self.quoted.contains_key(seq)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// Takes in a message that is answered, read when the log stood at `as_of`. Says whether it did: one that was read
    /// before a change that is known already is to be asked for anew.
    pub fn quote(&mut self, message: Message, as_of: Seq) -> bool {
        if as_of < self.changed || self.stale {
            return false;
        }
        self.quoted.insert(message.seq, message);
        true
    }

    /// What a page brings along.
    pub(super) fn quotes(&mut self, quoted: Vec<Message>) {
        self.quoted.extend(quoted.into_iter().map(|message| (message.seq, message)));
    }

    /// A message changed: so does what quotes it.
    pub(super) fn requote(&mut self, message: &Message) {
        if let Some(quoted) = self.quoted.get_mut(&message.seq).filter(|quoted| quoted.version < message.version) {
            quoted.clone_from(message);
        }
    }

    /// What an answer to `seq` shows of it.
    pub(super) fn quote_of(&self, seq: Seq) -> Quote {
        let message = self.messages.get(&seq).or_else(|| self.quoted.get(&seq)).map(|message| QuotedMessage {
            author: message.author.clone(),
            content: message.content.clone(),
            deleted: message.deleted,
        });
        Quote { seq, message }
    }
}
