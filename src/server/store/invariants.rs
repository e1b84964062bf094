//! What must hold in the data, in SQL that every back end reads alike. For `chatter doctor`.

/// Sentences; each query answers the ids (or rows) for which its sentence is true.
pub(super) const INVARIANTS: &[(&str, &str)] = &[
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
            ON e.conversation_id = m.conversation_id AND e.seq = m.seq AND e.message_seq = m.seq
                AND e.kind = CASE WHEN m.deleted THEN 5 ELSE 1 END
         WHERE e.seq IS NULL",
    ),
    (
        "conversation {}: a creating event has no message, or another author",
        "SELECT DISTINCT e.conversation_id FROM events e LEFT JOIN messages m
            ON m.conversation_id = e.conversation_id AND m.seq = e.seq AND m.author_id = e.user_id
         WHERE e.kind = 1 AND m.seq IS NULL",
    ),
    (
        "conversation {}: a deleted message has not left all that it was",
        "SELECT DISTINCT m.conversation_id FROM messages m LEFT JOIN message_edits e
            ON e.conversation_id = m.conversation_id AND e.seq = m.seq
         WHERE m.deleted AND (length(m.content) > 0 OR m.reactions IS NOT NULL OR m.pinned OR e.seq IS NOT NULL)",
    ),
    (
        "conversation {}: a member's mark is past the end of the log",
        "SELECT DISTINCT c.id FROM members m JOIN conversations c ON c.id = m.conversation_id
         WHERE m.read_seq > c.last_seq OR m.joined_seq > c.last_seq OR m.left_seq > c.last_seq",
    ),
    (
        "conversation {}: the number of its members is wrong",
        "SELECT id FROM conversations c WHERE member_count <>
            (SELECT count(*) FROM members m WHERE m.conversation_id = c.id
                AND (m.left_seq IS NULL OR c.kind = 'direct'))",
    ),
    (
        "conversation {}: its manager is no member",
        "SELECT c.id FROM conversations c LEFT JOIN members m
            ON m.conversation_id = c.id AND m.user_id = c.manager_id AND m.left_seq IS NULL
         WHERE c.manager_id IS NOT NULL AND m.user_id IS NULL",
    ),
    (
        "user {}: a message of theirs has no nonce",
        "SELECT DISTINCT m.author_id FROM messages m LEFT JOIN nonces n
            ON n.author_id = m.author_id AND n.nonce = m.nonce AND n.conversation_id = m.conversation_id
                AND n.seq = m.seq
         WHERE n.seq IS NULL",
    ),
];
