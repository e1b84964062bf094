//! Groups and rooms that people make and change, and who is in them.

use rusqlite::{Connection, OptionalExtension, params};

use super::conversations::{self, count, found, people};
use super::events::{append, append_inbox};
use super::users::{self, JOIN};
use super::writer::Writing;
use crate::protocol::rights::Standing;
use crate::protocol::{Conversation, ConversationId, ConversationKind, EventBody, Seq, UserId};
use crate::server::store::StoreError;
use crate::server::store::managing::{self, ConversationChange, NewConversation, Permit, check_count, folded};

pub(super) const MADE: &str = "SELECT id FROM conversations WHERE creation = ?1";
pub(super) const CHANGE: &str = "UPDATE conversations SET title = ?2, title_folded = ?3, topic = ?4, open = ?5,
    archived = ?6, last_seq = last_seq + 1 WHERE id = ?1 RETURNING last_seq";
/// Who comes back starts anew.
pub(super) const ENTER: &str = "INSERT INTO members (conversation_id, user_id, joined_seq, read_seq)
    VALUES (?1, ?2, ?3, ?3) ON CONFLICT (conversation_id, user_id)
    DO UPDATE SET joined_seq = excluded.joined_seq, read_seq = excluded.read_seq, left_seq = NULL";
pub(super) const IS_MEMBER: &str =
    "SELECT 1 FROM members WHERE conversation_id = ?1 AND user_id = ?2 AND left_seq IS NULL";
pub(super) const LEAVE: &str = "UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count - 1
    WHERE id = ?1 RETURNING last_seq";
pub(super) const LEFT: &str = "UPDATE members SET left_seq = ?3 WHERE conversation_id = ?1 AND user_id = ?2";
/// Walks the members: a manager leaves seldom, and an index in this order would cost a write for each who comes.
pub(super) const LONGEST: &str = "SELECT user_id FROM members WHERE conversation_id = ?1 AND left_seq IS NULL
    AND joined_seq = (SELECT min(joined_seq) FROM members WHERE conversation_id = ?1 AND left_seq IS NULL)
    ORDER BY user_id LIMIT 1";
pub(super) const HAND_OVER: &str =
    "UPDATE conversations SET manager_id = ?2, last_seq = last_seq + 1 WHERE id = ?1 RETURNING last_seq";

pub(super) fn create(writing: &mut Writing<'_>, new: &NewConversation) -> Result<Conversation, StoreError> {
    let connection = writing.connection;
    let (creation, find) = (new.creation(), |row: &rusqlite::Row<'_>| row.get(0));
    if let (Some(creation), Some(creator)) = (&creation, new.creator)
        && let Some(made) = connection.prepare_cached(MADE)?.query_row([creation], find).optional()?
    {
        let made = if is_member(connection, made, creator)? { conversations::load(connection, made)? } else { None };
        return made.ok_or(StoreError::NotFound);
    }
    let people = if new.everyone { users::names(connection)? } else { people(connection, new.founders())? };
    new.check_count(people.len())?;
    let none = None::<UserId>;
    connection.prepare_cached(conversations::INSERT)?.execute(params![
        new.kind,
        new.title,
        new.everyone,
        none,
        none,
        count(&people),
        new.now_ms,
        new.title.as_deref().map(folded),
        new.topic,
        new.open,
        new.creator,
        creation,
    ])?;
    let conversation = Conversation {
        id: ConversationId(connection.last_insert_rowid()),
        kind: new.kind,
        title: new.title.clone(),
        topic: new.topic.clone(),
        manager: new.creator,
        open: new.open,
        archived: false,
        member_count: count(&people),
        members: if new.kind == ConversationKind::Room { Vec::new() } else { people.clone() },
    };
    found(writing, &conversation, &people)?;
    Ok(conversation)
}

/// The conversation, where `by` may do it.
fn permitted(
    connection: &Connection,
    by: UserId,
    id: ConversationId,
    permit: &Permit,
) -> Result<Conversation, StoreError> {
    let conversation = conversations::load(connection, id)?.ok_or(StoreError::NotFound)?;
    managing::check(&Standing::new(&conversation, by, is_member(connection, id, by)?), permit)?;
    Ok(conversation)
}

fn is_member(connection: &Connection, conversation: ConversationId, user: UserId) -> Result<bool, StoreError> {
    let found = connection.prepare_cached(IS_MEMBER)?.query_row(params![conversation, user], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

pub(super) fn update(
    writing: &mut Writing<'_>,
    by: UserId,
    id: ConversationId,
    change: &ConversationChange,
    permit: &Permit,
) -> Result<Conversation, StoreError> {
    let now = permitted(writing.connection, by, id, permit)?;
    let then = change.applied_to(&now);
    if then == now {
        return Ok(now);
    }
    let title_folded = then.title.as_deref().map(folded);
    let values = params![id, then.title, title_folded, then.topic, then.open, then.archived];
    let seq: Seq = writing.connection.prepare_cached(CHANGE)?.query_row(values, |row| row.get(0))?;
    append(writing, id, seq, by, EventBody::ConversationUpdate(then.clone()))?;
    Ok(then)
}

pub(super) fn add(
    writing: &mut Writing<'_>,
    by: UserId,
    id: ConversationId,
    new: &[UserId],
    permit: &Permit,
) -> Result<Conversation, StoreError> {
    let connection = writing.connection;
    let now = permitted(connection, by, id, permit)?;
    let mut coming = Vec::new();
    for person in people(connection, new.to_vec())? {
        if !is_member(connection, id, person.id)? {
            let seq: Seq = connection.prepare_cached(JOIN)?.query_row([id], |row| row.get(0))?;
            // Nothing from before they joined is unread.
            connection.prepare_cached(ENTER)?.execute(params![id, person.id, seq])?;
            coming.push((seq, person));
        }
    }
    if coming.is_empty() {
        return Ok(now);
    }
    // Everybody had left: it is whose who comes first.
    let handed: Option<(UserId, Seq)> = match coming.first().filter(|_| now.is_abandoned()) {
        Some((_, heir)) => {
            let mut hand_over = connection.prepare_cached(HAND_OVER)?;
            Some((heir.id, hand_over.query_row(params![id, heir.id], |row| row.get(0))?))
        }
        None => None,
    };
    let then = conversations::load(connection, id)?.ok_or(StoreError::NotFound)?;
    check_count(then.kind, usize::try_from(then.member_count).unwrap_or(usize::MAX))?;
    for (seq, person) in coming {
        append_inbox(writing, person.id, EventBody::ConversationCreate(then.clone()), seq)?;
        append(writing, id, seq, person.id, EventBody::MemberAdd(person))?;
    }
    if let Some((heir, seq)) = handed {
        append(writing, id, seq, heir, EventBody::ConversationUpdate(then.clone()))?;
    }
    Ok(then)
}

pub(super) fn remove(
    writing: &mut Writing<'_>,
    by: UserId,
    id: ConversationId,
    user: UserId,
    permit: &Permit,
) -> Result<(), StoreError> {
    let connection = writing.connection;
    let now = permitted(connection, by, id, permit)?;
    if !is_member(connection, id, user)? {
        return Ok(());
    }
    let person = users::by_id(connection, user)?.ok_or(StoreError::NotFound)?;
    let seq: Seq = connection.prepare_cached(LEAVE)?.query_row([id], |row| row.get(0))?;
    connection.prepare_cached(LEFT)?.execute(params![id, user, seq])?;
    // In this order: the removed one is told what removed them before their inbox says that nothing follows.
    append(writing, id, seq, user, EventBody::MemberRemove(person))?;
    append_inbox(writing, user, EventBody::ConversationDelete(id), seq)?;
    if now.manager == Some(user) {
        let next: Option<UserId> = connection.prepare_cached(LONGEST)?.query_row([id], |row| row.get(0)).optional()?;
        let seq: Seq = connection.prepare_cached(HAND_OVER)?.query_row(params![id, next], |row| row.get(0))?;
        let then = conversations::load(connection, id)?.ok_or(StoreError::NotFound)?;
        append(writing, id, seq, user, EventBody::ConversationUpdate(then))?;
    }
    Ok(())
}
