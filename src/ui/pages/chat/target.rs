//! What the address asks for, and how it is fetched.

use serde::{Deserialize, Serialize};

use crate::api::{ApiError, conversation, message_list};
use crate::protocol::{ConversationId, ConversationSummary, ErrorCode, Seq, SharedPage};
use crate::ui::address::Address;
use crate::ui::routes;
use crate::ui::text;

/// The address of the pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// `/c`: the list alone.
    List,
    /// `/c?to=NAME`: a new chat; the name may be empty.
    Start(String),
    /// `/c/{conversation}`, or a page of it before a message, or the place of a message in it.
    Conversation { id: ConversationId, before: Option<Seq>, at: Option<Seq> },
    /// `/c/new`: a new group or room.
    New,
    /// `/c/rooms?q=QUERY&from=ROOM`: open rooms with the text in their title, after a room.
    Rooms { query: String, from: Option<ConversationId> },
    /// What is behind `/c/` is no conversation's id.
    Nothing,
}

impl Target {
    #[must_use]
    pub fn read(address: &Address) -> Self {
        match routes::conversation(address.path()).filter(|id| !id.is_empty()) {
            Some("new") if address.path() == "/c/new" => Self::New,
            Some("rooms") if address.path() == "/c/rooms" => {
                let query = address.query("q").unwrap_or_default();
                Self::Rooms { query, from: address.query("from").and_then(|id| id.parse().ok()) }
            }
            Some(id) => match id.parse() {
                Ok(id) => {
                    let at = routes::message(address.path());
                    let before = address.query("before").and_then(|seq| seq.parse().ok()).filter(|_| at.is_none());
                    Self::Conversation { id, before, at }
                }
                Err(_) => Self::Nothing,
            },
            None => address.query("to").map_or(Self::List, |to| Self::Start(to.trim().to_owned())),
        }
    }

    /// Whether the pane shows one of the chat's parts.
    #[must_use]
    pub fn is_part(&self) -> bool {
        match self {
            Self::Start(_) | Self::New | Self::Rooms { .. } => true,
            Self::Conversation { before, .. } => before.is_some(),
            Self::List | Self::Nothing => false,
        }
    }

    /// The message to be shown in its place.
    #[must_use]
    pub fn message(&self) -> Option<Seq> {
        if let Self::Conversation { at, .. } = self { *at } else { None }
    }

    #[must_use]
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Conversation { id, .. } => Some(*id),
            Self::List | Self::Start(_) | Self::New | Self::Rooms { .. } | Self::Nothing => None,
        }
    }
}

/// A conversation as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub summary: ConversationSummary,
    pub page: SharedPage,
}

impl Opened {
    /// Up to which message it was read, where something after it is unread. Not in the middle of it.
    #[must_use]
    pub fn new_after(&self) -> Option<Seq> {
        (self.summary.unread > 0 && !self.page.newer).then_some(self.summary.read_seq)
    }
}

/// Fetches what `target` shows; nothing for those that show no conversation. `known` spares a request.
pub(super) async fn load(target: Target, known: Option<ConversationSummary>) -> Result<Option<Opened>, ApiError> {
    match target {
        Target::List | Target::Start(_) | Target::New | Target::Rooms { .. } => Ok(None),
        Target::Nothing => Err(no_such_conversation()),
        Target::Conversation { id, before, at } => {
            let summary = match known {
                Some(summary) => summary,
                None => conversation(id).await?,
            };
            let page = message_list(id, before, None, at, None).await?.into();
            Ok(Some(Opened { summary, page }))
        }
    }
}

/// What an address with no conversation in it shows.
#[must_use]
pub fn no_such_conversation() -> ApiError {
    ApiError::new(ErrorCode::NotFound, text::NO_SUCH_CONVERSATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let conversation = |id, before: Option<i64>| Target::Conversation {
            id: ConversationId(id),
            before: before.map(Seq),
            at: None,
        };
        let message = |id, at| Target::Conversation { id: ConversationId(id), before: None, at: Some(Seq(at)) };
        let cases = [
            ("/c", "", Target::List),
            ("/c/", "", Target::List),
            ("/c", "to=", Target::Start(String::new())),
            ("/c", "to=+ada+", Target::Start("ada".to_owned())),
            ("/c/42", "", conversation(42, None)),
            ("/c/42", "to=ada", conversation(42, None)),
            ("/c/42", "before=7", conversation(42, Some(7))),
            ("/c/42", "before=x", conversation(42, None)),
            ("/c/42/7", "", message(42, 7)),
            ("/c/42/7", "before=9", message(42, 7)),
            ("/c/x/7", "", Target::Nothing),
            ("/c/x", "", Target::Nothing),
            ("/c/42/details", "", conversation(42, None)),
            ("/c/new", "", Target::New),
            ("/c/new/details", "", Target::Nothing),
            ("/c/rooms", "", Target::Rooms { query: String::new(), from: None }),
            ("/c/rooms", "q=t+e&from=7", Target::Rooms { query: "t e".into(), from: Some(ConversationId(7)) }),
        ];
        for (path, query, expected) in cases {
            assert_eq!(Target::read(&Address::new(path, query)), expected, "{path}?{query}");
        }
    }
}
