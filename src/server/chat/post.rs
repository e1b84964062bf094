//! Posting a message.

use uuid::Uuid;

use super::{Chat, called};
use crate::protocol::limits::NONCE_BYTES;
use crate::protocol::{ConversationId, ErrorCode, Posted, Seq, UserId, content};
use crate::server::auth::name;
use crate::server::clock::now_ms;
use crate::server::error::ServerError;
use crate::server::store::{NewMessage, StoreError, Target};

/// What a caller wants to post, as it came in.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// A user's id (all digits) or name; or else a conversation.
    pub target_id: Option<String>,
    pub conversation_id: Option<ConversationId>,
    pub content: String,
    /// The client's own name for the message; made here where it is missing.
    pub nonce: Option<String>,
    pub reply_to: Option<Seq>,
}

impl Chat {
    /// Checks and posts. Posting the same draft with the same nonce again answers the same message.
    pub async fn post(&self, author: UserId, draft: Draft) -> Result<Posted, ServerError> {
        self.limits.check_post(author)?;
        let content = checked_content(&draft.content)?;
        let nonce = nonce(draft.nonce)?;
        let target = self.target(draft.target_id, draft.conversation_id).await?;
        let reply_to = draft.reply_to;
        let called = called(&content);
        let message = NewMessage { author, target, content, called, nonce, reply_to, now_ms: now_ms() };
        let posted = match self.store.message_post(message).await {
            Err(StoreError::NotFound) => return Err(self.not_found(author, target, reply_to).await?),
            posted => posted?,
        };
        Ok(Posted { conversation_id: posted.conversation, seq: posted.message.seq, nonce: posted.message.nonce })
    }

    /// What it was that the store did not find: the target, or the message that this one answers.
    async fn not_found(
        &self,
        author: UserId,
        target: Target,
        reply_to: Option<Seq>,
    ) -> Result<ServerError, StoreError> {
        let (there, missing) = match target {
            Target::User(id) if self.store.is_blocked(author, id).await? => {
                let sentence = "You have blocked this person. Unblock them to write to them.";
                return Ok(ServerError::refused(ErrorCode::Blocked, sentence));
            }
            Target::User(id) => (self.store.user_by_id(id).await?.is_some(), unknown_target()),
            Target::Conversation(id) => {
                let sentence = "That conversation does not exist, or you are not in it.";
                let missing = ServerError::refused(ErrorCode::NotFound, sentence);
                let found = self.store.conversation(author, id).await?;
                if found.as_ref().is_some_and(|summary| summary.conversation.archived) {
                    return Ok(StoreError::Archived.into());
                }
                (found.is_some(), missing)
            }
        };
        if there && reply_to.is_some() {
            return Ok(ServerError::refused(ErrorCode::NotFound, "The message that this answers does not exist."));
        }
        Ok(missing)
    }

    async fn target(
        &self,
        target_id: Option<String>,
        conversation_id: Option<ConversationId>,
    ) -> Result<Target, ServerError> {
        let target_id = target_id.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        match (target_id, conversation_id) {
            (None, Some(id)) => Ok(Target::Conversation(id)),
            (Some(target), None) if target.bytes().all(|b| b.is_ascii_digit()) => {
                target.parse().map(Target::User).map_err(|_| unknown_target())
            }
            (Some(target), None) => {
                let user = self.store.user_by_name(&name::fold(&target)).await?;
                user.map(|user| Target::User(user.id)).ok_or_else(unknown_target)
            }
            (None, None) => Err(ServerError::refused(ErrorCode::BadRequest, "Say to whom: enter a name.")),
            (Some(_), Some(_)) => {
                Err(ServerError::refused(ErrorCode::BadRequest, "Give either target_id or conversation_id, not both."))
            }
        }
    }
}

fn unknown_target() -> ServerError {
    ServerError::refused(ErrorCode::UnknownTarget, "There is nobody with that name. Check the spelling.")
}

/// As it is stored; or why it cannot be.
pub(super) fn checked_content(content: &str) -> Result<String, ServerError> {
    let content = content::normalise(content);
    content::check(&content).map_err(|e| ServerError::refused(content_code(e), e.sentence()))?;
    Ok(content)
}

fn content_code(error: content::ContentError) -> ErrorCode {
    match error {
        content::ContentError::Blank => ErrorCode::ContentBlank,
        content::ContentError::TooLong => ErrorCode::ContentTooLong,
        content::ContentError::Control => ErrorCode::ContentControl,
    }
}

/// The given nonce, or a fresh one for a caller that does not retry.
pub(super) fn nonce(given: Option<String>) -> Result<String, ServerError> {
    match given.filter(|nonce| !nonce.is_empty()) {
        None => Ok(Uuid::now_v7().to_string()),
        Some(nonce) if nonce.len() <= NONCE_BYTES && nonce.bytes().all(|b| b.is_ascii_graphic()) => Ok(nonce),
        Some(_) => Err(ServerError::refused(
            ErrorCode::NonceInvalid,
            "A nonce is 1 to 64 printable ASCII characters without spaces.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces() {
        assert_eq!(nonce(Some("n-1".into())).unwrap(), "n-1");
        assert_eq!(nonce(Some(String::new())).unwrap().len(), 36, "an empty form field is no nonce");
        assert_ne!(nonce(None).unwrap(), nonce(None).unwrap());
        for bad in ["a b", "\u{e9}", "a\0", &"x".repeat(65)] {
            assert!(nonce(Some(bad.to_owned())).is_err(), "{bad:?}");
        }
    }
}
