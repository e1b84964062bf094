//! Whom a user shares a direct conversation or a group with.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::protocol::UserId;
use crate::server::store::StoreError;

/// Of the latest conversation first. A person stands in it as often as there are conversations with them: to sort that out
/// here would sort all of it before the first is known.
pub(super) const OF: &str = "SELECT o.user_id
    FROM members m JOIN conversations c ON c.id = m.conversation_id JOIN members o ON o.conversation_id = c.id
    WHERE m.user_id = ?1 AND m.left_seq IS NULL AND c.kind <> 'room' AND o.left_seq IS NULL AND o.user_id <> ?1
    ORDER BY m.conversation_id DESC LIMIT ?2";
/// Rows that are looked at for each contact that may be answered.
const ROWS: u32 = 10;

pub(super) fn of(connection: &Connection, user: UserId, limit: u32) -> Result<Vec<UserId>, StoreError> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut contacts, mut known) = (Vec::new(), HashSet::new());
    let mut statement = connection.prepare_cached(OF)?;
    let mut rows = statement.query(params![user, limit.saturating_mul(ROWS)])?;
    while contacts.len() < most
        && let Some(row) = rows.next()?
    {
        let contact = row.get(0)?;
        if known.insert(contact) {
            contacts.push(contact);
        }
    }
    Ok(contacts)
}
