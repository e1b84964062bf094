//! How a member keeps a conversation, and how far the others have read it.

use super::{Chat, no_conversation};
use crate::protocol::{ConversationId, Mine, ReaderList, UserId};
use crate::server::error::ServerError;
use crate::server::store::Keep;

impl Chat {
    /// Changes how the viewer keeps a conversation; their other devices follow by their inbox.
    pub async fn keep(&self, viewer: UserId, conversation: ConversationId, change: Keep) -> Result<Mine, ServerError> {
        self.limits.check_settings(viewer)?;
        self.store.mine_set(viewer, conversation, change).await?.ok_or_else(no_conversation)
    }

    /// How far each member of a direct conversation or group has read. What changes since comes as READ_UPDATE.
    pub async fn readers(&self, viewer: UserId, conversation: ConversationId) -> Result<ReaderList, ServerError> {
        let readers = self.store.readers(viewer, conversation).await?.ok_or_else(no_conversation)?;
        Ok(ReaderList { readers })
    }
}
