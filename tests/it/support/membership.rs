//! Leaving a conversation and coming back to it, as SQL beside the store: for conversations of which nobody can.

// Numbers of `events.kind` and of `inbox_events.kind`.
const MEMBER_ADD: i64 = 2;
const MEMBER_REMOVE: i64 = 3;
const CONVERSATION_CREATE: i64 = 1;
const CONVERSATION_DELETE: i64 = 2;

pub fn leave(user: i64, conversation: i64) -> String {
    change(user, conversation, -1, "left_seq = c.last_seq", MEMBER_REMOVE, CONVERSATION_DELETE)
}

pub fn rejoin(user: i64, conversation: i64) -> String {
    let member = "left_seq = NULL, joined_seq = c.last_seq, read_seq = c.last_seq";
    change(user, conversation, 1, member, MEMBER_ADD, CONVERSATION_CREATE)
}

/// `by`: how many members more; `member`: what is set in the member's row, `c` being the conversation.
fn change(user: i64, conversation: i64, by: i64, member: &str, kind: i64, inbox_kind: i64) -> String {
    format!(
        "BEGIN IMMEDIATE;
         UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count + CASE kind WHEN 'direct' THEN 0 ELSE {by} END WHERE id = {conversation};
         UPDATE members SET {member}
            FROM conversations c WHERE c.id = {conversation} AND conversation_id = c.id AND user_id = {user};
         INSERT INTO events (conversation_id, seq, kind, user_id)
            SELECT id, last_seq, {kind}, {user} FROM conversations WHERE id = {conversation};
         UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = {user};
         INSERT INTO inbox_events (user_id, seq, kind, conversation_id, edge_seq)
            SELECT u.id, inbox_seq, {inbox_kind}, c.id, c.last_seq FROM users u JOIN conversations c ON c.id = {conversation}
            WHERE u.id = {user};
         COMMIT;"
    )
}
