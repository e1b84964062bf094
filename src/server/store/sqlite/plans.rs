//! Holds the statements of the hot paths to their indices: none may scan a table, and none but the conversation
//! list may sort.

use super::connection;
use super::{conversations, events, messages, nonces, overview, posting, sessions, users};

/// How SQLite would run a statement, one step a line.
fn plan(sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let connection = connection::writer(&folder.path().join("chatter.db")).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nothing = vec![None::<i64>; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

#[test]
fn no_hot_statement_scans_a_table() {
    let cases: &[(&str, &[&str])] = &[
        (messages::OLDER, &["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>? AND seq<?)"]),
        (messages::NEWER, &["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>?)"]),
        (events::AFTER, &["SEARCH e USING PRIMARY KEY (conversation_id=? AND seq>?)", "SEARCH m USING PRIMARY KEY"]),
        (events::INBOX_AFTER, &["SEARCH inbox_events USING PRIMARY KEY (user_id=? AND seq>?)"]),
        (overview::UNREAD, &["SEARCH events USING PRIMARY KEY (conversation_id=? AND seq>?)"]),
        (overview::PREVIEW, &["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>?)"]),
        (overview::ALL, &["SEARCH m USING INDEX members_by_user (user_id=?)"]),
        (overview::MEMBERSHIPS, &["SEARCH m USING INDEX members_by_user (user_id=?)"]),
        (nonces::FIND, &["SEARCH nonces USING PRIMARY KEY (author_id=? AND nonce=?)"]),
        (posting::NUMBER, &["SEARCH conversations USING INTEGER PRIMARY KEY", "SEARCH members USING"]),
        (conversations::ACCESS, &["SEARCH m USING PRIMARY KEY (conversation_id=? AND user_id=?)"]),
        (conversations::MEMBERS, &["SEARCH m USING PRIMARY KEY (conversation_id=?)"]),
        (conversations::PAIR, &["conversations_of_pair (low_user_id=? AND high_user_id=?)"]),
        (users::BY_NAME, &["(folded=?)"]),
        (users::END_OTHERS, &["sessions_of_user (user_id=?)"]),
        (sessions::BY_TOKEN, &["(token_hash=?)"]),
        (sessions::CLEAR, &["sessions_by_end (expires_ms<?)"]),
    ];
    for (sql, expected) in cases {
        let plan = plan(sql);
        for step in *expected {
            assert!(plan.contains(step), "{sql}\nshould {step}, but would\n{plan}");
        }
        let scans = plan.lines().any(|step| step.starts_with("SCAN") && !step.starts_with("SCAN (subquery"));
        assert!(!scans, "{sql}\nscans:\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}\nsorts:\n{plan}");
    }
}

#[test]
fn the_conversation_list_reads_one_users_conversations_only() {
    let plan = plan(overview::RECENT);
    assert!(plan.contains("SEARCH m USING INDEX members_by_user (user_id=?)"), "{plan}");
    assert!(plan.contains("SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
}

#[test]
fn rooms_for_everyone_are_found_without_the_others() {
    assert!(plan(users::ROOMS_FOR_EVERYONE).contains("conversations_for_everyone"));
}
