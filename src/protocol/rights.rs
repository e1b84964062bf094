//! Who may do what to a conversation: one table, the same on both sides. The server asks it in the transaction that does
//! the thing; the page shows what it allows.
//!
//! What one may not see answers as missing; what one sees and may not do, as forbidden. A room that an operator made has
//! no manager, and is changed by nobody here.

use super::conversation::Conversation;
use super::conversation::ConversationKind::{self, Direct, Group, Room};
use super::ids::UserId;
use Role::{Manager, Member, Stranger};

/// What somebody is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Manager,
    Member,
    Stranger,
}

/// A conversation and somebody in it, as far as rights depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub kind: ConversationKind,
    pub role: Role,
    /// Whether anybody manages it.
    pub managed: bool,
    pub open: bool,
    pub archived: bool,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not theirs to see.
    Missing,
    Forbidden,
    /// Nothing changes in it any more.
    Archived,
}

impl Standing {
    #[must_use]
    pub fn new(conversation: &Conversation, user: UserId, is_member: bool) -> Self {
        let role = match is_member {
            true if conversation.manager == Some(user) => Manager,
            true => Member,
            false => Stranger,
        };
        let (kind, managed) = (conversation.kind, conversation.manager.is_some());
        Self { kind, role, managed, open: conversation.open, archived: conversation.archived }
    }

    /// Whether somebody who stands so may do it.
    pub fn check(&self, action: Action) -> Result<(), Refusal> {
        if self.role == Stranger && !(self.kind == Room && self.open && !self.archived) {
            return Err(Refusal::Missing);
        }
        if !action.is_for(self.kind, self.role, self.managed) {
            return Err(Refusal::Forbidden);
        }
        if self.archived && !matches!(action, Action::Archive | Action::Unarchive | Action::Leave) {
            return Err(Refusal::Archived);
        }
        Ok(())
    }
}

/// What is done to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Another title.
    Rename,
    /// Another topic.
    Topic,
    /// A room becomes open, or closed.
    Open,
    Archive,
    Unarchive,
    /// Other people come.
    Add,
    /// Somebody else goes.
    Remove,
    /// One goes oneself.
    Leave,
    /// One comes oneself.
    Join,
    /// A message is pinned, or no longer.
    Pin,
}

impl Action {
    pub const ALL: [Self; 10] = [
        Self::Rename,
        Self::Topic,
        Self::Open,
        Self::Archive,
        Self::Unarchive,
        Self::Add,
        Self::Remove,
        Self::Leave,
        Self::Join,
        Self::Pin,
    ];

    /// Who may, while the conversation is not archived.
    fn is_for(self, kind: ConversationKind, role: Role, managed: bool) -> bool {
        match (self, kind, role) {
            (Self::Pin, Direct, Member) => true,
            (_, Direct, _) => false,
            (Self::Join, Room, _) => true,
            (Self::Join, Group, _) | (_, _, Stranger) => false,
            (Self::Leave | Self::Add, _, _) => true,
            (Self::Rename | Self::Topic, Group, _) => true,
            (Self::Open, Group, _) => false,
            (Self::Pin, Group, _) => true,
            (Self::Pin, Room, Member) => !managed,
            (_, _, Manager) => true,
            (_, _, Member) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each action in the order of [`Action::ALL`]: `y`es, `f`orbidden, `a`rchived, `-` as if it were not there.
    fn row(standing: &Standing) -> String {
        let letter = |action| match standing.check(action) {
            Ok(()) => 'y',
            Err(Refusal::Forbidden) => 'f',
            Err(Refusal::Archived) => 'a',
            Err(Refusal::Missing) => '-',
        };
        Action::ALL.into_iter().map(letter).collect()
    }

    #[test]
    fn every_cell() {
        const YES: bool = true;
        const NO: bool = false;
        // (kind, role, managed, open, archived; Rename, Topic, Open, Archive, Unarchive, Add, Remove, Leave, Join, Pin)
        let table = [
            (Direct, Member, NO, NO, NO, "fffffffffy"),
            (Direct, Stranger, NO, NO, NO, "----------"),
            (Group, Manager, YES, NO, NO, "yyfyyyyyfy"),
            (Group, Manager, YES, NO, YES, "aafyyaayfa"),
            (Group, Member, YES, NO, NO, "yyfffyfyfy"),
            (Group, Member, YES, NO, YES, "aafffafyfa"),
            (Group, Stranger, YES, NO, NO, "----------"),
            (Group, Stranger, YES, NO, YES, "----------"),
            (Room, Manager, YES, NO, NO, "yyyyyyyyyy"),
            (Room, Manager, YES, NO, YES, "aaayyaayaa"),
            (Room, Manager, YES, YES, NO, "yyyyyyyyyy"),
            (Room, Manager, YES, YES, YES, "aaayyaayaa"),
            (Room, Member, YES, NO, NO, "fffffyfyyf"),
            (Room, Member, YES, NO, YES, "fffffafyaf"),
            (Room, Member, YES, YES, NO, "fffffyfyyf"),
            (Room, Member, YES, YES, YES, "fffffafyaf"),
            (Room, Member, NO, NO, NO, "fffffyfyyy"),
            (Room, Member, NO, YES, NO, "fffffyfyyy"),
            (Room, Stranger, YES, NO, NO, "----------"),
            (Room, Stranger, YES, NO, YES, "----------"),
            (Room, Stranger, YES, YES, NO, "ffffffffyf"),
            (Room, Stranger, YES, YES, YES, "----------"),
            (Room, Stranger, NO, NO, NO, "----------"),
            (Room, Stranger, NO, YES, NO, "ffffffffyf"),
        ];
        for (kind, role, managed, open, archived, expected) in table {
            let standing = Standing { kind, role, managed, open, archived };
            assert_eq!(row(&standing), expected, "{standing:?}");
        }
    }
}
