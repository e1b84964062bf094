//! Conversations as they stand: who may see what, and who is in them.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;
use tokio_postgres::Error;

use super::rows::{all, kind, one, seq, user_ref};
use crate::protocol::{Conversation, ConversationId, ConversationKind, Seq, UserId, UserRef};
use crate::server::store::StoreError;

const LOAD: &str = "SELECT id, kind, title, member_count FROM conversations WHERE id = ANY($1)";
const MEMBERS: &str = "SELECT m.conversation_id, u.id, u.name FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = ANY($1) AND m.left_seq IS NULL ORDER BY m.conversation_id, m.user_id";
const PAIR: &str = "SELECT id FROM conversations WHERE low_user_id = $1 AND high_user_id = $2";
const ACCESS: &str = "SELECT c.last_seq, m.read_seq, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END
    FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.left_seq IS NULL";

/// What a member may see of a conversation, and where it stands.
pub(super) struct Access {
    pub(super) last_seq: Seq,
    pub(super) read_seq: Seq,
    /// The first seq that is theirs to see: groups show their history from where one joined.
    pub(super) floor: Seq,
}

/// `None` for those who are no member now, and for what does not exist.
pub(super) async fn access(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
) -> Result<Option<Access>, StoreError> {
    let row = one(on, ACCESS, &[&conversation.0, &viewer.0]).await?;
    let access = row
        .map(|row| Ok::<_, Error>(Access { last_seq: seq(&row, 0)?, read_seq: seq(&row, 1)?, floor: seq(&row, 2)? }));
    Ok(access.transpose()?)
}

/// These conversations as they stand now, by id.
pub(super) async fn load(
    on: &impl GenericClient,
    ids: &[i64],
) -> Result<HashMap<ConversationId, Conversation>, StoreError> {
    let mut found = Vec::new();
    for row in all(on, LOAD, &[&ids]).await? {
        found.push(Conversation {
            id: ConversationId(row.try_get(0)?),
            kind: kind(row.try_get(1)?)?,
            title: row.try_get(2)?,
            members: Vec::new(),
            member_count: row.try_get(3)?,
        });
    }
    with_members(on, found.iter_mut()).await?;
    Ok(found.into_iter().map(|conversation| (conversation.id, conversation)).collect())
}

/// Fills in the members, except those of rooms, which may hold thousands.
pub(super) async fn with_members<'c>(
    on: &impl GenericClient,
    conversations: impl Iterator<Item = &'c mut Conversation>,
) -> Result<(), StoreError> {
    let mut shown: HashMap<i64, &mut Conversation> =
        conversations.filter(|one| one.kind != ConversationKind::Room).map(|one| (one.id.0, one)).collect();
    let ids: Vec<i64> = shown.keys().copied().collect();
    if ids.is_empty() {
        return Ok(());
    }
    for row in all(on, MEMBERS, &[&ids]).await? {
        let (id, member): (i64, UserRef) = (row.try_get(0)?, user_ref(&row, 1)?);
        if let Some(conversation) = shown.get_mut(&id) {
            conversation.members.push(member);
        }
    }
    Ok(())
}

pub(super) async fn direct_find(
    on: &impl GenericClient,
    one_user: UserId,
    other: UserId,
) -> Result<Option<ConversationId>, StoreError> {
    let row = one(on, PAIR, &[&one_user.min(other).0, &one_user.max(other).0]).await?;
    Ok(row.map(|row| row.try_get(0).map(ConversationId)).transpose()?)
}
