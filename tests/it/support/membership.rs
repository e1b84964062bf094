//! Leaving a conversation and coming back to it, as SQL beside the store: no method does either yet.

pub fn leave(user: i64, conversation: i64) -> String {
    format!(
        "BEGIN IMMEDIATE;
         UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count - 1 WHERE id = {conversation};
         UPDATE members SET left_seq = (SELECT last_seq FROM conversations WHERE id = {conversation})
            WHERE conversation_id = {conversation} AND user_id = {user};
         INSERT INTO events (conversation_id, seq, kind, user_id)
            SELECT id, last_seq, 3, {user} FROM conversations WHERE id = {conversation};
         UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = {user};
         INSERT INTO inbox_events (user_id, seq, kind, conversation_id)
            SELECT id, inbox_seq, 2, {conversation} FROM users WHERE id = {user};
         COMMIT;"
    )
}

pub fn rejoin(user: i64, conversation: i64) -> String {
    format!(
        "BEGIN IMMEDIATE;
         UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count + 1 WHERE id = {conversation};
         UPDATE members SET left_seq = NULL, joined_seq = c.last_seq, read_seq = c.last_seq
            FROM conversations c WHERE c.id = {conversation} AND conversation_id = c.id AND user_id = {user};
         INSERT INTO events (conversation_id, seq, kind, user_id)
            SELECT id, last_seq, 2, {user} FROM conversations WHERE id = {conversation};
         UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = {user};
         INSERT INTO inbox_events (user_id, seq, kind, conversation_id)
            SELECT id, inbox_seq, 1, {conversation} FROM users WHERE id = {user};
         COMMIT;"
    )
}
