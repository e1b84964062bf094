//! A page of messages that many readers are shown: held once, and written as JSON once.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::MessageList;

/// Reads and writes as its [`MessageList`]. Clones share it.
#[derive(Clone)]
pub struct SharedPage(Arc<Inner>);

struct Inner {
    list: MessageList,
    json: OnceLock<Box<RawValue>>,
}

impl SharedPage {
    /// The list for oneself, without a copy where nobody shares it.
    #[must_use]
    pub fn into_list(self) -> MessageList {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.list.clone(), |inner| inner.list)
    }

    /// What it takes in memory, about: in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        // The text twice, as the JSON has it too; and what is beside it.
        let of = |message: &super::Message| {
            2 * (message.content.len() + message.nonce.len() + message.author.name.len()) + 300
        };
        self.messages.iter().map(of).sum::<usize>() + 200
    }
}

impl From<MessageList> for SharedPage {
    fn from(list: MessageList) -> Self {
        Self(Arc::new(Inner { list, json: OnceLock::new() }))
    }
}

impl Deref for SharedPage {
    type Target = MessageList;

    fn deref(&self) -> &MessageList {
        &self.0.list
    }
}

impl fmt::Debug for SharedPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.list.fmt(f)
    }
}

impl PartialEq for SharedPage {
    fn eq(&self, other: &Self) -> bool {
        self.0.list == other.0.list
    }
}

impl Eq for SharedPage {}

impl Serialize for SharedPage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json =
            self.0.json.get_or_init(|| serde_json::value::to_raw_value(&self.0.list).expect("plain structs are JSON"));
        json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SharedPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MessageList::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Message, Seq, UserId, UserRef};

    #[test]
    fn it_reads_and_writes_as_its_list() {
        let message = Message {
            seq: Seq(1),
            version: Seq(1),
            author: UserRef { id: UserId(2), name: "ben".into() },
            content: "<b> \"quoted\"\n".into(),
            created_ms: 5,
            nonce: "n".into(),
            reply_to: None,
        };
        let list = MessageList { messages: vec![message], as_of: Seq(1), more: true };
        let page = SharedPage::from(list.clone());
        for page in [page.clone(), page.clone()] {
            assert_eq!(serde_json::to_string(&page).unwrap(), serde_json::to_string(&list).unwrap());
        }
        assert_eq!(serde_json::from_str::<SharedPage>(&serde_json::to_string(&page).unwrap()).unwrap(), page);
        assert_eq!((page.clone().into_list(), page.into_list()), (list.clone(), list), "shared, and alone");
    }
}
