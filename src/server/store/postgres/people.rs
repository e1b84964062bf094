//! People: their profiles and devices, and how they keep their conversations. Long because the trait is wide.

use async_trait::async_trait;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::connections::snapshot;
use super::house::{Broken, House, settle};
use super::rows::{Values, all, mine, one, run, seq, user_ref};
use super::{PostgresStore, blocking, bounded, conversations, overview};
use crate::protocol::limits::{LIST_MAX, READERS};
use crate::protocol::{
    Account, ConversationId, Event, EventBody, Mine, MineChange, Profile, Seq, SessionEntry, SessionId, Stream, UserId,
    UserList, UserRef,
};
use crate::server::store::StoreError;
use crate::server::store::agreed::{MINE_UPDATE, level_number, preference_numbers, preferences_of};
use crate::server::store::people::{Keep, People, UserChange, end_of};

/// A profile's columns, in the order in which [`profile`] reads them.
macro_rules! profiles {
    ($rest:literal) => {
        concat!("SELECT id, name, display_name, about, time_zone, created_ms", $rest)
    };
}

const ACCOUNT: &str = profiles!(", presence_hidden, theme, density FROM users WHERE id = $1");
const ACCOUNT_TO_CHANGE: &str =
    profiles!(", presence_hidden, theme, density FROM users WHERE id = $1 FOR NO KEY UPDATE");
const HIDING: &str = "SELECT id FROM users WHERE id = ANY($1) AND presence_hidden ORDER BY id";
const UPDATE: &str = "UPDATE users SET display_name = $2, about = $3, time_zone = $4, presence_hidden = $5,
    theme = $6, density = $7 WHERE id = $1";
const FOLD: &str = "UPDATE users SET display_folded = $2 WHERE id = $1";
const KEYS: &str = "SELECT folded, display_folded FROM users WHERE id = $1";
const NAMED: &str = profiles!(
    " FROM users WHERE folded COLLATE \"C\" >= $1 AND folded COLLATE \"C\" < $2 AND id <> $3
        ORDER BY folded COLLATE \"C\" LIMIT $4"
);
/// Those whose name begins alike came before them.
const SHOWN: &str = profiles!(
    " FROM users WHERE (display_folded COLLATE \"C\", id) > ($1, $2) AND display_folded COLLATE \"C\" < $3
        AND NOT (folded COLLATE \"C\" >= $4 AND folded COLLATE \"C\" < $3)
        ORDER BY display_folded COLLATE \"C\", id LIMIT $5"
);
const SESSIONS: &str = "SELECT id, client, created_ms, seen_ms FROM sessions
    WHERE user_id = $1 AND expires_ms > $2 ORDER BY seen_ms DESC, id DESC LIMIT $3";
const REVOKE: &str = "DELETE FROM sessions WHERE id = $1 AND user_id = $2";
const END_OTHERS: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id";
const MEMBER: &str = "SELECT m.level, m.pinned, m.marked, m.read_seq, c.last_seq
    FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.left_seq IS NULL FOR NO KEY UPDATE OF m";
const KEEP: &str = "UPDATE members SET level = $3, pinned = $4, marked = $5, read_seq = $6
    WHERE conversation_id = $1 AND user_id = $2";
const INBOX_NUMBER: &str = "UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = $1 RETURNING inbox_seq";
const ENTER_INBOX: &str = "INSERT INTO inbox_events (user_id, seq, kind, conversation_id) VALUES ($1, $2, $3, $4)";
const READ: &str = "SELECT m.user_id, m.read_seq
    FROM conversations c JOIN members m ON m.conversation_id = c.id
    WHERE c.id = $1 AND c.kind <> 'room' AND (m.left_seq IS NULL OR c.kind = 'direct') ORDER BY m.user_id LIMIT $2";

#[async_trait]
impl People for PostgresStore {
    async fn account(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        bounded(async {
            let row = one(&self.reader().await?, ACCOUNT, &[&user.0]).await?;
            row.map(|row| account(&row)).transpose()
        })
        .await
    }

    async fn hiding(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        bounded(async {
            let users: Vec<i64> = users.iter().map(|user| user.0).collect();
            let rows = all(&self.reader().await?, HIDING, &[&users]).await?;
            Ok(rows.iter().map(|row| row.try_get(0).map(UserId)).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn user_update(&self, user: UserId, change: UserChange) -> Result<Account, StoreError> {
        self.change(move |open| async move {
            let updated = settle(|| Box::pin(update(&open.house, user, &change))).await;
            // Also where it is not known what became of it.
            open.sessions.forget_of(&[user]);
            updated
        })
        .await
    }

    async fn user_list(&self, prefix: &str, after: Option<UserId>, limit: u32) -> Result<UserList, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            list(&snapshot(&mut client).await?, prefix, after, limit).await
        })
        .await
    }

    async fn session_list(&self, user: UserId, now_ms: i64) -> Result<Vec<SessionEntry>, StoreError> {
        bounded(async {
            let values: Values<'_> = &[&user.0, &now_ms, &i64::from(LIST_MAX)];
            let rows = all(&self.reader().await?, SESSIONS, values).await?;
            rows.iter().map(session).collect()
        })
        .await
    }

    async fn session_revoke(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        self.change(move |open| async move {
            let ended = run(&open.writer().await?, REVOKE, &[&session.0, &user.0]).await;
            open.sessions.forget(&[session]);
            Ok(ended? > 0)
        })
        .await
    }

    async fn sessions_revoke_others(&self, user: UserId, keep: SessionId) -> Result<Vec<SessionId>, StoreError> {
        self.change(move |open| async move {
            let ended = all(&open.writer().await?, END_OTHERS, &[&user.0, &keep.0]).await;
            open.sessions.forget_of(&[user]);
            Ok(ended?.iter().map(|row| row.try_get(0).map(SessionId)).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn mine_set(
        &self,
        user: UserId,
        conversation: ConversationId,
        change: Keep,
    ) -> Result<Option<Mine>, StoreError> {
        self.change(move |open| async move {
            let kept = settle(|| Box::pin(keep(&open.house, user, conversation, change, None))).await?;
            Ok(kept.map(|kept| kept.mine))
        })
        .await
    }

    async fn readers(
        &self,
        viewer: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Vec<(UserId, Seq)>>, StoreError> {
        bounded(async {
            let mut client = self.reader().await?;
            let snapshot = snapshot(&mut client).await?;
            if conversations::access(&snapshot, viewer, conversation).await?.is_none() {
                return Ok(None);
            }
            let rows = all(&snapshot, READ, &[&conversation.0, &i64::from(READERS)]).await?;
            let reader = |row: &Row| Ok::<_, tokio_postgres::Error>((UserId(row.try_get(0)?), seq(row, 1)?));
            Ok(Some(rows.iter().map(reader).collect::<Result<_, _>>()?))
        })
        .await
    }

    async fn block_set(&self, user: UserId, other: UserId, on: bool, now_ms: i64) -> Result<(), StoreError> {
        self.change(move |open| async move { blocking::set(&open.house, user, other, on, now_ms).await }).await
    }

    async fn is_blocked(&self, user: UserId, other: UserId) -> Result<bool, StoreError> {
        bounded(async { blocking::is_set(&self.reader().await?, user, other).await }).await
    }

    async fn blocked(&self, user: UserId) -> Result<Vec<UserRef>, StoreError> {
        bounded(async { blocking::list(&self.reader().await?, user).await }).await
    }
}

fn profile(row: &Row) -> Result<Profile, StoreError> {
    let user = user_ref(row, 0)?;
    Ok(Profile {
        id: user.id,
        name: user.name,
        display: user.display,
        about: row.try_get(3)?,
        time_zone: row.try_get(4)?,
        created_ms: row.try_get(5)?,
    })
}

fn account(row: &Row) -> Result<Account, StoreError> {
    let preferences = preferences_of(row.try_get(7)?, row.try_get(8)?);
    Ok(Account { profile: profile(row)?, presence_hidden: row.try_get(6)?, preferences })
}

fn session(row: &Row) -> Result<SessionEntry, StoreError> {
    Ok(SessionEntry {
        id: SessionId(row.try_get(0)?),
        client: row.try_get(1)?,
        created_ms: row.try_get(2)?,
        seen_ms: row.try_get(3)?,
        current: false,
    })
}

async fn update(house: &House, user: UserId, change: &UserChange) -> Result<Account, Broken> {
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    let row = one(&transaction, ACCOUNT_TO_CHANGE, &[&user.0]).await?.ok_or(StoreError::NotFound)?;
    let before = account(&row)?;
    let after = change.of(&before);
    if after == before {
        return Ok(after);
    }
    let (profile, (theme, density)) = (&after.profile, preference_numbers(after.preferences));
    let values: Values<'_> =
        &[&user.0, &profile.display, &profile.about, &profile.time_zone, &after.presence_hidden, &theme, &density];
    run(&transaction, UPDATE, values).await?;
    if profile.display != before.profile.display {
        let folded = change.display.as_ref().and_then(Option::as_ref).map(|display| &display.folded);
        run(&transaction, FOLD, &[&user.0, &folded]).await?;
    }
    transaction.commit().await?;
    Ok(after)
}

async fn list(
    on: &impl GenericClient,
    prefix: &str,
    after: Option<UserId>,
    limit: u32,
) -> Result<UserList, StoreError> {
    let (limit, end) = (i64::from(limit.min(LIST_MAX)), end_of(prefix));
    let (named, shown) = match after {
        None => (Some((prefix.to_owned(), 0)), (prefix.to_owned(), 0)),
        Some(id) => {
            let keys = one(on, KEYS, &[&id.0]).await?;
            let keys: Option<(String, Option<String>)> =
                keys.map(|row| Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?))).transpose()?;
            match keys {
                Some((folded, _)) if folded.starts_with(prefix) => (Some((folded, id.0)), (prefix.to_owned(), 0)),
                Some((_, Some(display))) if display.starts_with(prefix) => (None, (display, id.0)),
                // Nothing comes after one who is not in the list.
                _ => return Ok(UserList { users: Vec::new(), more: false }),
            }
        }
    };
    // One too many, to learn whether there is more.
    let mut rows = Vec::new();
    if let Some((start, but)) = named {
        rows = all(on, NAMED, &[&start, &end, &but, &(limit + 1)]).await?;
    }
    let rest = limit + 1 - i64::try_from(rows.len()).unwrap_or(limit + 1);
    if rest > 0 && !prefix.is_empty() {
        let (start, id) = shown;
        rows.extend(all(on, SHOWN, &[&start, &id, &end, &prefix, &rest]).await?);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(UserList { users: rows.iter().map(profile).collect::<Result<_, _>>()?, more })
}

/// How a member keeps a conversation, and how far they have read.
struct Kept {
    mine: Mine,
    read_seq: Seq,
}

/// The member's row is locked before their inbox, as where somebody joins.
async fn keep(
    house: &House,
    user: UserId,
    conversation: ConversationId,
    change: Keep,
    mark: Option<Seq>,
) -> Result<Option<Kept>, Broken> {
    let _rare = house.order.rare().await;
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    let Some(row) = one(&transaction, MEMBER, &[&conversation.0, &user.0]).await? else { return Ok(None) };
    let (before, read_seq, last_seq) = (mine(&row, 0)?, seq(&row, 3)?, seq(&row, 4)?);
    let mark = mark.map_or(read_seq, |mark| mark.min(last_seq));
    if mark < read_seq {
        // What was marked as unread since was not read by that.
        return Ok(Some(Kept { mine: before, read_seq }));
    }
    let after = Kept { mine: change.of(before), read_seq: mark };
    if after.mine == before && mark == read_seq {
        return Ok(Some(after));
    }
    let (level, now) = (level_number(after.mine.level), &after.mine);
    let values: Values<'_> = &[&conversation.0, &user.0, &level, &now.pinned, &now.marked, &mark.0];
    run(&transaction, KEEP, values).await?;
    let mut events = Vec::new();
    if after.mine != before {
        let row = one(&transaction, INBOX_NUMBER, &[&user.0]).await?.ok_or(StoreError::NotFound)?;
        let number = seq(&row, 0)?;
        run(&transaction, ENTER_INBOX, &[&user.0, &number.0, &MINE_UPDATE, &conversation.0]).await?;
        let body = EventBody::MineUpdate(MineChange { id: conversation, mine: after.mine });
        events.push(Event { stream: Stream::Inbox(user), seq: number, body });
    }
    transaction.commit().await?;
    house.publish(events).await;
    Ok(Some(after))
}

/// Moves the read mark forward; what was marked as unread is read with it.
pub(super) async fn read_mark(
    house: &House,
    viewer: UserId,
    conversation: ConversationId,
    mark: Seq,
) -> Result<Option<Seq>, StoreError> {
    if let Some(moved) = overview::read_mark(house.connections.writer().await?, viewer, conversation, mark).await? {
        return Ok(Some(moved));
    }
    let client = house.connections.writer().await?;
    let Some(access) = conversations::access(&client, viewer, conversation).await? else { return Ok(None) };
    let is_marked = overview::theirs(&client, viewer, &[conversation.0]).await?;
    if !is_marked.get(&conversation).is_some_and(|mine| mine.marked) {
        return Ok(Some(access.read_seq));
    }
    drop(client);
    let kept = settle(|| Box::pin(keep(house, viewer, conversation, Keep::READ, Some(mark)))).await?;
    Ok(kept.map(|kept| kept.read_seq))
}
