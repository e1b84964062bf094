//! Posting a message: the hot path, six short statements. All that may be refused is asked before the first write, so
//! that it needs no savepoint; but for the first message of two people, whose conversation is opened before.

use rusqlite::{OptionalExtension, params};

use super::events::append;
use super::writer::Writing;
use super::{conversations, mentions, messages, nonces};
use crate::protocol::{EventBody, Message, Seq, UserRef};
use crate::server::store::{NewMessage, PostedMessage, StoreError, Target, nonce_hash};

/// Takes the next number, if the author is a member; and brings their name along. A clock that was set back does not
/// sink a busy conversation in the list.
pub(super) const NUMBER: &str = "UPDATE conversations SET last_seq = last_seq + 1, active_ms = max(active_ms, ?3)
    WHERE id = ?1 AND NOT archived AND EXISTS
        (SELECT 1 FROM members WHERE conversation_id = ?1 AND user_id = ?2 AND left_seq IS NULL)
    RETURNING last_seq, (SELECT name FROM users WHERE id = ?2), (SELECT display_name FROM users WHERE id = ?2)";
pub(super) const READ: &str = "UPDATE members SET read_seq = ?3 WHERE conversation_id = ?1 AND user_id = ?2";

pub(super) fn post(writing: &mut Writing<'_>, new: NewMessage) -> Result<PostedMessage, StoreError> {
    let connection = writing.connection;
    // The one writer makes asking first as safe as `ON CONFLICT`.
    if let Some(claimed) = nonces::find(connection, new.author, &new.nonce)? {
        return original(writing, &new, &claimed);
    }
    let conversation = match new.target {
        Target::Conversation(id) => id,
        Target::User(other) => conversations::direct_open(writing, new.author, other, new.now_ms)?,
    };
    if let Some(reply_to) = new.reply_to {
        let access = conversations::access(connection, new.author, conversation)?.ok_or(StoreError::NotFound)?;
        if reply_to < access.floor || !messages::exists(connection, conversation, reply_to)? {
            return Err(StoreError::NotFound);
        }
    }
    let (seq, name, display) = connection
        .prepare_cached(NUMBER)?
        .query_row(params![conversation, new.author, new.now_ms], |row| {
            Ok((row.get::<_, Seq>(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?
        .ok_or(StoreError::NotFound)?;
    let hash = nonce_hash::hash(writing.nonce_key, conversation, &new);
    messages::insert(connection, &new, conversation, seq)?;
    mentions::enter(connection, conversation, seq, new.author, &new.called)?;
    nonces::claim(connection, &new, conversation, seq, hash)?;
    connection.prepare_cached(READ)?.execute(params![conversation, new.author, seq])?;
    let author = UserRef { id: new.author, name, display };
    let message = Message { reply_to: new.reply_to, ..Message::new(seq, author, new.content, new.nonce, new.now_ms) };
    append(writing, conversation, seq, new.author, EventBody::MessageCreate(message.clone()))?;
    Ok(PostedMessage { conversation, message, created: true })
}

/// Answers a nonce that was used before. Membership is not asked for: the author may have left since, and learns
/// nothing but what they posted themselves.
fn original(writing: &Writing<'_>, new: &NewMessage, claimed: &nonces::Claimed) -> Result<PostedMessage, StoreError> {
    let connection = writing.connection;
    let conversation = match new.target {
        Target::Conversation(id) => Some(id),
        Target::User(other) => conversations::direct_find(connection, new.author, other)?,
    };
    let same = conversation.is_some_and(|id| nonce_hash::hash(writing.nonce_key, id, new) == claimed.hash);
    if !same {
        return Err(StoreError::NonceReused);
    }
    let message = messages::one(connection, claimed.conversation, claimed.seq)?
        .ok_or_else(|| StoreError::Internal("a nonce stands for no message".into()))?;
    Ok(PostedMessage { conversation: claimed.conversation, message, created: false })
}
