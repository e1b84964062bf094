//! What must hold in the file, checked for `chatter doctor`. Reads everything: for operators, not for requests.

use rusqlite::Connection;

use crate::server::store::StoreError;

/// Sentences; each query answers the ids (or rows) for which its sentence is true.
const INVARIANTS: &[(&str, &str)] = &[
    (
        "conversation {}: its log has holes, or does not end at its last number",
        "SELECT c.id FROM conversations c LEFT JOIN
            (SELECT conversation_id, count(*) AS entries, max(seq) AS last FROM events GROUP BY conversation_id) e
            ON e.conversation_id = c.id
         WHERE c.last_seq <> ifnull(e.entries, 0) OR c.last_seq <> ifnull(e.last, 0)",
    ),
    (
        "user {}: their inbox has holes, or does not end at its last number",
        "SELECT u.id FROM users u LEFT JOIN
            (SELECT user_id, count(*) AS entries, max(seq) AS last FROM inbox_events GROUP BY user_id) e
            ON e.user_id = u.id
         WHERE u.inbox_seq <> ifnull(e.entries, 0) OR u.inbox_seq <> ifnull(e.last, 0)",
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
         WHERE max(m.read_seq, m.joined_seq, ifnull(m.left_seq, 0)) > c.last_seq",
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
];

/// Everything that is wrong, in sentences; empty if all is well.
pub(super) fn check(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let connection = connection.transaction()?;
    let mut wrong: Vec<String> = column(&connection, "PRAGMA integrity_check")?;
    wrong.retain(|line| line != "ok");
    let orphans: Vec<String> = connection
        .prepare("SELECT DISTINCT \"table\", parent FROM pragma_foreign_key_check")?
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
        .map(|row| row.map(|(table, parent)| format!("{table}: a row refers to a row of {parent} that is missing")))
        .collect::<Result<_, _>>()?;
    wrong.extend(orphans);
    for (sentence, sql) in INVARIANTS {
        let ids: Vec<i64> = column(&connection, sql)?;
        wrong.extend(ids.iter().map(|id| sentence.replace("{}", &id.to_string())));
    }
    Ok(wrong)
}

fn column<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> Result<Vec<T>, StoreError> {
    Ok(connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}
