//! What the inbox said since READY, laid over what is fetched: an answer that was read before carries no number of the
//! inbox that would tell.

use super::{Known, List, changes};
use crate::protocol::{ConversationId, ConversationSummary, EventBody, Mine, Sorted};

/// How the reader keeps a conversation by now; none, where it is not theirs any longer.
#[derive(Debug, Default)]
pub struct Told(Sorted<ConversationId, Option<Mine>>);

impl Told {
    /// READY says all there is to say, and answers that were asked for before it are dropped.
    pub fn clear(&mut self) {
        self.0 = Sorted::default();
    }

    /// What was fetched, as it is by now.
    #[must_use]
    pub fn over(&self, mut fetched: ConversationSummary) -> Option<ConversationSummary> {
        if let Some(told) = self.0.get(&fetched.conversation.id) {
            fetched.mine = (*told)?;
        }
        Some(fetched)
    }

    #[must_use]
    pub fn over_all(&self, fetched: List) -> List {
        fetched.into_iter().filter_map(|fetched| self.over(fetched)).collect()
    }
}

/// An event of the inbox. What is to be known of the conversation that it is about.
pub fn inbox(list: &mut List, told: &mut Told, body: EventBody, now_ms: i64) -> Option<(ConversationId, Known)> {
    match body {
        EventBody::ConversationCreate(conversation) => {
            let id = conversation.id;
            // As it was kept before they left, or as at first: its fetch tells.
            told.0.retain(|held, mine| *held != id || mine.is_some());
            Some((id, changes::created(list, conversation, now_ms)))
        }
        EventBody::MineUpdate(change) => {
            told.0.insert(change.id, Some(change.mine));
            Some((change.id, changes::kept(list, &change)))
        }
        EventBody::ConversationDelete(id) => {
            told.0.insert(id, None);
            changes::deleted(list, id);
            None
        }
        _ => None,
    }
}
