//! Conversations and their members: creating them, and who may see what.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::append_inbox;
use super::writer::Writing;
use super::{blocking, users};
use crate::protocol::{Conversation, ConversationId, ConversationKind, EventBody, Mine, Seq, UserId, UserRef};
use crate::server::store::StoreError;

/// A conversation's columns, in the order in which [`conversation_at`] reads them.
macro_rules! conversation_columns {
    () => {
        "c.id, c.kind, c.title, c.member_count, c.topic, c.manager_id, c.open, c.archived"
    };
}
pub(super) use conversation_columns;

pub(super) const INSERT: &str = "INSERT INTO conversations
    (kind, title, everyone, low_user_id, high_user_id, member_count, created_ms, active_ms, title_folded, topic, open,
    manager_id, creation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12)";
pub(super) const ADD_MEMBER: &str =
    "INSERT INTO members (conversation_id, user_id, joined_seq, read_seq) VALUES (?1, ?2, ?3, ?4)";
pub(super) const LOAD: &str = concat!("SELECT ", conversation_columns!(), " FROM conversations c WHERE c.id = ?1");
pub(super) const MEMBERS: &str = "SELECT u.id, u.name, u.display_name FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = ?1 AND (m.left_seq IS NULL OR ?2) ORDER BY m.user_id";
pub(super) const PAIR: &str = "SELECT id FROM conversations WHERE low_user_id = ?1 AND high_user_id = ?2";
pub(super) const ACCESS: &str = "SELECT c.last_seq, m.read_seq, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END,
    c.archived, m.level, m.pinned, m.marked FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.conversation_id = ?1 AND m.user_id = ?2 AND m.left_seq IS NULL";

/// What a member may see of a conversation, and where it stands.
pub(super) struct Access {
    pub(super) last_seq: Seq,
    pub(super) read_seq: Seq,
    /// The first seq that is theirs to see: groups show their history from where one joined.
    pub(super) floor: Seq,
    pub(super) archived: bool,
    pub(super) mine: Mine,
}

/// `None` for those who are no member now, and for what does not exist.
pub(super) fn access(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
) -> Result<Option<Access>, StoreError> {
    let access = connection
        .prepare_cached(ACCESS)?
        .query_row(params![conversation, viewer], |row| {
            Ok(Access {
                last_seq: row.get(0)?,
                read_seq: row.get(1)?,
                floor: row.get(2)?,
                archived: row.get(3)?,
                mine: mine_at(row, 4)?,
            })
        })
        .optional()?;
    Ok(access)
}

/// From [`conversation_columns`], the first ones of a row; without its members.
pub(super) fn conversation_at(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        id: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        member_count: row.get(3)?,
        topic: row.get(4)?,
        manager: row.get(5)?,
        open: row.get(6)?,
        archived: row.get(7)?,
        members: Vec::new(),
    })
}

/// From three columns.
pub(super) fn mine_at(row: &Row<'_>, at: usize) -> rusqlite::Result<Mine> {
    Ok(Mine { level: row.get(at)?, pinned: row.get(at + 1)?, marked: row.get(at + 2)? })
}

/// The conversation as it stands now.
pub(super) fn load(connection: &Connection, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
    let found = connection.prepare_cached(LOAD)?.query_row([id], conversation_at).optional()?;
    found.map(|conversation| with_members(connection, conversation)).transpose()
}

/// Fills in the members, except those of a room, which may hold thousands. A direct conversation is one of two people,
/// whatever one of them has blocked.
pub(super) fn with_members(
    connection: &Connection,
    mut conversation: Conversation,
) -> Result<Conversation, StoreError> {
    if conversation.kind != ConversationKind::Room {
        let both = conversation.kind == ConversationKind::Direct;
        conversation.members = connection
            .prepare_cached(MEMBERS)?
            .query_map(params![conversation.id, both], users::user_ref)?
            .collect::<Result<_, _>>()?;
    }
    Ok(conversation)
}

pub(super) fn add_member(
    connection: &Connection,
    conversation: ConversationId,
    user: UserId,
    joined_seq: Seq,
    read_seq: Seq,
) -> Result<(), StoreError> {
    connection.prepare_cached(ADD_MEMBER)?.execute(params![conversation, user, joined_seq, read_seq])?;
    Ok(())
}

pub(super) fn direct_find(
    connection: &Connection,
    one: UserId,
    other: UserId,
) -> Result<Option<ConversationId>, StoreError> {
    let pair = params![one.min(other), one.max(other)];
    Ok(connection.prepare_cached(PAIR)?.query_row(pair, |row| row.get(0)).optional()?)
}

/// The direct conversation of these two, opened by `one` where there is none. Whoever has blocked them does not learn of
/// it; whom they have blocked they do not find.
pub(super) fn direct_open(
    writing: &mut Writing<'_>,
    one: UserId,
    other: UserId,
    now_ms: i64,
) -> Result<ConversationId, StoreError> {
    if let Some(id) = direct_find(writing.connection, one, other)? {
        return Ok(id);
    }
    if blocking::is_set(writing.connection, one, other)? {
        return Err(StoreError::NotFound);
    }
    writing.protect()?;
    let people = people(writing.connection, vec![one, other])?;
    let (low, high) = (one.min(other), one.max(other));
    let (text, user, kind) = (None::<&str>, None::<UserId>, ConversationKind::Direct);
    let values = params![kind, text, false, low, high, count(&people), now_ms, text, text, false, user, text];
    writing.connection.prepare_cached(INSERT)?.execute(values)?;
    let id = ConversationId(writing.connection.last_insert_rowid());
    let conversation = Conversation::new(id, ConversationKind::Direct, None, people.clone());
    if blocking::is_set(writing.connection, other, one)? {
        let (blocker, opener): (Vec<_>, Vec<_>) = people.into_iter().partition(|person| person.id == other);
        found(writing, &conversation, &opener)?;
        for person in blocker {
            add_member(writing.connection, id, person.id, Seq::ZERO, Seq::ZERO)?;
            blocking::leave(writing.connection, id, person.id)?;
        }
    } else {
        found(writing, &conversation, &people)?;
    }
    Ok(id)
}

/// Enters the founding members. They are part of the creation: it takes an entry in each inbox, and no MEMBER_ADD.
pub(super) fn found(
    writing: &mut Writing<'_>,
    conversation: &Conversation,
    people: &[UserRef],
) -> Result<(), StoreError> {
    for person in people {
        add_member(writing.connection, conversation.id, person.id, Seq::ZERO, Seq::ZERO)?;
        append_inbox(writing, person.id, EventBody::ConversationCreate(conversation.clone()), Seq(1))?;
    }
    Ok(())
}

/// These users, each once, in order of id. `NotFound` if one of them does not exist.
pub(super) fn people(connection: &Connection, mut ids: Vec<UserId>) -> Result<Vec<UserRef>, StoreError> {
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| users::by_id(connection, id)?.ok_or(StoreError::NotFound)).collect()
}

pub(super) fn count(people: &[UserRef]) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}
