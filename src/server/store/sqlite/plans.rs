//! Holds every statement to its plan: which index finds its rows, word for word as SQLite tells it. None scans a table
//! but the one that lists all users, and none sorts but the lists of conversations and of
//! sessions, which sort one user's.

use std::fs;
use std::path::Path;

use super::connection;
use super::{
    amending, blocking, contacts, conversations, directory, events, managing, mentions, messages, nonces, overview,
    people, posting, sessions, users,
};

/// A statement's name, its SQL, and the steps of its plan.
pub(super) type Planned = (&'static str, &'static str, &'static [&'static str]);

macro_rules! planned {
    ($($module:ident::$name:ident: [$($step:literal),* $(,)?];)*) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), $module::$name, &[$($step),*])),*]
    };
}

/// Every statement there is. Those without a step insert one row; what a foreign key looks up is no part of a plan. What
/// is inserted into a table that others refer to says no `RETURNING`: with it the plan would hold a scan of each of them.
pub(super) const STATEMENTS: &[Planned] = planned! {
    amending::NUMBER: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    amending::KEEP: [];
    amending::WRITE: ["SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq=?)"];
    amending::FORGET: ["SEARCH message_edits USING PRIMARY KEY (conversation_id=? AND seq=?)"];
    amending::UNCREATE: ["SEARCH events USING PRIMARY KEY (conversation_id=? AND seq=?)"];
    amending::HISTORY: ["SEARCH message_edits USING PRIMARY KEY (conversation_id=? AND seq=?)"];
    blocking::ABSENCES: ["SEARCH c USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH m USING PRIMARY KEY (conversation_id=?)"];
    blocking::SET: [];
    blocking::UNSET: ["SEARCH blocks USING PRIMARY KEY (user_id=? AND blocked_id=?)"];
    blocking::IS: ["SEARCH blocks USING PRIMARY KEY (user_id=? AND blocked_id=?)"];
    blocking::COUNT: ["SEARCH blocks USING PRIMARY KEY (user_id=?)"];
    blocking::LIST: ["SEARCH b USING PRIMARY KEY (user_id=?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"];
    blocking::LEAVE: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)", "SCALAR SUBQUERY 1", "SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    blocking::RETURN: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)", "SCALAR SUBQUERY 1", "SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    contacts::OF: ["SEARCH m USING INDEX members_by_user (user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH o USING PRIMARY KEY (conversation_id=?)"];
    conversations::INSERT: [];
    conversations::ADD_MEMBER: [];
    conversations::LOAD: ["SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"];
    conversations::MEMBERS: ["SEARCH m USING PRIMARY KEY (conversation_id=?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"];
    conversations::PAIR: ["SEARCH conversations USING COVERING INDEX conversations_of_pair (low_user_id=? AND high_user_id=?)"];
    conversations::ACCESS: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"];
    directory::ROOMS: ["SEARCH c USING INDEX conversations_open (title_folded>?)", "SEARCH m USING PRIMARY KEY (conversation_id=? AND user_id=?) LEFT-JOIN"];
    directory::FIND: ["SEARCH m USING INDEX members_by_user (user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)", "CORRELATED SCALAR SUBQUERY 1", "SEARCH o USING PRIMARY KEY (conversation_id=?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)", "USE TEMP B-TREE FOR ORDER BY"];
    directory::PLACE: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    directory::MEMBERS: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND user_id>?)", "SCALAR SUBQUERY 1", "SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"];
    managing::MADE: ["SEARCH conversations USING COVERING INDEX conversations_by_creation (creation=?)"];
    managing::CHANGE: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    managing::ENTER: [];
    managing::IS_MEMBER: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)"];
    managing::LEAVE: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    managing::LEFT: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)"];
    managing::LONGEST: ["SEARCH members USING PRIMARY KEY (conversation_id=?)", "SCALAR SUBQUERY 1", "SEARCH members USING PRIMARY KEY (conversation_id=?)"];
    managing::HAND_OVER: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    events::APPEND: [];
    events::INBOX_NUMBER: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    events::APPEND_INBOX: [];
    events::AFTER: ["SEARCH e USING PRIMARY KEY (conversation_id=? AND seq>?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH m USING PRIMARY KEY (conversation_id=? AND seq=?) LEFT-JOIN", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"];
    events::INBOX_AFTER: ["SEARCH inbox_events USING PRIMARY KEY (user_id=? AND seq>?)"];
    events::EDGE: ["SEARCH e USING PRIMARY KEY (user_id=? AND seq=?)", "SEARCH m USING PRIMARY KEY (conversation_id=? AND user_id=?)"];
    events::END: ["SEARCH b USING PRIMARY KEY (user_id=? AND seq=?)", "SEARCH e USING PRIMARY KEY (user_id=? AND seq>?)"];
    events::LAST: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    events::INBOX_LAST: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    mentions::ENTER_ALL: [];
    mentions::ENTER: ["SEARCH users USING COVERING INDEX sqlite_autoindex_users_1 (folded=?)"];
    mentions::FORGET: ["SEARCH mentions USING COVERING INDEX mentions_of_message (conversation_id=? AND seq=?)"];
    mentions::COUNT: ["CO-ROUTINE (subquery-1)", "SEARCH mentions USING PRIMARY KEY (conversation_id=? AND user_id=? AND seq>?)", "SCAN (subquery-1)"];
    messages::INSERT: [];
    messages::EXISTS: ["SCAN CONSTANT ROW", "SCALAR SUBQUERY 1", "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq=?)"];
    messages::ONE: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq=?)", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"];
    messages::OLDER: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>? AND seq<?)", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"];
    messages::PINNED: ["SEARCH m USING INDEX messages_pinned (conversation_id=? AND seq>? AND seq<?)", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"];
    messages::NEWER: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>?)", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"];
    nonces::FIND: ["SEARCH nonces USING PRIMARY KEY (author_id=? AND nonce=?)"];
    nonces::CLAIM: [];
    overview::ONE: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"];
    overview::ALL: ["SEARCH m USING INDEX members_by_user (user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"];
    overview::RECENT: ["SEARCH m USING INDEX members_by_user (user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)", "USE TEMP B-TREE FOR ORDER BY"];
    overview::UNREAD: ["CO-ROUTINE (subquery-1)", "SEARCH events USING PRIMARY KEY (conversation_id=? AND seq>?)", "SCAN (subquery-1)"];
    overview::UNREAD_IN_A_CROWD: ["CO-ROUTINE (subquery-1)", "SEARCH messages USING PRIMARY KEY (conversation_id=? AND seq>?)", "SCAN (subquery-1)"];
    overview::PREVIEW: ["SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"];
    overview::MEMBERSHIPS: ["SEARCH m USING INDEX members_by_user (user_id=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"];
    overview::MARK: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)"];
    people::ACCOUNT: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    people::UPDATE: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    people::FOLD: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    people::KEYS: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    people::NAMED: ["SEARCH users USING INDEX sqlite_autoindex_users_1 (folded>? AND folded<?)"];
    people::SHOWN: ["SEARCH users USING INDEX users_by_display (display_folded>? AND display_folded<?)"];
    people::SESSIONS: ["SEARCH sessions USING INDEX sessions_of_user (user_id=?)", "USE TEMP B-TREE FOR ORDER BY"];
    people::REVOKE: ["SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)"];
    people::KEEP: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)"];
    people::READ: ["SEARCH c USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH m USING PRIMARY KEY (conversation_id=?)"];
    posting::NUMBER: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)", "SCALAR SUBQUERY 1", "SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)", "SCALAR SUBQUERY 2", "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)", "SCALAR SUBQUERY 3", "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    posting::READ: ["SEARCH members USING PRIMARY KEY (conversation_id=? AND user_id=?)"];
    sessions::END: ["SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)"];
    sessions::CLEAR: ["SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)", "LIST SUBQUERY 1", "SEARCH sessions USING COVERING INDEX sessions_by_end (expires_ms<?)"];
    sessions::INSERT: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    sessions::EXTEND: ["SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)"];
    sessions::BY_TOKEN: ["SEARCH s USING INDEX sqlite_autoindex_sessions_1 (token_hash=?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"];
    sessions::BY_ID: ["SEARCH s USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"];
    users::INSERT: [];
    users::BY_ID: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    users::BY_NAME: ["SEARCH users USING INDEX sqlite_autoindex_users_1 (folded=?)"];
    users::ALL: ["SCAN users"];
    users::ROOMS_FOR_EVERYONE: ["SCAN conversations USING COVERING INDEX conversations_for_everyone"];
    users::JOIN: ["SEARCH conversations USING INTEGER PRIMARY KEY (rowid=?)"];
    users::PASSWORD: ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"];
    users::END_OTHERS: ["SEARCH sessions USING COVERING INDEX sessions_of_user (user_id=?)"];
};

/// How SQLite would run a statement, one step an entry.
fn plan(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nothing = vec![None::<i64>; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
    steps.collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_statement_runs_as_planned() {
    let folder = tempfile::tempdir().unwrap();
    let connection = connection::writer(&folder.path().join("chatter.db")).unwrap();
    let mut differ = Vec::new();
    for (name, sql, expected) in STATEMENTS {
        let found = plan(&connection, sql);
        if found != *expected {
            differ.push(format!("{name}: {found:?};"));
        }
    }
    assert!(differ.is_empty(), "these would run so:\n{}", differ.join("\n"));
}

#[test]
fn no_plan_scans_or_sorts() {
    // What they sort is one reader's own, or all there is.
    let allowed = ["users::ALL", "overview::RECENT", "people::SESSIONS", "directory::FIND"];
    // One row; the rows of a subquery, which has a plan of its own; and an index of nothing but what is asked for.
    let walked =
        ["SCAN CONSTANT ROW", "SCAN (subquery", "SCAN conversations USING COVERING INDEX conversations_for_everyone"];
    for (name, _, steps) in STATEMENTS.iter().filter(|(name, ..)| !allowed.contains(name)) {
        for step in *steps {
            let scans = step.starts_with("SCAN") && !walked.iter().any(|walked| step.starts_with(walked));
            assert!(!scans && !step.contains("TEMP B-TREE"), "{name}: {step}");
        }
    }
}

#[test]
fn no_statement_is_without_a_plan() {
    let mut found = Vec::new();
    let mut unnamed = Vec::new();
    for (module, text) in sources() {
        let (constants, strays) = statements_in(&text);
        found.extend(constants.into_iter().map(|name| format!("{module}::{name}")));
        unnamed.extend(strays.into_iter().map(|line| format!("{module}: {line}")));
    }
    assert!(
        unnamed.is_empty(),
        "a statement is a constant with a plan here, and these are none:\n{}",
        unnamed.join("\n")
    );
    found.sort();
    let mut planned: Vec<_> = STATEMENTS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    planned.sort();
    assert_eq!(found, planned, "the statements of the sources, and those with a plan");
}

/// The sources of this back end but its tests, by module. `integrity` and `moving` are not among them: they read all there
/// is.
fn sources() -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/store/sqlite")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let module = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !["integrity", "moving", "plans", "steps", "tests", "trouble"].contains(&module.as_str()) {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
                sources.push((module, code));
            }
        }
    }
    sources
}

/// The names of the constants that hold a statement, and the lines with SQL that belong to none.
fn statements_in(text: &str) -> (Vec<String>, Vec<String>) {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "REPLACE ", "WITH "];
    let (mut names, mut strays) = (Vec::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let item = line.strip_prefix("pub(super) ").unwrap_or(line);
        if let Some((name, _)) = item.strip_prefix("const ").and_then(|rest| rest.split_once(": &str")) {
            let mut whole = line.to_owned();
            while !whole.ends_with(';') {
                whole.push_str(lines.next().expect("a constant has an end"));
            }
            if !whole.contains("PRAGMA") {
                names.push(name.to_owned());
            }
        } else if line.starts_with("macro_rules!") {
            // Its text counts where it is used.
            let _end = lines.by_ref().find(|line| *line == "}");
        } else if !line.trim_start().starts_with("//") && verbs.iter().any(|verb| line.contains(&format!("\"{verb}"))) {
            strays.push(line.trim().to_owned());
        }
    }
    (names, strays)
}
