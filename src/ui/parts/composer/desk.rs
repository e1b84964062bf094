//! What a composer starts from.

use crate::api::FormFailure;
use crate::protocol::{ConversationId, UserId};

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
    /// The desk of a conversation, or of a new chat. Takes the failure if it belongs there: it is said once, as what
    /// was typed is the reader's from then on.
    #[must_use]
    pub fn of(
        nonce: String,
        me: UserId,
        conversation: Option<ConversationId>,
        failure: &mut Option<FormFailure>,
    ) -> Self {
        let failure = failure.take_if(|failure| {
            let from = failure.typed("conversation_id").and_then(|id| id.parse().ok());
            from == conversation
        });
        Self { as_user: me, nonce, conversation, failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    fn failure(conversation: &str) -> Option<FormFailure> {
        let fields = [("conversation_id", conversation), ("content", "typed")];
        Some(FormFailure {
            action: "message-post".to_owned(),
            code: ErrorCode::ContentTooLong,
            message: "That is too long.".to_owned(),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }

    fn desk(conversation: Option<i64>, failure: &mut Option<FormFailure>) -> ComposerDesk {
        ComposerDesk::of(String::new(), UserId(1), conversation.map(ConversationId), failure)
    }

    #[test]
    fn a_failure_is_said_once_and_where_it_belongs() {
        for (from, here, elsewhere) in [("7", Some(7), None), ("", None, Some(7)), ("x", None, Some(7))] {
            let mut failure = failure(from);
            assert_eq!(desk(elsewhere, &mut failure).failure, None, "{from:?} elsewhere");
            assert!(desk(here, &mut failure).failure.is_some(), "{from:?}");
            assert_eq!(desk(here, &mut failure).failure, None, "{from:?} again");
        }
    }
}
