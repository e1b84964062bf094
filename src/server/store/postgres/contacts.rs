//! Whom a user shares a direct conversation or a group with.

use deadpool_postgres::GenericClient;

use super::rows::all;
use crate::protocol::UserId;
use crate::server::store::StoreError;

const OF: &str = "SELECT o.user_id
    FROM members m JOIN conversations c ON c.id = m.conversation_id JOIN members o ON o.conversation_id = c.id
    WHERE m.user_id = $1 AND m.left_seq IS NULL AND c.kind <> 'room' AND o.left_seq IS NULL AND o.user_id <> $1
    GROUP BY o.user_id ORDER BY max(o.conversation_id) DESC LIMIT $2";

pub(super) async fn of(on: &impl GenericClient, user: UserId, limit: u32) -> Result<Vec<UserId>, StoreError> {
    let rows = all(on, OF, &[&user.0, &i64::from(limit)]).await?;
    Ok(rows.iter().map(|row| row.try_get(0).map(UserId)).collect::<Result<_, _>>()?)
}
