//! Whom one can mention in a conversation.

use leptos::prelude::*;

use crate::protocol::{ConversationId, ConversationKind, ConversationSummary, UserId, UserRef};
use crate::ui::live::Live;

/// Whom one can mention here.
#[derive(Clone, Copy)]
pub(in crate::ui::parts::composer) struct People {
    pub(super) live: Live,
    pub(super) conversation: Option<ConversationId>,
}

impl People {
    pub(in crate::ui::parts::composer) fn new(live: Live, conversation: Option<ConversationId>) -> Self {
        Self { live, conversation }
    }

    /// Of this beginning, as far as the page knows: the members, and who wrote what it shows.
    pub(super) fn known(self, typed: &str) -> Vec<UserRef> {
        let Self { live, .. } = self;
        let mut known: Vec<UserRef> = Vec::new();
        let here = |all: &Vec<ConversationSummary>| {
            let here = all.iter().map(|c| &c.conversation).find(|c| Some(c.id) == self.conversation)?;
            known.extend(here.members.iter().cloned());
            Some(here.kind)
        };
        let kind = live.conversations.with_untracked(here);
        live.timeline.with_untracked(|timeline| self.add(&mut known, timeline.people().cloned()));
        if kind.is_some_and(|kind| kind != ConversationKind::Direct) {
            known.push(UserRef::new(UserId(0), "all"));
        }
        let (me, typed) = (live.me.with_value(|me| me.id), typed.to_lowercase());
        let begins = |text: &str| text.to_lowercase().starts_with(&typed);
        known.retain(|user| user.id != me && (begins(&user.name) || begins(user.shown())));
        known
    }

    /// Whether there may be others: a room does not list its members.
    pub(super) fn may_be_more(self) -> bool {
        let is_room = |c: &ConversationSummary| {
            Some(c.conversation.id) == self.conversation && c.conversation.kind == ConversationKind::Room
        };
        self.live.conversations.with_untracked(|all| all.iter().any(is_room))
    }

    /// Puts others behind, each once.
    pub(super) fn add(self, known: &mut Vec<UserRef>, others: impl Iterator<Item = UserRef>) {
        let me = self.live.me.with_value(|me| me.id);
        for other in others {
            if other.id != me && known.iter().all(|known| known.id != other.id) {
                known.push(other);
            }
        }
    }
}
