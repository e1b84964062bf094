//! The logs: appending to them, and reading them back as things stand now.

#[cfg(test)]
mod tests;

use rusqlite::{Connection, Row, params};

use super::conversations;
use super::writer::Writing;
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{Conversation, ConversationId, Event, EventBody, Message, Seq, Stream, UserId, UserRef};
use crate::server::store::agreed::{
    CONVERSATION_CREATE, CONVERSATION_DELETE, MEMBER_ADD, MEMBER_REMOVE, MESSAGE_CREATE, MESSAGE_DELETE, MESSAGE_UPDATE,
};
use crate::server::store::{EventPage, StoreError};

pub(super) const APPEND: &str =
    "INSERT INTO events (conversation_id, seq, kind, message_seq, user_id) VALUES (?1, ?2, ?3, ?4, ?5)";
// What is deleted is entered under the message's author, as everything about it is.
pub(super) const APPEND_DELETE: &str = "INSERT INTO events (conversation_id, seq, kind, message_seq, user_id)
    SELECT ?1, ?2, ?3, ?4, user_id FROM events WHERE conversation_id = ?1 AND seq = ?4 AND kind = ?5";
pub(super) const INBOX_NUMBER: &str = "UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = ?1 RETURNING inbox_seq";
pub(super) const APPEND_INBOX: &str =
    "INSERT INTO inbox_events (user_id, seq, kind, conversation_id) VALUES (?1, ?2, ?3, ?4)";
pub(super) const AFTER: &str =
    "SELECT e.seq, e.kind, u.id, u.name, m.seq, m.version, m.content, m.created_ms, m.nonce, m.reply_to,
    e.message_seq FROM events e
    JOIN users u ON u.id = e.user_id
    LEFT JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.message_seq
    WHERE e.conversation_id = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3";
pub(super) const INBOX_AFTER: &str = "SELECT seq, kind, conversation_id FROM inbox_events
    WHERE user_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
pub(super) const LAST: &str = "SELECT last_seq FROM conversations WHERE id = ?1";
pub(super) const INBOX_LAST: &str = "SELECT inbox_seq FROM users WHERE id = ?1";

/// Enters an event under the number that the caller took.
pub(super) fn append(
    writing: &mut Writing<'_>,
    conversation: ConversationId,
    seq: Seq,
    body: EventBody,
) -> Result<(), StoreError> {
    let (kind, message_seq, user) = match &body {
        EventBody::MessageCreate(message) => (MESSAGE_CREATE, Some(message.seq), message.author.id),
        EventBody::MessageUpdate(message) => (MESSAGE_UPDATE, Some(message.seq), message.author.id),
        EventBody::MemberAdd(user) => (MEMBER_ADD, None, user.id),
        EventBody::MemberRemove(user) => (MEMBER_REMOVE, None, user.id),
        EventBody::MessageDelete(gone) => {
            let values = params![conversation, seq, MESSAGE_DELETE, gone, MESSAGE_CREATE];
            if writing.connection.prepare_cached(APPEND_DELETE)?.execute(values)? == 0 {
                return Err(StoreError::NotFound);
            }
            writing.events.push(Event { stream: Stream::Conversation(conversation), seq, body });
            return Ok(());
        }
        EventBody::ConversationCreate(_) | EventBody::ConversationDelete(_) | EventBody::Unknown(_) => {
            return Err(StoreError::Internal("no event of a conversation's log".into()));
        }
    };
    writing.connection.prepare_cached(APPEND)?.execute(params![conversation, seq, kind, message_seq, user])?;
    writing.events.push(Event { stream: Stream::Conversation(conversation), seq, body });
    Ok(())
}

/// Takes the next number of the user's inbox and enters an event under it.
pub(super) fn append_inbox(writing: &mut Writing<'_>, user: UserId, body: EventBody) -> Result<(), StoreError> {
    let (kind, conversation) = match &body {
        EventBody::ConversationCreate(conversation) => (CONVERSATION_CREATE, conversation.id),
        EventBody::ConversationDelete(id) => (CONVERSATION_DELETE, *id),
        EventBody::MessageCreate(_)
        | EventBody::MessageUpdate(_)
        | EventBody::MessageDelete(_)
        | EventBody::MemberAdd(_)
        | EventBody::MemberRemove(_)
        | EventBody::Unknown(_) => {
            return Err(StoreError::Internal("no event of an inbox".into()));
        }
    };
    let seq: Seq = writing.connection.prepare_cached(INBOX_NUMBER)?.query_row([user], |row| row.get(0))?;
    writing.connection.prepare_cached(APPEND_INBOX)?.execute(params![user, seq, kind, conversation])?;
    writing.events.push(Event { stream: Stream::Inbox(user), seq, body });
    Ok(())
}

/// Where a log stands; 0 for one that does not exist.
pub(super) fn last_seq(connection: &Connection, stream: Stream) -> Result<Seq, StoreError> {
    let (sql, id) = match stream {
        Stream::Conversation(id) => (LAST, id.0),
        Stream::Inbox(user) => (INBOX_LAST, user.0),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or_default())
}

/// At most `limit` events after `after`.
pub(super) fn after(connection: &Connection, stream: Stream, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
    match stream {
        Stream::Conversation(id) => {
            let mut statement = connection.prepare_cached(AFTER)?;
            let events = statement.query_map(params![id, after, limit], |row| event(row, stream))?;
            Ok(events.collect::<Result<_, _>>()?)
        }
        Stream::Inbox(user) => inbox_after(connection, user, after, limit),
    }
}

/// A member's page of a conversation's log.
pub(super) fn list(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
    after_seq: Seq,
    limit: u32,
) -> Result<Option<EventPage>, StoreError> {
    let Some(access) = conversations::access(connection, viewer, conversation)? else { return Ok(None) };
    let start = after_seq.max(Seq(access.floor.0 - 1)).max(Seq::ZERO);
    let events = after(connection, Stream::Conversation(conversation), start, limit.min(LIST_MAX))?;
    // The log has no holes, so its last number tells whether there is more.
    let more = events.last().map_or(start, |event| event.seq) < access.last_seq;
    Ok(Some(EventPage { events, as_of: access.last_seq, more }))
}

fn event(row: &Row<'_>, stream: Stream) -> rusqlite::Result<Event> {
    let user = UserRef { id: row.get(2)?, name: row.get(3)? };
    let body = match row.get(1)? {
        kind @ (MESSAGE_CREATE | MESSAGE_UPDATE) => match row.get(4)? {
            Some(seq) => {
                let message = Message {
                    seq,
                    version: row.get(5)?,
                    author: user,
                    content: row.get(6)?,
                    created_ms: row.get(7)?,
                    nonce: row.get(8)?,
                    reply_to: row.get(9)?,
                };
                if kind == MESSAGE_CREATE {
                    EventBody::MessageCreate(message)
                } else {
                    EventBody::MessageUpdate(message)
                }
            }
            // It was deleted since.
            None => EventBody::MessageDelete(row.get(10)?),
        },
        MESSAGE_DELETE => EventBody::MessageDelete(row.get(10)?),
        MEMBER_ADD => EventBody::MemberAdd(user),
        MEMBER_REMOVE => EventBody::MemberRemove(user),
        kind => return Err(rusqlite::Error::IntegralValueOutOfRange(1, kind)),
    };
    Ok(Event { stream, seq: row.get(0)?, body })
}

fn inbox_after(connection: &Connection, user: UserId, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
    let mut statement = connection.prepare_cached(INBOX_AFTER)?;
    let rows = statement
        .query_map(params![user, after, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<(Seq, i64, ConversationId)>, _>>()?;
    let mut events = Vec::with_capacity(rows.len());
    for (seq, kind, conversation) in rows {
        let body = match (kind, theirs(connection, user, conversation)?) {
            (CONVERSATION_CREATE, Some(conversation)) => EventBody::ConversationCreate(conversation),
            // What they have left since is not theirs to see: the entry then says how things stand now.
            _ => EventBody::ConversationDelete(conversation),
        };
        events.push(Event { stream: Stream::Inbox(user), seq, body });
    }
    Ok(events)
}

fn theirs(
    connection: &Connection,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<Conversation>, StoreError> {
    match conversations::access(connection, user, conversation)? {
        Some(_) => conversations::load(connection, conversation),
        None => Ok(None),
    }
}
