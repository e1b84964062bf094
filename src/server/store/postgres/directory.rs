//! Rooms that everybody finds, and who is in a conversation.

use deadpool_postgres::GenericClient;

use super::conversations;
use super::rows::{Values, all, one, user_ref};
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, MemberList, Room, RoomList, UserId};
use crate::server::store::managing::folded;
use crate::server::store::{StoreError, agreed};

/// Walks the open rooms from there on, in their order, until enough of them have the text in their title.
const ROOMS: &str = "SELECT c.id, c.title, c.topic, c.member_count, m.user_id IS NOT NULL
    FROM conversations c LEFT JOIN members m ON m.conversation_id = c.id AND m.user_id = $1 AND m.left_seq IS NULL
    WHERE c.open AND NOT c.archived AND (c.title_folded, c.id) > ($2, $3) AND strpos(c.title_folded, $4) > 0
    ORDER BY c.title_folded, c.id LIMIT $5";
/// Of an open room alone: the order tells something of a title.
const PLACE: &str = "SELECT title_folded FROM conversations WHERE id = $1 AND open AND NOT archived";
const MEMBERS: &str = "SELECT u.id, u.name, u.display_name FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = $1 AND m.user_id > $2
        AND (m.left_seq IS NULL OR (SELECT kind FROM conversations WHERE id = $1) = 'direct')
    ORDER BY m.user_id LIMIT $3";

/// As titles and names are kept for finding them; none has a NUL, for which PostgreSQL's text has no place.
fn findable(query: &str) -> Option<String> {
    Some(folded(query)).filter(|query| !query.contains('\0'))
}

/// Walks the viewer's own.
const FIND: &str = "SELECT c.id FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = $1 AND m.left_seq IS NULL AND c.kind <> 'direct'
        AND (strpos(c.title_folded, $2) > 0 OR c.title IS NULL AND EXISTS
            (SELECT 1 FROM members o JOIN users u ON u.id = o.user_id WHERE o.conversation_id = c.id
                AND o.left_seq IS NULL AND o.user_id <> $1
                AND (strpos(u.folded, $2) > 0 OR strpos(u.display_folded, $2) > 0)))
    ORDER BY c.active_ms DESC, c.id DESC LIMIT $3";

pub(super) async fn find(
    on: &impl GenericClient,
    viewer: UserId,
    query: &str,
    limit: u32,
) -> Result<Vec<ConversationId>, StoreError> {
    let Some(query) = findable(query) else { return Ok(Vec::new()) };
    let rows = all(on, FIND, &[&viewer.0, &query, &i64::from(limit)]).await?;
    Ok(rows.iter().map(|row| row.try_get(0).map(ConversationId)).collect::<Result<_, _>>()?)
}

pub(super) async fn rooms(
    on: &impl GenericClient,
    viewer: UserId,
    query: &str,
    after: Option<ConversationId>,
    limit: u32,
) -> Result<RoomList, StoreError> {
    let limit = limit.min(LIST_MAX);
    let Some(query) = findable(query) else { return Ok(RoomList { rooms: Vec::new(), more: false }) };
    let (title, id): (String, i64) = match after {
        None => (String::new(), 0),
        Some(id) => match one(on, PLACE, &[&id.0]).await? {
            Some(row) => (row.try_get(0)?, id.0),
            None => return Ok(RoomList { rooms: Vec::new(), more: false }),
        },
    };
    let values: Values<'_> = &[&viewer.0, &title, &id, &query, &i64::from(limit + 1)];
    let mut rooms = Vec::new();
    for row in all(on, ROOMS, values).await? {
        rooms.push(Room {
            id: ConversationId(row.try_get(0)?),
            title: row.try_get(1)?,
            topic: row.try_get(2)?,
            member_count: row.try_get(3)?,
            joined: row.try_get(4)?,
        });
    }
    let (rooms, more) = agreed::cut(rooms, limit);
    Ok(RoomList { rooms, more })
}

pub(super) async fn members(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Option<MemberList>, StoreError> {
    if conversations::access(on, viewer, conversation).await?.is_none() {
        return Ok(None);
    }
    let limit = limit.min(LIST_MAX);
    let after = after.map_or(i64::MIN, |user| user.0);
    let rows = all(on, MEMBERS, &[&conversation.0, &after, &i64::from(limit + 1)]).await?;
    let members = rows.iter().map(|row| user_ref(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let (members, more) = agreed::cut(members, limit);
    Ok(Some(MemberList { members, more }))
}
