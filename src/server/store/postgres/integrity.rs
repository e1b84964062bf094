//! What must hold in the database, checked for `chatter doctor`. Reads everything: for operators, not for requests.

use super::connections::{Connections, snapshot};
use crate::server::store::StoreError;
use crate::server::store::invariants::INVARIANTS;

/// What SQLite's foreign keys refuse, and here nothing does: sentences as there.
const REFERENCES: &[(&str, &str)] = &[
    (
        "conversation {}: it is written in a log, and does not exist",
        "SELECT DISTINCT e.conversation_id FROM events e LEFT JOIN conversations c ON c.id = e.conversation_id
         WHERE c.id IS NULL",
    ),
    (
        "user {}: they wrote, joined or have an inbox, and do not exist",
        "SELECT DISTINCT e.user_id FROM (SELECT user_id FROM events UNION SELECT user_id FROM inbox_events) e
         LEFT JOIN users u ON u.id = e.user_id WHERE u.id IS NULL",
    ),
];

/// Nothing is wrong with a database that is empty yet.
const IS_BEGUN: &str = "SELECT to_regclass('conversations') IS NOT NULL";

/// Everything that is wrong, in sentences; empty if all is well.
pub(super) async fn check(connections: &Connections) -> Result<Vec<String>, StoreError> {
    let mut client = connections.reader().await?;
    let snapshot = snapshot(&mut client).await?;
    snapshot.batch_execute("SET LOCAL statement_timeout = 0").await?;
    if !snapshot.query_one(IS_BEGUN, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(Vec::new());
    }
    let mut wrong = Vec::new();
    for (sentence, sql) in INVARIANTS.iter().chain(REFERENCES) {
        for row in snapshot.query(*sql, &[]).await? {
            wrong.push(sentence.replace("{}", &row.try_get::<_, i64>(0)?.to_string()));
        }
    }
    Ok(wrong)
}
