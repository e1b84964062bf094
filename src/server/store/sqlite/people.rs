//! People: their profiles and devices, and how they keep their conversations. Long because the trait is wide.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::append_inbox;
use super::users::{END_OTHERS, user_at};
use super::writer::Writing;
use super::{SqliteStore, blocking, conversations, overview};
use crate::protocol::limits::{LIST_MAX, READERS};
use crate::protocol::{
    Account, ConversationId, EventBody, Mine, MineChange, Profile, Seq, SessionEntry, SessionId, UserId, UserList,
    UserRef,
};
use crate::server::store::StoreError;
use crate::server::store::agreed::{preference_numbers, preferences_of};
use crate::server::store::people::{Keep, People, UserChange, end_of};

/// A profile's columns, in the order in which [`profile`] reads them.
macro_rules! profiles {
    ($rest:literal) => {
        concat!("SELECT id, name, display_name, about, time_zone, created_ms", $rest)
    };
}

pub(super) const ACCOUNT: &str = profiles!(", presence_hidden, theme, density FROM users WHERE id = ?1");
pub(super) const UPDATE: &str = "UPDATE users SET display_name = ?2, about = ?3, time_zone = ?4, presence_hidden = ?5,
    theme = ?6, density = ?7 WHERE id = ?1";
pub(super) const FOLD: &str = "UPDATE users SET display_folded = ?2 WHERE id = ?1";
pub(super) const KEYS: &str = "SELECT folded, display_folded FROM users WHERE id = ?1";
pub(super) const NAMED: &str =
    profiles!(" FROM users WHERE folded >= ?1 AND folded < ?2 AND id <> ?3 ORDER BY folded LIMIT ?4");
/// Those whose name begins alike came before them.
pub(super) const SHOWN: &str = profiles!(
    " FROM users WHERE (display_folded, id) > (?1, ?2) AND display_folded < ?3
        AND NOT (folded >= ?4 AND folded < ?3) ORDER BY display_folded, id LIMIT ?5"
);
/// Sorts the sessions of this one user.
pub(super) const SESSIONS: &str = "SELECT id, client, created_ms, seen_ms FROM sessions
    WHERE user_id = ?1 AND expires_ms > ?2 ORDER BY seen_ms DESC, id DESC LIMIT ?3";
pub(super) const REVOKE: &str = "DELETE FROM sessions WHERE id = ?1 AND user_id = ?2";
pub(super) const KEEP: &str = "UPDATE members SET level = ?3, pinned = ?4, marked = ?5
    WHERE conversation_id = ?1 AND user_id = ?2";
pub(super) const READ: &str = "SELECT m.user_id, m.read_seq
    FROM conversations c JOIN members m ON m.conversation_id = c.id
    WHERE c.id = ?1 AND c.kind <> 'room' AND (m.left_seq IS NULL OR c.kind = 'direct') ORDER BY m.user_id LIMIT ?2";

#[async_trait]
impl People for SqliteStore {
    async fn account(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        self.readers.run(move |connection| account(connection, user)).await
    }

    async fn user_update(&self, user: UserId, change: UserChange) -> Result<Account, StoreError> {
        self.writer.run(move |writing| update(writing, user, &change)).await
    }

    async fn user_list(&self, prefix: &str, after: Option<UserId>, limit: u32) -> Result<UserList, StoreError> {
        let prefix = prefix.to_owned();
        self.readers.run(move |connection| list(connection, &prefix, after, limit)).await
    }

    async fn session_list(&self, user: UserId, now_ms: i64) -> Result<Vec<SessionEntry>, StoreError> {
        self.readers.run(move |connection| sessions(connection, user, now_ms)).await
    }

    async fn session_revoke(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        self.writer
            .run(move |writing| {
                writing.sessions.push(session);
                Ok(writing.connection.prepare_cached(REVOKE)?.execute(params![session, user])? > 0)
            })
            .await
    }

    async fn sessions_revoke_others(&self, user: UserId, keep: SessionId) -> Result<Vec<SessionId>, StoreError> {
        self.writer
            .run(move |writing| {
                let mut statement = writing.connection.prepare_cached(END_OTHERS)?;
                let ended = statement
                    .query_map(params![user, keep], |row| row.get(0))?
                    .collect::<Result<Vec<SessionId>, _>>()?;
                writing.sessions.extend(&ended);
                Ok(ended)
            })
            .await
    }

    async fn mine_set(
        &self,
        user: UserId,
        conversation: ConversationId,
        change: Keep,
    ) -> Result<Option<Mine>, StoreError> {
        self.writer.run(move |writing| keep(writing, user, conversation, change)).await
    }

    async fn readers(
        &self,
        viewer: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Vec<(UserId, Seq)>>, StoreError> {
        self.readers
            .run(move |connection| {
                if conversations::access(connection, viewer, conversation)?.is_none() {
                    return Ok(None);
                }
                let mut statement = connection.prepare_cached(READ)?;
                let readers = statement.query_map(params![conversation, READERS], |row| Ok((row.get(0)?, row.get(1)?)));
                Ok(Some(readers?.collect::<Result<_, _>>()?))
            })
            .await
    }

    async fn block_set(&self, user: UserId, other: UserId, on: bool, now_ms: i64) -> Result<(), StoreError> {
        self.writer.run(move |writing| blocking::set(writing, user, other, on, now_ms)).await
    }

    async fn is_blocked(&self, user: UserId, other: UserId) -> Result<bool, StoreError> {
        self.readers.run(move |connection| blocking::is_set(connection, user, other)).await
    }

    async fn blocked(&self, user: UserId) -> Result<Vec<UserRef>, StoreError> {
        self.readers.run(move |connection| blocking::list(connection, user)).await
    }
}

fn profile(row: &Row<'_>) -> rusqlite::Result<Profile> {
    let user = user_at(row, 0)?;
    Ok(Profile {
        id: user.id,
        name: user.name,
        display: user.display,
        about: row.get(3)?,
        time_zone: row.get(4)?,
        created_ms: row.get(5)?,
    })
}

fn account(connection: &Connection, user: UserId) -> Result<Option<Account>, StoreError> {
    let account = |row: &Row<'_>| {
        let preferences = preferences_of(row.get(7)?, row.get(8)?);
        Ok(Account { profile: profile(row)?, presence_hidden: row.get(6)?, preferences })
    };
    Ok(connection.prepare_cached(ACCOUNT)?.query_row([user], account).optional()?)
}

fn update(writing: &mut Writing<'_>, user: UserId, change: &UserChange) -> Result<Account, StoreError> {
    let connection = writing.connection;
    let before = account(connection, user)?.ok_or(StoreError::NotFound)?;
    let after = change.of(&before);
    if after == before {
        return Ok(after);
    }
    let (profile, (theme, density)) = (&after.profile, preference_numbers(after.preferences));
    let values =
        params![user, profile.display, profile.about, profile.time_zone, after.presence_hidden, theme, density];
    connection.prepare_cached(UPDATE)?.execute(values)?;
    writing.people.push(user);
    if profile.display != before.profile.display {
        let folded = change.display.as_ref().and_then(Option::as_ref).map(|display| &display.folded);
        connection.prepare_cached(FOLD)?.execute(params![user, folded])?;
        writing.renamed = true;
    }
    Ok(after)
}

fn list(connection: &Connection, prefix: &str, after: Option<UserId>, limit: u32) -> Result<UserList, StoreError> {
    let (limit, end) = (limit.min(LIST_MAX), end_of(prefix));
    let keys = |id: UserId| {
        let keys = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
        connection.prepare_cached(KEYS)?.query_row([id], keys).optional()
    };
    let (named, shown) = match after {
        None => (Some((prefix.to_owned(), UserId(0))), (prefix.to_owned(), UserId(0))),
        Some(id) => match keys(id)? {
            Some((folded, _)) if folded.starts_with(prefix) => (Some((folded, id)), (prefix.to_owned(), UserId(0))),
            Some((_, Some(display))) if display.starts_with(prefix) => (None, (display, id)),
            // Nothing comes after one who is not in the list.
            _ => return Ok(UserList { users: Vec::new(), more: false }),
        },
    };
    // One too many, to learn whether there is more.
    let mut users = Vec::new();
    if let Some((start, but)) = named {
        let mut statement = connection.prepare_cached(NAMED)?;
        users = statement.query_map(params![start, end, but, limit + 1], profile)?.collect::<Result<_, _>>()?;
    }
    let rest = limit + 1 - u32::try_from(users.len()).unwrap_or(limit + 1);
    if rest > 0 && !prefix.is_empty() {
        let (start, id) = shown;
        let mut statement = connection.prepare_cached(SHOWN)?;
        for user in statement.query_map(params![start, id, end, prefix, rest], profile)? {
            users.push(user?);
        }
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = users.len() > limit;
    users.truncate(limit);
    Ok(UserList { users, more })
}

fn sessions(connection: &Connection, user: UserId, now_ms: i64) -> Result<Vec<SessionEntry>, StoreError> {
    let entry = |row: &Row<'_>| {
        Ok(SessionEntry {
            id: row.get(0)?,
            client: row.get(1)?,
            created_ms: row.get(2)?,
            seen_ms: row.get(3)?,
            current: false,
        })
    };
    let mut statement = connection.prepare_cached(SESSIONS)?;
    let sessions = statement.query_map(params![user, now_ms, LIST_MAX], entry)?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

fn keep(
    writing: &mut Writing<'_>,
    user: UserId,
    conversation: ConversationId,
    change: Keep,
) -> Result<Option<Mine>, StoreError> {
    let Some(access) = conversations::access(writing.connection, user, conversation)? else { return Ok(None) };
    let mine = change.of(access.mine);
    if mine != access.mine {
        let values = params![conversation, user, mine.level, mine.pinned, mine.marked];
        writing.connection.prepare_cached(KEEP)?.execute(values)?;
        append_inbox(writing, user, EventBody::MineUpdate(MineChange { id: conversation, mine }), Seq::ZERO)?;
    }
    Ok(Some(mine))
}

pub(super) fn read_mark(
    writing: &mut Writing<'_>,
    viewer: UserId,
    conversation: ConversationId,
    seq: Seq,
) -> Result<Option<Seq>, StoreError> {
    let Some(marked) = overview::read_mark(writing.connection, viewer, conversation, seq)? else { return Ok(None) };
    if let Some(mine) = marked.mine {
        append_inbox(writing, viewer, EventBody::MineUpdate(MineChange { id: conversation, mine }), Seq::ZERO)?;
    }
    Ok(Some(marked.seq))
}
