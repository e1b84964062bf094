//! What people do to a conversation as a whole, and who does it. Pure, the same for every back end.

use std::sync::Arc;

use super::StoreError;
use crate::protocol::limits::GROUP_MEMBERS;
use crate::protocol::rights::{Role, Standing};
use crate::protocol::{Conversation, ConversationKind, UserId};

/// A group or room that is made.
#[derive(Debug, Clone)]
pub struct NewConversation {
    pub kind: ConversationKind,
    /// A room has one.
    pub title: Option<String>,
    pub topic: Option<String>,
    /// A room that everybody finds and may join.
    pub open: bool,
    /// A room of which everyone is a member, later sign-ups too.
    pub everyone: bool,
    /// Manages it, and is a member; none for what an operator makes.
    pub creator: Option<UserId>,
    pub members: Vec<UserId>,
    /// The creator's own name for it, before it has a number.
    pub nonce: Option<String>,
    pub now_ms: i64,
}

impl NewConversation {
    /// The founding members; each may be named more than once.
    pub(super) fn founders(&self) -> Vec<UserId> {
        self.members.iter().copied().chain(self.creator).collect()
    }

    /// By what a creation that is sent again is known.
    pub(super) fn creation(&self) -> Option<String> {
        Some(format!("{}:{}", self.creator?, self.nonce.as_ref()?))
    }

    /// Errors: `LimitReached`.
    pub(super) fn check_count(&self, people: usize) -> Result<(), StoreError> {
        check_count(self.kind, people)
    }
}

/// What becomes of a conversation: what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationChange {
    /// `Some(None)` takes it away.
    pub title: Option<Option<String>>,
    pub topic: Option<Option<String>>,
    pub open: Option<bool>,
    pub archived: Option<bool>,
}

impl ConversationChange {
    pub(super) fn applied_to(&self, conversation: &Conversation) -> Conversation {
        let mut changed = conversation.clone();
        if let Some(title) = &self.title {
            changed.title.clone_from(title);
        }
        if let Some(topic) = &self.topic {
            changed.topic.clone_from(topic);
        }
        changed.open = self.open.unwrap_or(changed.open);
        changed.archived = self.archived.unwrap_or(changed.archived);
        changed
    }
}

/// Two people's own conversation stays what it is, whatever anybody permits.
pub(super) fn check(standing: &Standing, permit: &Permit) -> Result<(), StoreError> {
    match (standing.kind, standing.role) {
        (ConversationKind::Direct, Role::Stranger) => Err(StoreError::NotFound),
        (ConversationKind::Direct, _) => Err(StoreError::Forbidden),
        _ => permit(standing),
    }
}

/// Whether somebody may do it, asked in the transaction that does it: what changed meanwhile counts. Asked again where
/// the transaction is tried again.
///
/// Errors: `NotFound`, `Forbidden`, `Archived`.
pub type Permit = Arc<dyn Fn(&Standing) -> Result<(), StoreError> + Send + Sync>;

/// All members of a group are told with it, so there is an end to them.
///
/// Errors: `LimitReached`.
pub(super) fn check_count(kind: ConversationKind, people: usize) -> Result<(), StoreError> {
    match kind {
        ConversationKind::Group if people > GROUP_MEMBERS => Err(StoreError::LimitReached),
        _ => Ok(()),
    }
}

/// A title as the directory sorts and searches it. Every back end keeps it beside the title.
pub(super) fn folded(title: &str) -> String {
    title.to_lowercase()
}
