//! Making groups and rooms, and changing what they are.

use super::post::nonce;
use super::rights::permit;
use super::{Chat, no_conversation};
use crate::protocol::rights::Action;
use crate::protocol::{Conversation, ConversationId, ConversationKind, ErrorCode, UserId, title};
use crate::server::clock::now_ms;
use crate::server::error::ServerError;
use crate::server::store::{ConversationChange, NewConversation, StoreError};

/// A group or room that somebody wants, as it came in.
#[derive(Debug, Clone)]
pub struct Creation {
    pub kind: ConversationKind,
    pub title: String,
    pub topic: String,
    pub open: bool,
    /// Names or ids, with commas or spaces between.
    pub members: String,
    /// The client's own name for it: sent again with it, it is made once.
    pub nonce: Option<String>,
}

/// What somebody wants to change, as it came in; an empty text takes away what it was.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub title: Option<String>,
    pub topic: Option<String>,
    pub open: Option<bool>,
    pub archived: Option<bool>,
}

impl Chat {
    /// Makes a group or a room, which `creator` manages.
    pub async fn create(&self, creator: UserId, creation: Creation) -> Result<Conversation, ServerError> {
        self.limits.check_conversation(creator)?;
        let kind = creation.kind;
        let (title, topic) = (title(&creation.title)?, topic(&creation.topic)?);
        match (kind, &title) {
            (ConversationKind::Direct, _) => {
                let sentence = "A direct conversation begins with its first message: write to somebody.";
                return Err(ServerError::refused(ErrorCode::BadRequest, sentence));
            }
            (ConversationKind::Room, None) => return Err(nameless()),
            _ => {}
        }
        let members: Vec<UserId> = self.people(&creation.members).await?;
        if kind == ConversationKind::Group && members.iter().all(|member| *member == creator) {
            let sentence = "Say who belongs to the group: enter at least one name.";
            return Err(ServerError::refused(ErrorCode::BadRequest, sentence));
        }
        let open = kind == ConversationKind::Room && creation.open;
        let (creator, everyone) = (Some(creator), false);
        let nonce = Some(nonce(creation.nonce)?);
        let new = NewConversation { kind, title, topic, open, everyone, creator, members, nonce, now_ms: now_ms() };
        self.store.conversation_create(new).await.map_err(explained)
    }

    /// Changes what a group or room is. Nothing happens where it is so already.
    pub async fn update(
        &self,
        user: UserId,
        conversation: ConversationId,
        changes: Changes,
    ) -> Result<Conversation, ServerError> {
        self.limits.check_change(user)?;
        let mut actions = Vec::new();
        let mut change = ConversationChange::default();
        if let Some(text) = changes.title {
            actions.push(Action::Rename);
            change.title = Some(title(&text)?);
        }
        if let Some(text) = changes.topic {
            actions.push(Action::Topic);
            change.topic = Some(topic(&text)?);
        }
        if let Some(open) = changes.open {
            actions.push(Action::Open);
            change.open = Some(open);
        }
        if let Some(archived) = changes.archived {
            actions.push(if archived { Action::Archive } else { Action::Unarchive });
            change.archived = Some(archived);
        }
        if actions.is_empty() {
            return Err(ServerError::refused(ErrorCode::BadRequest, "Say what is to be changed."));
        }
        if change.title == Some(None) {
            let summary = self.conversation(user, conversation).await?;
            if summary.conversation.kind == ConversationKind::Room {
                return Err(nameless());
            }
        }
        self.store.conversation_update(user, conversation, change, permit(actions)).await.map_err(explained)
    }
}

fn title(text: &str) -> Result<Option<String>, ServerError> {
    title::title(text).map_err(|error| ServerError::refused(ErrorCode::TitleInvalid, error.of_title()))
}

fn topic(text: &str) -> Result<Option<String>, ServerError> {
    title::topic(text).map_err(|error| ServerError::refused(ErrorCode::TopicInvalid, error.of_topic()))
}

fn nameless() -> ServerError {
    ServerError::refused(ErrorCode::TitleInvalid, "A room has a name: enter one.")
}

/// What the store refuses of a conversation, in words about it.
pub(super) fn explained(error: StoreError) -> ServerError {
    match error {
        StoreError::NotFound => no_conversation(),
        StoreError::Forbidden => {
            let sentence = "You cannot do that here: it is for whoever manages the conversation.";
            ServerError::refused(ErrorCode::Forbidden, sentence)
        }
        StoreError::LimitReached => {
            let sentence = "A group has at most 250 members. Make a room for more people.";
            ServerError::refused(ErrorCode::LimitReached, sentence)
        }
        error => error.into(),
    }
}
