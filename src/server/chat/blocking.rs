//! Hearing no more from somebody. What it means for their conversation is the store's: see `People::block_set`.

use super::Chat;
use crate::protocol::{BlockList, ErrorCode, UserId, UserRef};
use crate::server::clock::now_ms;
use crate::server::error::ServerError;
use crate::server::store::StoreError;

impl Chat {
    /// Blocks somebody (`on`), or hears from them again; their other devices follow by their inbox. Answers who it is.
    pub async fn block(&self, viewer: UserId, user: UserId, on: bool) -> Result<UserRef, ServerError> {
        self.limits.check_settings(viewer)?;
        let explained = |error| match error {
            StoreError::Forbidden => {
                ServerError::refused(ErrorCode::BadRequest, "That is you: nobody can block themselves.")
            }
            StoreError::LimitReached => {
                ServerError::refused(ErrorCode::LimitReached, "You have blocked 1,000 people: unblock somebody first.")
            }
            error => error.into(),
        };
        self.store.block_set(viewer, user, on, now_ms()).await.map_err(explained)?;
        self.store.user_by_id(user).await?.ok_or_else(|| StoreError::NotFound.into())
    }

    pub async fn blocked(&self, viewer: UserId) -> Result<BlockList, ServerError> {
        Ok(BlockList { users: self.store.blocked(viewer).await? })
    }

    pub async fn is_blocked(&self, viewer: UserId, user: UserId) -> Result<bool, ServerError> {
        Ok(self.store.is_blocked(viewer, user).await?)
    }
}
