//! A user's conversations at a glance: the list, READY, unread counts and read marks.
//! Long because all of them read the same columns.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::conversations::{conversation_at, conversation_columns, mine_at};
use super::users::user_at;
use super::{conversations, events, mentions};
use crate::protocol::frame::Mark;
use crate::protocol::limits::{LIST_MAX, UNREAD_MAX};
use crate::protocol::{
    Conversation, ConversationId, ConversationList, ConversationSummary, Mine, Preview, Seq, Stream, UserId,
};
use crate::server::store::{InFull, Memberships, ReadySnapshot, StoreError};

/// A member's conversations, in the columns that [`head`] reads.
macro_rules! theirs {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            conversation_columns!(),
            ", c.last_seq, c.active_ms, m.read_seq, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END,
                m.joined_seq, m.level, m.pinned, m.marked
             FROM members m JOIN conversations c ON c.id = m.conversation_id
             WHERE m.user_id = ?1 AND m.left_seq IS NULL ",
            $rest
        )
    };
}

pub(super) const ONE: &str = theirs!("AND m.conversation_id = ?2");
pub(super) const ALL: &str = theirs!("ORDER BY m.conversation_id");
/// Sorts the conversations of this one user. An index in the order of activity would cost a write for every member
/// of a room with every message.
pub(super) const RECENT: &str = theirs!(
    "AND (m.pinned, c.active_ms, c.id) < (?2, ?3, ?4) ORDER BY m.pinned DESC, c.active_ms DESC, c.id DESC LIMIT ?5"
);
/// Others' messages among the next entries of the log, and how many entries these are: rows of a few bytes, but a crowd
/// that came is a row each.
pub(super) const UNREAD: &str = "SELECT count(*) FILTER (WHERE kind = 1 AND user_id <> ?3), count(*) FROM
    (SELECT kind, user_id FROM events WHERE conversation_id = ?1 AND seq > ?2 LIMIT ?4)";
/// The same from the messages, where that did not tell: whoever came is no row of theirs, so it is at most [`UNREAD_MAX`]
/// rows that are walked. One's own are before the mark, as posting moves it.
pub(super) const UNREAD_IN_A_CROWD: &str = "SELECT count(*) FROM (SELECT 1 FROM messages
    WHERE conversation_id = ?1 AND seq > ?2 AND author_id <> ?3 AND deleted = 0 LIMIT ?4)";
/// Cut inside SQLite: a message may have 8,000 bytes.
pub(super) const PREVIEW: &str = "SELECT u.id, u.name, u.display_name,
        replace(substr(m.content, 1, 120), char(10), ' '), m.created_ms
    FROM messages m JOIN users u ON u.id = m.author_id
    WHERE m.conversation_id = ?1 AND m.seq >= ?2 AND m.deleted = 0 ORDER BY m.seq DESC LIMIT 1";
pub(super) const MEMBERSHIPS: &str = "SELECT c.id, c.last_seq, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END
    FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ?1 AND m.left_seq IS NULL ORDER BY m.conversation_id";
pub(super) const MARK: &str =
    "UPDATE members SET read_seq = ?3, marked = 0 WHERE conversation_id = ?1 AND user_id = ?2";

/// A conversation as one member finds it, without its members.
struct Head {
    conversation: Conversation,
    last_seq: Seq,
    active_ms: i64,
    read_seq: Seq,
    floor: Seq,
    joined_seq: Seq,
    mine: Mine,
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        conversation: conversation_at(row)?,
        last_seq: row.get(8)?,
        active_ms: row.get(9)?,
        read_seq: row.get(10)?,
        floor: row.get(11)?,
        joined_seq: row.get(12)?,
        mine: mine_at(row, 13)?,
    })
}

fn heads(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<Head>, StoreError> {
    Ok(connection.prepare_cached(sql)?.query_map(values, head)?.collect::<Result<_, _>>()?)
}

/// At most `limit` conversations that come after the conversation `after`: those that they pinned first, each part the
/// latest first. Nothing comes after one that is not theirs.
pub(super) fn list(
    connection: &Connection,
    viewer: UserId,
    after: Option<ConversationId>,
    limit: u32,
) -> Result<ConversationList, StoreError> {
    Ok(with_floors(connection, viewer, after, limit)?.0)
}

/// The same, and the first number that is theirs to see of each.
pub(super) fn with_floors(
    connection: &Connection,
    viewer: UserId,
    after: Option<ConversationId>,
    limit: u32,
) -> Result<(ConversationList, Vec<Seq>), StoreError> {
    let limit = limit.min(LIST_MAX);
    let (pinned, active_ms, id) = match after {
        None => (true, i64::MAX, ConversationId(i64::MAX)),
        Some(id) => match heads(connection, ONE, params![viewer, id])?.first() {
            Some(head) => (head.mine.pinned, head.active_ms, id),
            None => return Ok((ConversationList { conversations: Vec::new(), more: false }, Vec::new())),
        },
    };
    // One too many, to learn whether there is more.
    let mut heads = heads(connection, RECENT, params![viewer, pinned, active_ms, id, limit + 1])?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = heads.len() > limit;
    heads.truncate(limit);
    let floors = heads.iter().map(|head| head.floor).collect();
    let conversations =
        heads.into_iter().map(|head| summary(connection, viewer, head)).collect::<Result<Vec<_>, _>>()?;
    Ok((ConversationList { conversations, more }, floors))
}

pub(super) fn one(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
) -> Result<Option<ConversationSummary>, StoreError> {
    let head = heads(connection, ONE, params![viewer, conversation])?.pop();
    head.map(|head| summary(connection, viewer, head)).transpose()
}

pub(super) fn memberships(connection: &Connection, user: UserId) -> Result<Memberships, StoreError> {
    let theirs = connection
        .prepare_cached(MEMBERSHIPS)?
        .query_map([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Memberships::new(events::last_seq(connection, Stream::Inbox(user))?, theirs))
}

pub(super) fn ready(connection: &Connection, user: UserId, choose: InFull) -> Result<ReadySnapshot, StoreError> {
    let heads = heads(connection, ALL, params![user])?;
    let mut snapshot = ReadySnapshot {
        inbox_seq: events::last_seq(connection, Stream::Inbox(user))?,
        marks: Vec::with_capacity(heads.len()),
        mine: heads
            .iter()
            .map(|head| (head.conversation.id, head.mine))
            .filter(|(_, mine)| !mine.is_default())
            .collect(),
        joined: heads.iter().map(|head| head.joined_seq).collect(),
        floors: heads
            .iter()
            .map(|head| (head.conversation.id, head.floor))
            .filter(|(_, floor)| *floor > Seq::ZERO)
            .collect(),
        mentions: Vec::new(),
        conversations: Vec::new(),
    };
    for head in &heads {
        let unread = unread(connection, user, head)?;
        let mentions = mentions(connection, user, head, unread)?;
        snapshot.mentions.extend((mentions > 0).then_some((head.conversation.id, mentions)));
        snapshot.marks.push(Mark(head.conversation.id, head.last_seq, head.read_seq, unread));
    }
    let chosen = choose(&snapshot);
    for head in heads.into_iter().filter(|head| chosen.contains(&head.conversation.id)) {
        snapshot.conversations.push(conversations::with_members(connection, head.conversation)?);
    }
    Ok(snapshot)
}

/// What became of a read mark.
pub(super) struct Marked {
    /// Where it stands.
    pub(super) seq: Seq,
    /// How they keep the conversation since, if reading it changed that.
    pub(super) mine: Option<Mine>,
}

/// Moves the read mark forward; what was marked as unread is read with it. Writes nothing where it stands already.
pub(super) fn read_mark(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
    seq: Seq,
) -> Result<Option<Marked>, StoreError> {
    let Some(access) = conversations::access(connection, viewer, conversation)? else { return Ok(None) };
    let mark = seq.min(access.last_seq);
    let clears = access.mine.marked && mark >= access.read_seq;
    if mark <= access.read_seq && !clears {
        return Ok(Some(Marked { seq: access.read_seq, mine: None }));
    }
    connection.prepare_cached(MARK)?.execute(params![conversation, viewer, mark])?;
    Ok(Some(Marked { seq: mark, mine: clears.then_some(Mine { marked: false, ..access.mine }) }))
}

fn summary(connection: &Connection, viewer: UserId, head: Head) -> Result<ConversationSummary, StoreError> {
    let preview = connection
        .prepare_cached(PREVIEW)?
        .query_row(params![head.conversation.id, head.floor], |row| {
            Ok(Preview { author: user_at(row, 0)?, text: row.get(3)?, created_ms: row.get(4)? })
        })
        .optional()?;
    let unread = unread(connection, viewer, &head)?;
    Ok(ConversationSummary {
        unread,
        mentions: mentions(connection, viewer, &head, unread)?,
        conversation: conversations::with_members(connection, head.conversation)?,
        last_seq: head.last_seq,
        read_seq: head.read_seq,
        active_ms: head.active_ms,
        preview,
        mine: head.mine,
    })
}

/// Others' messages after the read mark, counted up to [`UNREAD_MAX`].
fn unread(connection: &Connection, viewer: UserId, head: &Head) -> Result<u32, StoreError> {
    if head.read_seq >= head.last_seq {
        return Ok(0);
    }
    let log = params![head.conversation.id, head.read_seq, viewer, 2 * UNREAD_MAX];
    let (unread, entries): (u32, u32) =
        connection.prepare_cached(UNREAD)?.query_row(log, |row| Ok((row.get(0)?, row.get(1)?)))?;
    if unread >= UNREAD_MAX || entries < 2 * UNREAD_MAX {
        return Ok(unread.min(UNREAD_MAX));
    }
    let messages = params![head.conversation.id, head.read_seq, viewer, UNREAD_MAX];
    Ok(connection.prepare_cached(UNREAD_IN_A_CROWD)?.query_row(messages, |row| row.get(0))?)
}

/// Those of the unread messages that call the viewer.
fn mentions(connection: &Connection, viewer: UserId, head: &Head, unread: u32) -> Result<u32, StoreError> {
    // There is nothing to look up in most of them.
    if unread == 0 { Ok(0) } else { mentions::count(connection, head.conversation.id, viewer, head.read_seq) }
}
