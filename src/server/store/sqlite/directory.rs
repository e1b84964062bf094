//! Rooms that everybody finds, and who is in a conversation.

use rusqlite::{Connection, OptionalExtension, params};

use super::conversations;
use super::users::user_ref;
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, MemberList, Room, RoomList, UserId};
use crate::server::store::managing::folded;
use crate::server::store::{StoreError, agreed};

/// Walks the open rooms from there on, in their order, until enough of them have the text in their title.
pub(super) const ROOMS: &str = "SELECT c.id, c.title, c.topic, c.member_count, m.user_id IS NOT NULL
    FROM conversations c LEFT JOIN members m ON m.conversation_id = c.id AND m.user_id = ?1 AND m.left_seq IS NULL
    WHERE c.open = 1 AND c.archived = 0 AND (c.title_folded, c.id) > (?2, ?3) AND instr(c.title_folded, ?4) > 0
    ORDER BY c.title_folded, c.id LIMIT ?5";
/// Of an open room alone: the order tells something of a title.
pub(super) const PLACE: &str = "SELECT title_folded FROM conversations WHERE id = ?1 AND open = 1 AND archived = 0";
pub(super) const MEMBERS: &str = "SELECT u.id, u.name, u.display_name FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = ?1 AND m.user_id > ?2
        AND (m.left_seq IS NULL OR (SELECT kind FROM conversations WHERE id = ?1) = 'direct')
    ORDER BY m.user_id LIMIT ?3";

/// Walks the viewer's own.
pub(super) const FIND: &str = "SELECT c.id FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ?1 AND m.left_seq IS NULL AND c.kind <> 'direct'
        AND (instr(c.title_folded, ?2) > 0 OR c.title IS NULL AND EXISTS
            (SELECT 1 FROM members o JOIN users u ON u.id = o.user_id WHERE o.conversation_id = c.id
                AND o.left_seq IS NULL AND o.user_id <> ?1
                AND (instr(u.folded, ?2) > 0 OR instr(u.display_folded, ?2) > 0)))
    ORDER BY c.active_ms DESC, c.id DESC LIMIT ?3";

pub(super) fn find(
    connection: &Connection,
    viewer: UserId,
    query: &str,
    limit: u32,
) -> Result<Vec<ConversationId>, StoreError> {
    let mut statement = connection.prepare_cached(FIND)?;
    let found = statement.query_map(params![viewer, folded(query), limit], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn rooms(
    connection: &Connection,
    viewer: UserId,
    query: &str,
    after: Option<ConversationId>,
    limit: u32,
) -> Result<RoomList, StoreError> {
    let limit = limit.min(LIST_MAX);
    let (title, id) = match after {
        None => (String::new(), ConversationId(0)),
        Some(id) => match connection.prepare_cached(PLACE)?.query_row([id], |row| row.get(0)).optional()? {
            Some(title) => (title, id),
            None => return Ok(RoomList { rooms: Vec::new(), more: false }),
        },
    };
    let room = |row: &rusqlite::Row<'_>| {
        Ok(Room {
            id: row.get(0)?,
            title: row.get(1)?,
            topic: row.get(2)?,
            member_count: row.get(3)?,
            joined: row.get(4)?,
        })
    };
    let mut statement = connection.prepare_cached(ROOMS)?;
    let found = statement.query_map(params![viewer, title, id, folded(query), limit + 1], room)?;
    let (rooms, more) = agreed::cut(found.collect::<Result<_, _>>()?, limit);
    Ok(RoomList { rooms, more })
}

pub(super) fn members(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Option<MemberList>, StoreError> {
    if conversations::access(connection, viewer, conversation)?.is_none() {
        return Ok(None);
    }
    let limit = limit.min(LIST_MAX);
    let mut statement = connection.prepare_cached(MEMBERS)?;
    let found = statement.query_map(params![conversation, after.unwrap_or(UserId(i64::MIN)), limit + 1], user_ref)?;
    let (members, more) = agreed::cut(found.collect::<Result<_, _>>()?, limit);
    Ok(Some(MemberList { members, more }))
}
