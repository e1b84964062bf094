//! What the fake store knows of people: who hides since they are connected, and nothing else.

use async_trait::async_trait;

use super::{FakeStore, not_here};
use chatter::protocol::{Account, ConversationId, Mine, Seq, SessionEntry, SessionId, UserId, UserList, UserRef};
use chatter::server::store::{Keep, People, StoreError, UserChange};

#[async_trait]
impl People for FakeStore {
    async fn account(&self, _: UserId) -> Result<Option<Account>, StoreError> {
        Ok(None)
    }
    async fn hiding(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        Ok(users.iter().copied().filter(|user| state.hiding.contains(user)).collect())
    }
    async fn user_update(&self, _: UserId, _: UserChange) -> Result<Account, StoreError> {
        not_here()
    }
    async fn user_list(&self, _: &str, _: Option<UserId>, _: u32) -> Result<UserList, StoreError> {
        not_here()
    }
    async fn session_list(&self, _: UserId, _: i64) -> Result<Vec<SessionEntry>, StoreError> {
        not_here()
    }
    async fn session_revoke(&self, _: UserId, _: SessionId) -> Result<bool, StoreError> {
        not_here()
    }
    async fn sessions_revoke_others(&self, _: UserId, _: SessionId) -> Result<Vec<SessionId>, StoreError> {
        not_here()
    }
    async fn mine_set(&self, _: UserId, _: ConversationId, _: Keep) -> Result<Option<Mine>, StoreError> {
        not_here()
    }
    async fn readers(&self, _: UserId, _: ConversationId) -> Result<Option<Vec<(UserId, Seq)>>, StoreError> {
        not_here()
    }
    async fn block_set(&self, _: UserId, _: UserId, _: bool, _: i64) -> Result<(), StoreError> {
        not_here()
    }
    async fn is_blocked(&self, _: UserId, _: UserId) -> Result<bool, StoreError> {
        not_here()
    }
    async fn blocked(&self, _: UserId) -> Result<Vec<UserRef>, StoreError> {
        not_here()
    }
}
