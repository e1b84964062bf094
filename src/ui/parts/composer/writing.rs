//! What a composer starts from, and what outlives it while the page lives: drafts by recipient.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::api::{FormFailure, PageContext};
use crate::protocol::{ConversationId, UserId};
use crate::ui::app::failure_of;

/// What the form carries and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposerDesk {
    pub as_user: UserId,
    pub nonce: String,
    /// None for a new chat.
    pub conversation: Option<ConversationId>,
    pub failure: Option<FormFailure>,
}

impl ComposerDesk {
    /// The desk of a conversation, or of a new chat; a failure belongs to the one that it came from.
    #[must_use]
    pub fn of(page: &PageContext, me: UserId, conversation: Option<ConversationId>) -> Self {
        let failure = failure_of(page, "message-post").filter(|failure| {
            let from = failure.typed("conversation_id").filter(|id| !id.is_empty());
            from == conversation.map(|id| id.to_string())
        });
        Self { as_user: me, nonce: page.nonce.clone(), conversation, failure }
    }

    pub(super) fn draft_key(&self) -> String {
        self.conversation.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// Shared by the page's composers.
#[derive(Clone, Copy)]
pub struct Writing {
    /// Text that goes into the composer before what is there: a failed message taken back.
    pub(super) put: RwSignal<Option<String>>,
    drafts: StoredValue<HashMap<String, String>>,
    focus: StoredValue<bool>,
}

impl Writing {
    #[must_use]
    pub fn provide() -> Self {
        let writing =
            Self { put: RwSignal::new(None), drafts: StoredValue::new(HashMap::new()), focus: StoredValue::new(false) };
        provide_context(writing);
        writing
    }

    pub fn put(&self, text: String) {
        self.put.set(Some(text));
    }

    /// The next composer that appears takes the focus.
    pub fn focus_next(&self) {
        self.focus.set_value(true);
    }

    pub(super) fn takes_focus(&self) -> bool {
        let takes = self.focus.get_value();
        self.focus.set_value(false);
        takes
    }

    pub(super) fn draft(&self, key: &str) -> String {
        self.drafts.with_value(|drafts| drafts.get(key).cloned()).unwrap_or_default()
    }

    pub(super) fn keep(&self, key: &str, text: String) {
        self.drafts.update_value(|drafts| {
            if text.is_empty() {
                drafts.remove(key);
            } else {
                drafts.insert(key.to_owned(), text);
            }
        });
    }
}
