//! Own messages, from the composer to their place in the log.
//!
//! The acknowledgement and the echo come in any order, and a page may hold either's news: one row remains.

use super::{Pending, Timeline};
use crate::protocol::{Message, Posted, Seq};

impl Timeline {
    /// Shows an own message that is on its way; one that is held already is not shown twice.
    pub fn pend(&mut self, pending: Pending) {
        let own = |m: &Message| m.author.id == pending.author.id && m.nonce == pending.nonce;
        if !self.pending.iter().any(|p| p.nonce == pending.nonce) && !self.messages.values().any(own) {
            self.pending.push(pending);
        }
    }

    /// Shows these own messages as not sent, in this order, and no others.
    pub fn set_pending(&mut self, pending: impl IntoIterator<Item = Pending>) {
        self.pending.clear();
        for pending in pending {
            self.pend(pending);
        }
    }

    /// The store acknowledged a message: it takes its place in the log, whether or not its echo has come.
    pub fn sent(&mut self, posted: &Posted) {
        let Some(at) = self.pending.iter().position(|p| p.nonce == posted.nonce) else { return };
        let pending = self.pending.remove(at);
        // Within the stretch it is held already, or it was deleted since.
        // Beyond a stretch that ends earlier it would leave a hole before it.
        let beyond = self.until.is_none() && (self.stale || posted.seq > self.as_of);
        if Some(posted.conversation_id) == self.conversation && beyond {
            self.messages.or_insert(
                posted.seq,
                Message {
                    // Before every version of the log: the echo, or a page, brings the store's own words.
                    version: Seq::ZERO,
                    reply_to: pending.reply_to,
                    ..Message::new(posted.seq, pending.author, pending.content, pending.nonce, pending.created_ms)
                },
            );
        }
    }

    /// An own message is taken back.
    pub fn discard(&mut self, nonce: &str) {
        self.pending.retain(|p| p.nonce != nonce);
    }
}
