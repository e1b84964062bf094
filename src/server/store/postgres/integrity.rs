//! What must hold in the database, checked for `chatter doctor`. Reads everything: for operators, not for requests.

use super::connections::{Connections, snapshot};
use crate::server::store::StoreError;

/// Sentences; each query answers the ids (or rows) for which its sentence is true.
const INVARIANTS: &[(&str, &str)] = &[
    (
        "conversation {}: its log has holes, or does not end at its last number",
        "SELECT c.id FROM conversations c LEFT JOIN
            (SELECT conversation_id, count(*) AS entries, max(seq) AS last FROM events GROUP BY conversation_id) e
            ON e.conversation_id = c.id
         WHERE c.last_seq <> coalesce(e.entries, 0) OR c.last_seq <> coalesce(e.last, 0)",
    ),
    (
        "user {}: their inbox has holes, or does not end at its last number",
        "SELECT u.id FROM users u LEFT JOIN
            (SELECT user_id, count(*) AS entries, max(seq) AS last FROM inbox_events GROUP BY user_id) e
            ON e.user_id = u.id
         WHERE u.inbox_seq <> coalesce(e.entries, 0) OR u.inbox_seq <> coalesce(e.last, 0)",
    ),
    (
        "conversation {}: a message has no event that created it",
        "SELECT DISTINCT m.conversation_id FROM messages m LEFT JOIN events e
            ON e.conversation_id = m.conversation_id AND e.seq = m.seq AND e.kind = 1 AND e.message_seq = m.seq
         WHERE e.seq IS NULL",
    ),
    (
        "conversation {}: a creating event has no message, or another author",
        "SELECT DISTINCT e.conversation_id FROM events e LEFT JOIN messages m
            ON m.conversation_id = e.conversation_id AND m.seq = e.seq AND m.author_id = e.user_id
         WHERE e.kind = 1 AND m.seq IS NULL",
    ),
    (
        "conversation {}: a member's mark is past the end of the log",
        "SELECT DISTINCT c.id FROM members m JOIN conversations c ON c.id = m.conversation_id
         WHERE greatest(m.read_seq, m.joined_seq, coalesce(m.left_seq, 0)) > c.last_seq",
    ),
    (
        "conversation {}: the number of its members is wrong",
        "SELECT id FROM conversations c WHERE member_count <>
            (SELECT count(*) FROM members m WHERE m.conversation_id = c.id AND m.left_seq IS NULL)",
    ),
    (
        "user {}: a message of theirs has no nonce",
        "SELECT DISTINCT m.author_id FROM messages m LEFT JOIN nonces n
            ON n.author_id = m.author_id AND n.nonce = m.nonce AND n.conversation_id = m.conversation_id
                AND n.seq = m.seq
         WHERE n.seq IS NULL",
    ),
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

/// Everything that is wrong, in sentences; empty if all is well.
pub(super) async fn check(connections: &Connections) -> Result<Vec<String>, StoreError> {
    let mut client = connections.reader().await?;
    let snapshot = snapshot(&mut client).await?;
    snapshot.batch_execute("SET LOCAL statement_timeout = 0").await?;
    let mut wrong = Vec::new();
    for (sentence, sql) in INVARIANTS {
        for row in snapshot.query(*sql, &[]).await? {
            wrong.push(sentence.replace("{}", &row.try_get::<_, i64>(0)?.to_string()));
        }
    }
    Ok(wrong)
}
