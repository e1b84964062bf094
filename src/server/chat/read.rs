//! Reading: lists, pages of messages, pieces of a log, read marks.

use serde_json::value::RawValue;

use super::Chat;
use crate::protocol::frame::{ReadUpdate, ServerFrame};
use crate::protocol::limits::{LIST_MAX, PAGE_MESSAGES};
use crate::protocol::{
    ConversationId, ConversationKind, ConversationList, ConversationSummary, ErrorCode, EventList, MessageList, Seq,
    UserId,
};
use crate::server::auth::name::fold;
use crate::server::bus::{BusBody, BusMessage, Topic};
use crate::server::chatters::Frame;
use crate::server::error::ServerError;
use crate::server::store::{ChatPage, Page};

impl Chat {
    /// A page of messages; the latest [`PAGE_MESSAGES`] where nothing else is asked for.
    pub async fn messages(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        page: Page,
        limit: Option<u32>,
    ) -> Result<MessageList, ServerError> {
        let limit = limit.unwrap_or(PAGE_MESSAGES).clamp(1, LIST_MAX);
        self.store.message_list(viewer, conversation, page, limit).await?.ok_or_else(no_conversation)
    }

    /// Events after a cursor, in the form of their frames.
    pub async fn events(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Seq,
        limit: Option<u32>,
    ) -> Result<EventList, ServerError> {
        let limit = limit.unwrap_or(LIST_MAX).clamp(1, LIST_MAX);
        let page = self.store.event_list(viewer, conversation, after, limit).await?.ok_or_else(no_conversation)?;
        let events = page.events.iter().map(|event| RawValue::from_string(event.encode())).collect::<Result<_, _>>();
        let events = events.map_err(|error| ServerError::Internal(format!("an event's frame is not JSON: {error}")))?;
        Ok(EventList { events, as_of: page.as_of, more: page.more })
    }

    /// The viewer's conversations, the most recently active first.
    pub async fn conversations(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Option<u32>,
    ) -> Result<ConversationList, ServerError> {
        let limit = limit.unwrap_or(LIST_MAX).clamp(1, LIST_MAX);
        Ok(self.store.conversation_list(viewer, after, limit).await?)
    }

    /// What the chat page shows, in one read: the list after `after`, and a page of the conversation `open`.
    pub async fn page(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        open: Option<(ConversationId, Page)>,
    ) -> Result<ChatPage, ServerError> {
        Ok(self.store.chat_page(viewer, after, LIST_MAX, open, PAGE_MESSAGES).await?)
    }

    /// The viewer's direct conversation with who has this name, where there is one that is theirs to see.
    pub async fn direct_with(&self, viewer: UserId, name: &str) -> Result<Option<ConversationId>, ServerError> {
        let Some(other) = self.store.user_by_name(&fold(name)).await? else { return Ok(None) };
        let Some(id) = self.store.direct_find(viewer, other.id).await? else { return Ok(None) };
        Ok(self.store.conversation(viewer, id).await?.map(|_| id))
    }

    /// One conversation as the viewer sees it.
    pub async fn conversation(&self, viewer: UserId, id: ConversationId) -> Result<ConversationSummary, ServerError> {
        self.store.conversation(viewer, id).await?.ok_or_else(no_conversation)
    }

    /// Moves the viewer's read mark forward, and tells their other devices and, in a direct conversation or a
    /// group, the others. A lost telling is repaired by the next READY.
    pub async fn read(&self, viewer: UserId, conversation: ConversationId, seq: Seq) -> Result<(), ServerError> {
        let summary = self.conversation(viewer, conversation).await?;
        let mark = self.store.read_mark(viewer, conversation, seq).await?.ok_or_else(no_conversation)?;
        if mark <= summary.read_seq {
            return Ok(());
        }
        let topic = match summary.conversation.kind {
            ConversationKind::Direct | ConversationKind::Group => Topic::Conversation(conversation),
            ConversationKind::Room => Topic::User(viewer),
        };
        let update = ServerFrame::ReadUpdate(ReadUpdate { conversation, user: viewer, read_seq: mark });
        let message = BusMessage { topic, body: BusBody::State(Frame::from(update.encode())) };
        if let Err(error) = self.bus.publish(message).await {
            // Not louder: while the bus is away this is so of each of them. READY repeats it.
            tracing::debug!(%error, "a read mark was saved and not told to other nodes");
        }
        Ok(())
    }
}

/// Alike for what does not exist and for what is not theirs.
pub fn no_conversation() -> ServerError {
    ServerError::refused(ErrorCode::NotFound, "That conversation does not exist, or you are not in it.")
}
