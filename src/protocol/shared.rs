//! What many pages are made of: held once, and written as JSON once.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{ConversationList, MessageList};

/// A page of messages.
pub type SharedPage = Shared<MessageList>;

/// A list of conversations.
pub type SharedList = Shared<ConversationList>;

/// Reads and writes as what it holds. Clones share it.
pub struct Shared<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    /// Without a `<`: it may stand in a page's script as it is.
    json: OnceLock<Box<RawValue>>,
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone> Shared<T> {
    /// The value for oneself, without a copy where nobody shares it.
    #[must_use]
    pub fn into_inner(self) -> T {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.value.clone(), |inner| inner.value)
    }
}

impl SharedPage {
    /// What it takes in memory, about: in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        // The text twice, as the JSON has it too; and what is beside it.
        let of = |message: &super::Message| {
            let reactors = message.reactions.iter().map(|reaction| reaction.users.len() * 16 + 80).sum::<usize>();
            2 * (message.content.len() + message.nonce.len() + message.author.name.len()) + reactors + 300
        };
        self.messages.iter().chain(&self.quoted).map(of).sum::<usize>() + 200
    }
}

impl SharedList {
    /// What it takes in memory, about: in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let of = |summary: &super::ConversationSummary| {
            let conversation = &summary.conversation;
            let members = conversation.members.iter().map(|member| member.name.len() + 60).sum::<usize>();
            let title = conversation.title.as_ref().map_or(0, String::len);
            let preview = summary.preview.as_ref().map_or(0, |preview| preview.text.len() + preview.author.name.len());
            2 * (members + title + preview) + 500
        };
        self.conversations.iter().map(of).sum::<usize>() + 200
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(Inner { value, json: OnceLock::new() }))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.value == other.0.value
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let write = || {
            let json = serde_json::to_string(&self.0.value).expect("plain structs are JSON");
            // Only a text can hold one, and there it may be written so.
            RawValue::from_string(json.replace('<', "\\u003c")).expect("it is JSON still")
        };
        self.0.json.get_or_init(write).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Message, Seq, UserId, UserRef};

    #[test]
    fn it_reads_and_writes_as_what_it_holds() {
        let author = UserRef::new(UserId(2), "ben");
        let message = Message::new(Seq(1), author, "<b> \"quoted\"\n".into(), "n".into(), 5);
        let list = MessageList { messages: vec![message], quoted: Vec::new(), as_of: Seq(1), more: true, newer: false };
        let page = SharedPage::from(list.clone());
        for page in [page.clone(), page.clone()] {
            let json = serde_json::to_string(&page).unwrap();
            assert!(!json.contains('<'), "{json}");
            assert_eq!(serde_json::from_str::<MessageList>(&json).unwrap(), list);
        }
        assert_eq!(serde_json::from_str::<SharedPage>(&serde_json::to_string(&page).unwrap()).unwrap(), page);
        assert_eq!((page.clone().into_inner(), page.into_inner()), (list.clone(), list), "shared, and alone");
    }
}
