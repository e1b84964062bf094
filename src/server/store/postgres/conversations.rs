//! Conversations as they stand: who may see what, and who is in them.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;

use super::rows::{all, conversation, conversation_columns, one, seq, user_ref};
use crate::protocol::{Conversation, ConversationId, ConversationKind, Seq, UserId, UserRef};
use crate::server::store::StoreError;

const LOAD: &str = concat!("SELECT ", conversation_columns!(), " FROM conversations c WHERE c.id = ANY($1)");
const MEMBERS: &str =
    "SELECT m.conversation_id, u.id, u.name, u.display_name FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = ANY($1) AND (m.left_seq IS NULL OR m.conversation_id = ANY($2)) ORDER BY m.conversation_id, m.user_id";
const PAIR: &str = "SELECT id FROM conversations WHERE low_user_id = $1 AND high_user_id = $2";
const ACCESS: &str = "SELECT c.last_seq, m.read_seq, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END,
    c.archived FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.left_seq IS NULL";

/// What a member may see of a conversation, and where it stands.
pub(super) struct Access {
    pub(super) last_seq: Seq,
    pub(super) read_seq: Seq,
    /// The first seq that is theirs to see: groups show their history from where one joined.
    pub(super) floor: Seq,
    pub(super) archived: bool,
}

/// `None` for those who are no member now, and for what does not exist.
pub(super) async fn access(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
) -> Result<Option<Access>, StoreError> {
    let Some(row) = one(on, ACCESS, &[&conversation.0, &viewer.0]).await? else { return Ok(None) };
    let (last_seq, read_seq, floor) = (seq(&row, 0)?, seq(&row, 1)?, seq(&row, 2)?);
    Ok(Some(Access { last_seq, read_seq, floor, archived: row.try_get(3)? }))
}

/// These conversations as they stand now, by id.
pub(super) async fn load(
    on: &impl GenericClient,
    ids: &[i64],
) -> Result<HashMap<ConversationId, Conversation>, StoreError> {
    let mut found = Vec::new();
    for row in all(on, LOAD, &[&ids]).await? {
        found.push(conversation(&row)?);
    }
    with_members(on, found.iter_mut()).await?;
    Ok(found.into_iter().map(|conversation| (conversation.id, conversation)).collect())
}

/// Fills in the members, except those of rooms, which may hold thousands. A direct conversation is one of two people,
/// whatever one of them has blocked.
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
    let direct = shown.values().filter(|one| one.kind == ConversationKind::Direct).map(|one| one.id.0);
    let direct: Vec<i64> = direct.collect();
    for row in all(on, MEMBERS, &[&ids, &direct]).await? {
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
