//! Changing messages, and what they said before.

use rusqlite::{Connection, params};

use super::writer::Writing;
use super::{conversations, events, mentions, messages, users};
use crate::protocol::limits::EDITS;
use crate::protocol::{ConversationId, Edit, EventBody, Message, Seq, UserId};
use crate::server::store::StoreError;
use crate::server::store::agreed::{MESSAGE_DELETE, reactions_text};
use crate::server::store::amend::{self, Amendment};

/// `active_ms` stays: no change of what was said brings a conversation to the top.
pub(super) const NUMBER: &str = "UPDATE conversations SET last_seq = ?2 WHERE id = ?1";
pub(super) const KEEP: &str = "INSERT INTO message_edits (conversation_id, seq, version, content, written_ms)
    VALUES (?1, ?2, ?3, ?4, ?5)";
pub(super) const WRITE: &str =
    "UPDATE messages SET version = ?3, content = ?4, reply_to = ?5, edited_ms = ?6, pinned = ?7,
    deleted = ?8, reactions = ?9 WHERE conversation_id = ?1 AND seq = ?2";
pub(super) const FORGET: &str = "DELETE FROM message_edits WHERE conversation_id = ?1 AND seq = ?2";
pub(super) const UNCREATE: &str = "UPDATE events SET kind = ?3 WHERE conversation_id = ?1 AND seq = ?2";
pub(super) const HISTORY: &str = "SELECT content, written_ms FROM message_edits
    WHERE conversation_id = ?1 AND seq = ?2 ORDER BY version DESC LIMIT ?3";

pub(super) fn amend(
    writing: &mut Writing<'_>,
    user: UserId,
    conversation: ConversationId,
    seq: Seq,
    amendment: &Amendment,
) -> Result<Message, StoreError> {
    let connection = writing.connection;
    let access = conversations::access(connection, user, conversation)?.ok_or(StoreError::NotFound)?;
    let message = messages::one(connection, conversation, seq)?.filter(|message| message.seq >= access.floor);
    let message = message.ok_or(StoreError::NotFound)?;
    if access.archived {
        return Err(StoreError::Archived);
    }
    let by = users::by_id(connection, user)?.ok_or(StoreError::NotFound)?;
    let next = access.last_seq.next();
    let Some(amended) = amend::decide(amendment, &by, &message, next)? else { return Ok(message) };
    connection.prepare_cached(NUMBER)?.execute(params![conversation, next])?;
    if amended.keeps_text {
        let written_ms = message.edited_ms.unwrap_or(message.created_ms);
        let kept = params![conversation, seq, message.version, message.content, written_ms];
        connection.prepare_cached(KEEP)?.execute(kept)?;
    }
    let now = &amended.message;
    connection.prepare_cached(WRITE)?.execute(params![
        conversation,
        seq,
        now.version,
        now.content,
        now.reply_to,
        now.edited_ms,
        now.pinned,
        now.deleted,
        reactions_text(&now.reactions),
    ])?;
    if let Amendment::Edit { called, .. } = amendment {
        mentions::forget(connection, conversation, seq)?;
        mentions::enter(connection, conversation, seq, user, called)?;
    }
    if let EventBody::MessageDelete(_) = amended.event {
        mentions::forget(connection, conversation, seq)?;
        connection.prepare_cached(FORGET)?.execute(params![conversation, seq])?;
        connection.prepare_cached(UNCREATE)?.execute(params![conversation, seq, MESSAGE_DELETE])?;
    }
    events::append(writing, conversation, next, user, amended.event)?;
    Ok(amended.message)
}

/// What a message said before, the oldest of the latest [`EDITS`] first; and what it says now.
pub(super) fn history(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
    seq: Seq,
) -> Result<Option<Vec<Edit>>, StoreError> {
    let Some(access) = conversations::access(connection, viewer, conversation)? else { return Ok(None) };
    let message = messages::one(connection, conversation, seq)?.filter(|message| message.seq >= access.floor);
    let Some(message) = message else { return Ok(None) };
    let edit = |row: &rusqlite::Row<'_>| Ok(Edit { content: row.get(0)?, written_ms: row.get(1)? });
    let mut statement = connection.prepare_cached(HISTORY)?;
    let mut edits = statement.query_map(params![conversation, seq, EDITS], edit)?.collect::<Result<Vec<_>, _>>()?;
    edits.reverse();
    edits.push(Edit::now(message));
    Ok(Some(edits))
}
