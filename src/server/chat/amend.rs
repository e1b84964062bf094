//! Changing messages: editing, deleting, reacting, pinning; and what they said before.

use super::manage::explained;
use super::post::checked_content;
use super::read::no_conversation;
use super::{Chat, called, rights};
use crate::protocol::limits::LIST_MAX;
use crate::protocol::rights::{Action, Standing};
use crate::protocol::{
    ConversationId, EditList, ErrorCode, Message, MessageList, ReactionList, Reactors, Seq, UserId, emoji,
};
use crate::server::clock::now_ms;
use crate::server::error::ServerError;
use crate::server::store::{Amendment, Page, StoreError};

/// People of one emoji that are named.
const NAMED: usize = 100;

impl Chat {
    /// Gives one's own message another text. What it said before stays in its history.
    pub async fn edit(
        &self,
        author: UserId,
        conversation: ConversationId,
        seq: Seq,
        content: &str,
    ) -> Result<Message, ServerError> {
        let content = checked_content(content)?;
        let called = called(&content);
        self.amend(author, conversation, seq, Amendment::Edit { content, called, now_ms: now_ms() }).await
    }

    /// Takes one's own message away, for everybody and for good.
    pub async fn delete(&self, author: UserId, conversation: ConversationId, seq: Seq) -> Result<Message, ServerError> {
        self.amend(author, conversation, seq, Amendment::Delete).await
    }

    /// Adds a reaction (`on`) or takes it back.
    pub async fn react(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        emoji: &str,
        on: bool,
    ) -> Result<Message, ServerError> {
        let emoji = emoji.trim();
        if !emoji::is_emoji(emoji) {
            return Err(ServerError::refused(ErrorCode::EmojiInvalid, "React with one emoji."));
        }
        self.amend(user, conversation, seq, Amendment::React { emoji: emoji.to_owned(), on }).await
    }

    pub async fn pin(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        on: bool,
    ) -> Result<Message, ServerError> {
        if let Some(summary) = self.store.conversation(user, conversation).await? {
            let standing = Standing::new(&summary.conversation, user, true);
            rights::check(Action::Pin, &standing).map_err(explained)?;
        }
        self.amend(user, conversation, seq, Amendment::Pin { on }).await
    }

    /// A change is told to everybody, as a message is: it counts as one.
    async fn amend(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        amendment: Amendment,
    ) -> Result<Message, ServerError> {
        self.limits.check_post(user)?;
        match self.store.message_amend(user, conversation, seq, amendment).await {
            Err(StoreError::NotFound) => Err(no_message()),
            amended => Ok(amended?),
        }
    }

    /// All that a message said, the oldest first.
    pub async fn history(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<EditList, ServerError> {
        let edits = self.store.message_history(viewer, conversation, seq).await?.ok_or_else(no_message)?;
        Ok(EditList { edits })
    }

    /// The pinned messages before `before`, in ascending seq.
    pub async fn pinned(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        before: Option<Seq>,
        limit: Option<u32>,
    ) -> Result<MessageList, ServerError> {
        let limit = limit.unwrap_or(LIST_MAX).clamp(1, LIST_MAX);
        self.store.message_pinned(viewer, conversation, before, limit).await?.ok_or_else(no_conversation)
    }

    /// Who reacted to a message, by emoji; the first [`NAMED`] of each.
    pub async fn reactors(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<ReactionList, ServerError> {
        let page = self.store.message_list(viewer, conversation, Page::Around(seq), 1).await?;
        let message = page.into_iter().flat_map(|page| page.messages).find(|message| message.seq == seq);
        let message = message.ok_or_else(no_message)?;
        let mut reactions = Vec::with_capacity(message.reactions.len());
        for reaction in message.reactions {
            let count = i64::try_from(reaction.users.len()).unwrap_or(i64::MAX);
            let named = &reaction.users[..reaction.users.len().min(NAMED)];
            let users = self.store.users_by_id(named).await?;
            reactions.push(Reactors { emoji: reaction.emoji, count, users });
        }
        Ok(ReactionList { reactions })
    }
}

/// Alike for what does not exist and for what is not theirs.
fn no_message() -> ServerError {
    ServerError::refused(ErrorCode::NotFound, "That message does not exist, or you are not in its conversation.")
}
