//! What of a message lies on the disk, where all tabs of its author share it, and how it may change there. Pure.
//!
//! Every change is one transaction: it reads what is there, and says from that what to write. So of two tabs that
//! want the same message one finds it as it was, and the other finds nothing to do.

use serde::{Deserialize, Serialize};

use crate::protocol::ConversationId;
use crate::ui::live::Recipient;

/// A message that is not acknowledged, as it is written down. What a later version adds is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub nonce: String,
    pub recipient: Recipient,
    pub content: String,
    pub created_ms: i64,
    /// Why it was refused: a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Record {
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers can always be written as JSON")
    }

    /// None for what no version up to this one wrote: it is left where it is.
    #[must_use]
    pub fn decode(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

/// A record in its place: keys only grow, and are the order of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub key: i64,
    pub record: Record,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Written; behind all that is there.
    Add(Record),
    /// Acknowledged: it goes, and what waits for the same name goes to the conversation that it opened.
    Sent { nonce: String, recipient: Recipient, conversation: ConversationId },
    /// What waits for this name goes to its conversation.
    Move { recipient: Recipient, conversation: ConversationId },
    /// Refused.
    Fail { nonce: String, reason: String },
    /// A failed one is tried again, behind those that were written since.
    Retry { nonce: String },
    /// A failed one is taken back.
    Discard { nonce: String },
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Under the next key.
    Add(Record),
    Put(Kept),
    Delete(i64),
}

impl Change {
    /// What this change comes to where `kept` is there; nothing where another tab was first.
    #[must_use]
    pub fn edits(&self, kept: &[Kept]) -> Vec<Edit> {
        let find = |nonce: &str| kept.iter().find(|k| k.record.nonce == nonce);
        let failed = |nonce: &str| find(nonce).filter(|k| k.record.failed.is_some());
        match self {
            Self::Add(record) if find(&record.nonce).is_some() => Vec::new(),
            Self::Add(record) => vec![Edit::Add(record.clone())],
            Self::Sent { nonce, recipient, conversation } => {
                let gone = find(nonce).map(|k| Edit::Delete(k.key));
                let behind = kept.iter().filter(|k| k.record.nonce != *nonce);
                gone.into_iter().chain(moves(behind, recipient, *conversation)).collect()
            }
            Self::Move { recipient, conversation } => moves(kept.iter(), recipient, *conversation).collect(),
            Self::Fail { nonce, reason } => find(nonce)
                .filter(|k| k.record.failed.is_none())
                .map(|k| {
                    let failed = Some(reason.clone());
                    Edit::Put(Kept { key: k.key, record: Record { failed, ..k.record.clone() } })
                })
                .into_iter()
                .collect(),
            Self::Retry { nonce } => failed(nonce).map_or_else(Vec::new, |k| {
                vec![Edit::Delete(k.key), Edit::Add(Record { failed: None, ..k.record.clone() })]
            }),
            Self::Discard { nonce } => failed(nonce).map(|k| Edit::Delete(k.key)).into_iter().collect(),
        }
    }
}

/// Those for a name, sent to its conversation instead, each in its place.
fn moves<'a>(kept: impl Iterator<Item = &'a Kept>, from: &Recipient, to: ConversationId) -> impl Iterator<Item = Edit> {
    let named = matches!(from, Recipient::Name(_));
    kept.filter(move |k| named && k.record.recipient == *from).map(move |k| {
        let recipient = Recipient::Conversation(to);
        Edit::Put(Kept { key: k.key, record: Record { recipient, ..k.record.clone() } })
    })
}
