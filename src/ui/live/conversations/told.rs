//! What the inbox said since READY, laid over what is fetched: an answer that was read before carries no number of the
//! inbox that would tell.

use super::{Known, List, changes};
use crate::protocol::{ConversationId, EventBody, Mine};

/// How the reader keeps a conversation by now; none, where it is not theirs any longer. Each is in it once.
#[derive(Debug, Default)]
pub struct Told(Vec<(ConversationId, Option<Mine>)>);

impl Told {
    /// READY says all there is to say, and answers that were asked for before it are dropped.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What was fetched becomes what it is by now.
    pub fn over(&self, fetched: &mut List) {
        fetched.retain_mut(|fetched| match self.0.iter().find(|(id, _)| *id == fetched.conversation.id) {
            Some((_, Some(mine))) => {
                fetched.mine = *mine;
                true
            }
            told => told.is_none(),
        });
    }

    fn tell(&mut self, id: ConversationId, mine: Option<Mine>) {
        self.0.retain(|(held, _)| *held != id);
        self.0.push((id, mine));
    }
}

/// An event of the inbox. What is to be known of the conversation that it is about.
pub fn inbox(list: &mut List, told: &mut Told, body: EventBody, now_ms: i64) -> Option<(ConversationId, Known)> {
    match body {
        EventBody::ConversationCreate(conversation) => {
            let id = conversation.id;
            // As it was kept before they left, or as at first: its fetch tells.
            told.0.retain(|(held, mine)| *held != id || mine.is_some());
            Some((id, changes::created(list, conversation, now_ms)))
        }
        EventBody::MineUpdate(change) => {
            told.tell(change.id, Some(change.mine));
            Some((change.id, changes::kept(list, &change)))
        }
        EventBody::ConversationDelete(id) => {
            told.tell(id, None);
            changes::deleted(list, id);
            None
        }
        _ => None,
    }
}
