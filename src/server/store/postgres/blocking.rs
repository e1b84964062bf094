//! Who wants to hear no more from whom. Of their direct conversation the one who blocks is no member meanwhile, and
//! nothing in its log says so: the other goes on writing there.

use std::slice;

use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::changes::{missing, people, tell};
use super::conversations;
use super::house::{Broken, House, settle};
use super::rows::{all, one, run, seq, user_ref};
use crate::protocol::limits::BLOCKED;
use crate::protocol::{ConversationId, EventBody, UserId, UserRef};
use crate::server::store::{Absence, StoreError};

const SET: &str = "INSERT INTO blocks (user_id, blocked_id, created_ms) VALUES ($1, $2, $3)";
const UNSET: &str = "DELETE FROM blocks WHERE user_id = $1 AND blocked_id = $2";
const IS: &str = "SELECT 1 FROM blocks WHERE user_id = $1 AND blocked_id = $2";
const COUNT: &str = "SELECT count(*) FROM blocks WHERE user_id = $1";
const LIST: &str = "SELECT u.id, u.name, u.display_name FROM blocks b JOIN users u ON u.id = b.blocked_id
    WHERE b.user_id = $1 ORDER BY b.blocked_id";
/// Whoever blocks, and whoever opens a conversation, know of each other: of two people, by a lock for the two.
const LOCK_PAIR: &str = "SELECT pg_advisory_xact_lock(hashint8($1), hashint8($2))";
const LOCK_DIRECT: &str = "SELECT last_seq FROM conversations WHERE id = $1 FOR NO KEY UPDATE";
/// Whoever is in a direct conversation from its beginning joined it at 0.
const ABSENCES: &str = "SELECT m.user_id, coalesce(m.left_seq, m.joined_seq), m.left_seq IS NULL
    FROM conversations c JOIN members m ON m.conversation_id = c.id AND (m.left_seq IS NOT NULL OR m.joined_seq > 0)
    WHERE c.id = $1 AND c.kind = 'direct'";
/// Who has left `c`, if it is a direct conversation: an expression. Read it after the conversation's lock was waited for,
/// which those who leave it hold.
macro_rules! gone {
    () => {
        "CASE c.kind WHEN 'direct' THEN (SELECT g.user_id FROM members g
            WHERE g.conversation_id = c.id AND g.left_seq IS NOT NULL LIMIT 1) END"
    };
}
pub(super) use gone;

pub(super) const LEAVE: &str = "UPDATE members SET left_seq = $3
    WHERE conversation_id = $1 AND user_id = $2 AND left_seq IS NULL";
/// Nothing of what was written meanwhile is unread.
const RETURN: &str = "UPDATE members SET left_seq = NULL, marked = false, joined_seq = $3, read_seq = $3
    WHERE conversation_id = $1 AND user_id = $2 AND left_seq IS NOT NULL";

pub(super) async fn set(house: &House, user: UserId, other: UserId, on: bool, now_ms: i64) -> Result<(), StoreError> {
    settle(|| Box::pin(try_set(house, user, other, on, now_ms))).await
}

async fn try_set(house: &House, user: UserId, other: UserId, on: bool, now_ms: i64) -> Result<(), Broken> {
    if user == other {
        return Err(StoreError::Forbidden.into());
    }
    let _rare = house.order.rare().await;
    // What is written there after this is published after it. One that is opened in between has nobody who would be told.
    let direct = conversations::direct_find(&house.connections.reader().await?, user, other).await?;
    let _lane = house.order.of(direct.as_slice()).await;
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    lock_pair(&transaction, user, other).await?;
    let both = people(&transaction, &[user, other]).await?;
    if is_set(&transaction, user, other).await? == on {
        return Ok(());
    }
    if on {
        let count: i64 = one(&transaction, COUNT, &[&user.0]).await?.ok_or_else(missing)?.try_get(0)?;
        if count >= BLOCKED {
            return Err(StoreError::LimitReached.into());
        }
        run(&transaction, SET, &[&user.0, &other.0, &now_ms]).await?;
    } else {
        run(&transaction, UNSET, &[&user.0, &other.0]).await?;
    }
    let mut published = Vec::new();
    if let Some(direct) = conversations::direct_find(&transaction, user, other).await? {
        let last: i64 = one(&transaction, LOCK_DIRECT, &[&direct.0]).await?.ok_or_else(missing)?.try_get(0)?;
        let changed = run(&transaction, if on { LEAVE } else { RETURN }, &[&direct.0, &user.0, &last]).await?;
        let me = both.iter().find(|person| person.id == user).ok_or_else(missing)?;
        let (body, edge) = if on {
            (EventBody::ConversationDelete(direct), last)
        } else {
            let stands = conversations::load(&transaction, &[direct.0]).await?.remove(&direct);
            (EventBody::ConversationCreate(stands.ok_or_else(missing)?), last + 1)
        };
        if changed > 0 {
            published = tell(&transaction, &body, slice::from_ref(me), &[edge]).await?;
        }
    }
    transaction.commit().await?;
    house.publish(published).await;
    Ok(())
}

/// Until the transaction's end.
pub(super) async fn lock_pair(on: &impl GenericClient, one_user: UserId, other: UserId) -> Result<(), Broken> {
    one(on, LOCK_PAIR, &[&one_user.min(other).0, &one_user.max(other).0]).await?;
    Ok(())
}

/// Whether `user` has blocked `other`.
pub(super) async fn is_set(on: &impl GenericClient, user: UserId, other: UserId) -> Result<bool, StoreError> {
    Ok(one(on, IS, &[&user.0, &other.0]).await?.is_some())
}

/// Who has left a direct conversation, or is back.
pub(super) async fn absences(
    on: &impl GenericClient,
    conversation: ConversationId,
) -> Result<Vec<Absence>, StoreError> {
    let rows = all(on, ABSENCES, &[&conversation.0]).await?;
    let absence =
        |row: &Row| Ok(Absence { user: UserId(row.try_get(0)?), seq: seq(row, 1)?, is_over: row.try_get(2)? });
    rows.iter().map(absence).collect::<Result<_, StoreError>>()
}

pub(super) async fn list(on: &impl GenericClient, user: UserId) -> Result<Vec<UserRef>, StoreError> {
    let rows = all(on, LIST, &[&user.0]).await?;
    Ok(rows.iter().map(|row| user_ref(row, 0)).collect::<Result<_, _>>()?)
}
