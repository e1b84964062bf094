//! What the store keeps of people beside what they say: their profiles and devices, and how they keep their
//! conversations. The part of [`Store`](super::Store)'s contract that is about them; the same promises hold.

use async_trait::async_trait;

use super::StoreError;
use crate::protocol::{
    Account, ConversationId, Density, Level, Mine, Seq, SessionEntry, SessionId, Theme, UserId, UserList, UserRef,
};

/// A name to show, and the form in which people are found by it: NFKC, case-folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    pub text: String,
    pub folded: String,
}

/// What of a user is to be changed; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// `Some(None)`: their name is shown again.
    pub display: Option<Option<Display>>,
    pub about: Option<Option<String>>,
    pub time_zone: Option<Option<String>>,
    pub presence_hidden: Option<bool>,
    pub theme: Option<Theme>,
    pub density: Option<Density>,
}

impl UserChange {
    /// The account as it is after the change.
    pub(super) fn of(&self, before: &Account) -> Account {
        let mut after = before.clone();
        if let Some(display) = &self.display {
            after.profile.display = display.as_ref().map(|display| display.text.clone());
        }
        if let Some(about) = &self.about {
            after.profile.about.clone_from(about);
        }
        if let Some(time_zone) = &self.time_zone {
            after.profile.time_zone.clone_from(time_zone);
        }
        after.presence_hidden = self.presence_hidden.unwrap_or(before.presence_hidden);
        after.preferences.theme = self.theme.unwrap_or(before.preferences.theme);
        after.preferences.density = self.density.unwrap_or(before.preferences.density);
        after
    }
}

/// What of how a member keeps a conversation is to be changed; what is none stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    pub level: Option<Level>,
    pub pinned: Option<bool>,
    pub marked: Option<bool>,
}

impl Keep {
    /// What was marked as unread was read.
    pub(super) const READ: Self = Self { level: None, pinned: None, marked: Some(false) };

    pub(super) fn of(self, before: Mine) -> Mine {
        Mine {
            level: self.level.unwrap_or(before.level),
            pinned: self.pinned.unwrap_or(before.pinned),
            marked: self.marked.unwrap_or(before.marked),
        }
    }
}

/// The range of the texts that begin with `prefix`: from it, up to and without this one.
pub(super) fn end_of(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

#[async_trait]
pub trait People: Send + Sync + 'static {
    /// Everything of a user. `None`: there is no such user.
    async fn account(&self, user: UserId) -> Result<Option<Account>, StoreError>;
    /// Those of them who hide their presence.
    async fn hiding(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let mut hiding = Vec::new();
        for user in users {
            hiding.extend(self.account(*user).await?.filter(|account| account.presence_hidden).map(|_| *user));
        }
        Ok(hiding)
    }
    /// Changes it, and answers how it is since. From then on every answer shows the display name.
    /// Errors: `NotFound`.
    async fn user_update(&self, user: UserId, change: UserChange) -> Result<Account, StoreError>;
    /// At most `limit` users after the user `after`: first those whose name begins with `prefix`, in the order of their
    /// names; then those whose display name does. `prefix`: NFKC, case-folded; empty: everybody.
    async fn user_list(&self, prefix: &str, after: Option<UserId>, limit: u32) -> Result<UserList, StoreError>;

    /// The living sessions of a user, the most recently used first, at most 100. None is marked as the one that asks.
    async fn session_list(&self, user: UserId, now_ms: i64) -> Result<Vec<SessionEntry>, StoreError>;
    /// Ends a session of this user. Whether there was one to end.
    async fn session_revoke(&self, user: UserId, session: SessionId) -> Result<bool, StoreError>;
    /// Ends every session of this user but one; answers those that ended.
    async fn sessions_revoke_others(&self, user: UserId, keep: SessionId) -> Result<Vec<SessionId>, StoreError>;

    /// Changes how a member keeps a conversation, and answers how they keep it since. Their inbox tells of it, if it is
    /// a change. `None`: not theirs to see.
    async fn mine_set(
        &self,
        user: UserId,
        conversation: ConversationId,
        change: Keep,
    ) -> Result<Option<Mine>, StoreError>;
    /// How far the first 100 members of a direct conversation or group have read; of a room it is not told. `None`: not
    /// theirs to see.
    async fn readers(
        &self,
        viewer: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Vec<(UserId, Seq)>>, StoreError>;

    /// Whether `user` hears from `other` in their direct conversation: who blocks leaves it, as their inbox says, and it
    /// is not opened for them; its log says nothing of that, and the other goes on as before. Who unblocks is in it
    /// again, with all that was written meanwhile, of which nothing is unread.
    /// Errors: `NotFound`; `Forbidden` (oneself); `LimitReached`.
    async fn block_set(&self, user: UserId, other: UserId, on: bool, now_ms: i64) -> Result<(), StoreError>;
    async fn is_blocked(&self, user: UserId, other: UserId) -> Result<bool, StoreError>;
    /// Whom this user has blocked, in order of id.
    async fn blocked(&self, user: UserId) -> Result<Vec<UserRef>, StoreError>;
}
