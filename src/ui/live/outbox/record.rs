//! What of a message lies on the disk, where all tabs of its author share it, and how it may change there. Pure.
//!
//! Every change is one transaction: it reads what is there, and says from that what to write. So of two tabs that
//! want the same message one finds it as it was, and the other finds nothing to do.

use crate::protocol::{ConversationId, Seq};
use crate::ui::live::Recipient;

/// A message that is not acknowledged, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub nonce: String,
    pub recipient: Recipient,
    pub content: String,
    pub created_ms: i64,
    /// The message of the conversation that it answers.
    pub reply_to: Option<Seq>,
    /// The name that it was written to, where that became a conversation while it waited: so that what is written to
    /// the name after it stays behind it.
    pub named: Option<String>,
    /// Why it was refused: a sentence.
    pub failed: Option<String>,
}

/// Of the forms below. A page that finds another passes it over and leaves it where it is.
const FORM: &str = "1";
/// With one line more, for what it answers: behind the time.
const ANSWER: &str = "2";

impl Record {
    /// A line each: form, nonce, recipient (`c` and an id, with the name that it was written to, or `n` and a name), time, the sentence or nothing; then the
    /// content to the end. Lines, as a reader of JSON would be twenty times the size in every browser's download.
    #[must_use]
    pub fn encode(&self) -> String {
        let (kind, recipient) = match &self.recipient {
            Recipient::Conversation(id) => match &self.named {
                Some(name) => ('c', format!("{id} {}", one_line(name))),
                None => ('c', id.to_string()),
            },
            Recipient::Name(name) => ('n', one_line(name)),
        };
        let failed = self.failed.as_deref().map(one_line).unwrap_or_default();
        let (nonce, created_ms, content) = (&self.nonce, self.created_ms, &self.content);
        match self.reply_to {
            None => format!("{FORM}\n{nonce}\n{kind}{recipient}\n{created_ms}\n{failed}\n{content}"),
            Some(seq) => format!("{ANSWER}\n{nonce}\n{kind}{recipient}\n{created_ms}\n{seq}\n{failed}\n{content}"),
        }
    }

    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let (form, rest) = text.split_once('\n')?;
        let mut lines = match form {
            FORM => rest.splitn(5, '\n'),
            ANSWER => rest.splitn(6, '\n'),
            _ => return None,
        };
        let nonce = lines.next()?.to_owned();
        let recipient = lines.next()?;
        let (recipient, named) = match recipient.strip_prefix('c') {
            Some(id) => {
                let (id, named) = id.split_once(' ').map_or((id, None), |(id, name)| (id, Some(name.to_owned())));
                (Recipient::Conversation(id.parse().ok()?), named)
            }
            None => (Recipient::Name(recipient.strip_prefix('n')?.to_owned()), None),
        };
        let created_ms = lines.next()?.parse().ok()?;
        let reply_to = if form == ANSWER { Some(lines.next()?.parse().ok()?) } else { None };
        let failed = lines.next().filter(|failed| !failed.is_empty()).map(str::to_owned);
        Some(Self { nonce, recipient, named, created_ms, reply_to, failed, content: lines.next()?.to_owned() })
    }
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}

/// A record in its place: keys only grow, and are the order of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub key: i64,
    pub record: Record,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Written; behind all that is there. Where its name became a conversation, what lies there for the name goes to that,
    /// too: it was on its way to the disk at that moment, and stays ahead.
    Add(Record),
    /// Acknowledged: it goes, and what waits for the same name goes to the conversation that it opened.
    Sent { nonce: String, recipient: Recipient, conversation: ConversationId },
    /// Refused.
    Fail { nonce: String, reason: String },
    /// A failed one is tried again, behind those that were written since.
    Retry { nonce: String },
    /// A failed one is taken back.
    Discard { nonce: String },
    /// The user signed out.
    Clear,
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
            Self::Add(record) => {
                let name = match (&record.recipient, &record.named) {
                    (Recipient::Name(name), _) => name,
                    (Recipient::Conversation(id), Some(name)) => {
                        let name = Recipient::Name(name.clone());
                        let ahead = moves(kept.iter(), &name, *id);
                        return ahead.chain([Edit::Add(record.clone())]).collect();
                    }
                    (Recipient::Conversation(_), None) => return vec![Edit::Add(record.clone())],
                };
                let ahead = kept.iter().find(|k| k.record.named.as_ref() == Some(name));
                let record = ahead.map_or_else(
                    || record.clone(),
                    |k| Record { recipient: k.record.recipient.clone(), named: Some(name.clone()), ..record.clone() },
                );
                vec![Edit::Add(record)]
            }
            Self::Sent { nonce, recipient, conversation } => {
                let gone = find(nonce).map(|k| Edit::Delete(k.key));
                let behind = kept.iter().filter(|k| k.record.nonce != *nonce);
                gone.into_iter().chain(moves(behind, recipient, *conversation)).collect()
            }
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
            Self::Clear => kept.iter().map(|k| Edit::Delete(k.key)).collect(),
            Self::Discard { nonce } => failed(nonce).map(|k| Edit::Delete(k.key)).into_iter().collect(),
        }
    }
}

/// Those for a name, sent to its conversation instead, each in its place.
fn moves<'a>(kept: impl Iterator<Item = &'a Kept>, from: &Recipient, to: ConversationId) -> impl Iterator<Item = Edit> {
    let named = matches!(from, Recipient::Name(_));
    kept.filter(move |k| named && k.record.recipient == *from).map(move |k| {
        let named = if let Recipient::Name(name) = from { Some(name.clone()) } else { None };
        let recipient = Recipient::Conversation(to);
        Edit::Put(Kept { key: k.key, record: Record { recipient, named, ..k.record.clone() } })
    })
}
