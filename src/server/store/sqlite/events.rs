//! The logs: appending to them, and reading them back as things stand now.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::conversations;
use super::messages::{message_at, message_columns};
use super::users::user_at;
use super::writer::Writing;
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, Event, EventBody, MineChange, Seq, Stream, UserId};
use crate::server::store::agreed::{
    CONVERSATION_CREATE, CONVERSATION_DELETE, CONVERSATION_UPDATE, MEMBER_ADD, MEMBER_REMOVE, MESSAGE_CREATE,
    MESSAGE_DELETE, MESSAGE_UPDATE, MINE_UPDATE, REACTION_ADD, REACTION_REMOVE,
};
use crate::server::store::{EventPage, StoreError};

pub(super) const APPEND: &str =
    "INSERT INTO events (conversation_id, seq, kind, message_seq, user_id) VALUES (?1, ?2, ?3, ?4, ?5)";
pub(super) const INBOX_NUMBER: &str = "UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = ?1 RETURNING inbox_seq";
pub(super) const APPEND_INBOX: &str =
    "INSERT INTO inbox_events (user_id, seq, kind, conversation_id, edge_seq) VALUES (?1, ?2, ?3, ?4, ?5)";
pub(super) const AFTER: &str = concat!(
    "SELECT e.seq, e.kind, u.id, u.name, u.display_name, ",
    message_columns!(),
    " FROM events e JOIN users u ON u.id = e.user_id
    LEFT JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.message_seq
    LEFT JOIN users a ON a.id = m.author_id
    WHERE e.conversation_id = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3"
);
pub(super) const INBOX_AFTER: &str = "SELECT seq, kind, conversation_id FROM inbox_events
    WHERE user_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
/// Where it was not noted, the row of the member says where the last membership begins, or the one that is over ended: so,
/// too, of an entry that is read as the leaving which has come since.
pub(super) const EDGE: &str =
    "SELECT CASE WHEN e.edge_seq > 0 THEN e.edge_seq WHEN e.kind = 1 THEN max(m.joined_seq, 1)
        ELSE coalesce(m.left_seq, 0) END
    FROM inbox_events e JOIN members m ON m.conversation_id = e.conversation_id AND m.user_id = e.user_id
    WHERE e.user_id = ?1 AND e.seq = ?2";
/// Where it was not noted, nothing is theirs for sure.
pub(super) const END: &str = "SELECT e.edge_seq
    FROM inbox_events b JOIN inbox_events e ON e.user_id = b.user_id AND e.conversation_id = b.conversation_id
    WHERE b.user_id = ?1 AND b.seq = ?2 AND b.kind = 1 AND e.kind = 2 AND e.seq > b.seq ORDER BY e.seq LIMIT 1";
pub(super) const LAST: &str = "SELECT last_seq FROM conversations WHERE id = ?1";
pub(super) const INBOX_LAST: &str = "SELECT inbox_seq FROM users WHERE id = ?1";

/// Enters an event under the number that the caller took. `user`: who did it, or who joined or left.
pub(super) fn append(
    writing: &mut Writing<'_>,
    conversation: ConversationId,
    seq: Seq,
    user: UserId,
    body: EventBody,
) -> Result<(), StoreError> {
    let (kind, message_seq) = match &body {
        EventBody::MessageCreate(message) => (MESSAGE_CREATE, Some(message.seq)),
        EventBody::MessageUpdate(message) => (MESSAGE_UPDATE, Some(message.seq)),
        EventBody::MessageDelete(message) => (MESSAGE_DELETE, Some(message.seq)),
        EventBody::ReactionAdd(change) => (REACTION_ADD, Some(change.seq)),
        EventBody::ReactionRemove(change) => (REACTION_REMOVE, Some(change.seq)),
        EventBody::MemberAdd(_) => (MEMBER_ADD, None),
        EventBody::MemberRemove(_) => (MEMBER_REMOVE, None),
        EventBody::ConversationUpdate(_) => (CONVERSATION_UPDATE, None),
        EventBody::ConversationCreate(_)
        | EventBody::ConversationDelete(_)
        | EventBody::MineUpdate(_)
        | EventBody::Unknown(_) => {
            return Err(StoreError::Internal("no event of a conversation's log".into()));
        }
    };
    writing.connection.prepare_cached(APPEND)?.execute(params![conversation, seq, kind, message_seq, user])?;
    writing.events.push(Event { stream: Stream::Conversation(conversation), seq, body });
    Ok(())
}

/// Takes the next number of the user's inbox and enters an event under it. `edge`: the first number of the conversation's
/// log that is theirs by it, or the last; else 0.
pub(super) fn append_inbox(
    writing: &mut Writing<'_>,
    user: UserId,
    body: EventBody,
    edge: Seq,
) -> Result<(), StoreError> {
    let (kind, conversation) = match &body {
        EventBody::ConversationCreate(conversation) => (CONVERSATION_CREATE, conversation.id),
        EventBody::ConversationDelete(id) => (CONVERSATION_DELETE, *id),
        EventBody::MineUpdate(change) => (MINE_UPDATE, change.id),
        EventBody::MessageCreate(_)
        | EventBody::MessageUpdate(_)
        | EventBody::MessageDelete(_)
        | EventBody::ReactionAdd(_)
        | EventBody::ReactionRemove(_)
        | EventBody::ConversationUpdate(_)
        | EventBody::MemberAdd(_)
        | EventBody::MemberRemove(_)
        | EventBody::Unknown(_) => {
            return Err(StoreError::Internal("no event of an inbox".into()));
        }
    };
    let seq: Seq = writing.connection.prepare_cached(INBOX_NUMBER)?.query_row([user], |row| row.get(0))?;
    writing.connection.prepare_cached(APPEND_INBOX)?.execute(params![user, seq, kind, conversation, edge])?;
    writing.events.push(Event { stream: Stream::Inbox(user), seq, body });
    Ok(())
}

/// Where the membership begins or ends that an inbox's entry tells of.
pub(super) fn edge(connection: &Connection, user: UserId, entry: Seq) -> Result<Option<Seq>, StoreError> {
    let mut statement = connection.prepare_cached(EDGE)?;
    let edge: Option<Seq> = statement.query_row(params![user, entry], |row| row.get(0)).optional()?;
    Ok(edge.filter(|edge| *edge > Seq::ZERO))
}

/// Where the membership ends that an inbox's entry begins, if it has ended.
pub(super) fn end(connection: &Connection, user: UserId, entry: Seq) -> Result<Option<Seq>, StoreError> {
    let mut statement = connection.prepare_cached(END)?;
    Ok(statement.query_row(params![user, entry], |row| row.get(0)).optional()?)
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
            let entries = statement.query_map(params![id, after, limit], entry)?.collect::<Result<Vec<_>, _>>()?;
            let body = |body| match body {
                Body::Whole(body) => Ok(body),
                Body::Conversation => {
                    let stands = conversations::load(connection, id)?;
                    let gone = || StoreError::Internal(format!("conversation {id} has a log and no row"));
                    stands.map(EventBody::ConversationUpdate).ok_or_else(gone)
                }
            };
            entries.into_iter().map(|(seq, entry)| Ok(Event { stream, seq, body: body(entry)? })).collect()
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
    let events = events.into_iter().map(|event| event.seen_from(access.floor)).collect();
    Ok(Some(EventPage { events, as_of: access.last_seq, more }))
}

/// What an entry says, as far as its row tells.
enum Body {
    Whole(EventBody),
    /// The conversation as it stands now, which is to be read.
    Conversation,
}

fn entry(row: &Row<'_>) -> rusqlite::Result<(Seq, Body)> {
    let message = || message_at(row, 5);
    let body = match row.get(1)? {
        kind @ (MESSAGE_CREATE | MESSAGE_UPDATE | MESSAGE_DELETE | REACTION_ADD | REACTION_REMOVE) => {
            let message = message()?;
            if message.deleted {
                EventBody::MessageDelete(message)
            } else if kind == MESSAGE_CREATE {
                EventBody::MessageCreate(message)
            } else {
                EventBody::MessageUpdate(message)
            }
        }
        MEMBER_ADD => EventBody::MemberAdd(user_at(row, 2)?),
        MEMBER_REMOVE => EventBody::MemberRemove(user_at(row, 2)?),
        CONVERSATION_UPDATE => return Ok((row.get(0)?, Body::Conversation)),
        kind => return Err(rusqlite::Error::IntegralValueOutOfRange(1, kind)),
    };
    Ok((row.get(0)?, Body::Whole(body)))
}

fn inbox_after(connection: &Connection, user: UserId, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
    let mut statement = connection.prepare_cached(INBOX_AFTER)?;
    let rows = statement
        .query_map(params![user, after, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<(Seq, i64, ConversationId)>, _>>()?;
    let mut events = Vec::with_capacity(rows.len());
    for (seq, kind, conversation) in rows {
        let access = conversations::access(connection, user, conversation)?;
        let body = match (kind, access) {
            (CONVERSATION_CREATE, Some(_)) => {
                let stands = conversations::load(connection, conversation)?;
                stands.map_or(EventBody::ConversationDelete(conversation), EventBody::ConversationCreate)
            }
            (MINE_UPDATE, Some(access)) => EventBody::MineUpdate(MineChange { id: conversation, mine: access.mine }),
            // What they have left since is not theirs to see: the entry then says how things stand now.
            _ => EventBody::ConversationDelete(conversation),
        };
        events.push(Event { stream: Stream::Inbox(user), seq, body });
    }
    Ok(events)
}
