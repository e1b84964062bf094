//! Holds reads to a cost that does not grow with the conversation: counted in steps of SQLite's machine, not timed.

use rusqlite::{Connection, StatementStatus, params};

use super::plans::STATEMENTS;
use super::{connection, conversations, events, messages, nonces, overview, sessions, users};
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, Seq, SessionId, Stream, UserId};
use crate::server::store::{Page, all_in_full};

/// Entries of the small log: half of them are as many as are walked in the log for what is unread.
const SMALL: i64 = 4_000;
const LARGE: i64 = 100 * SMALL;

const ADA: UserId = UserId(1);
const ROOM: ConversationId = ConversationId(1);

/// A room of Ada and Ben, whose log has so many entries: Ben's messages, and those for which `is_join` holds, by which
/// people came.
fn room(entries: i64, is_join: &str) -> (tempfile::TempDir, Connection) {
    let is_join = is_join.replace("half", &(entries / 2).to_string());
    let folder = tempfile::tempdir().unwrap();
    let connection = connection::writer(&folder.path().join("chatter.db")).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = OFF;
             BEGIN;
             INSERT INTO users (name, folded, created_ms) VALUES ('ada', 'ada', 1), ('ben', 'ben', 1);
             INSERT INTO conversations (kind, title, member_count, created_ms, active_ms, last_seq)
                VALUES ('room', 'all', 2, 1, 1, {entries});
             INSERT INTO members (conversation_id, user_id, joined_seq, read_seq) VALUES (1, 1, 0, 0), (1, 2, 0, 0);
             CREATE TEMP TABLE log AS
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {entries})
                SELECT n, {is_join} AS is_join FROM number;
             INSERT INTO messages (conversation_id, seq, version, author_id, content, nonce, reply_to, created_ms)
                SELECT 1, n, n, 2, 'hello', 'nonce ' || n, NULL, n FROM log WHERE NOT is_join;
             INSERT INTO events SELECT 1, n, iif(is_join, 2, 1), iif(is_join, NULL, n), 2 FROM log;
             COMMIT;"
        ))
        .unwrap();
    (folder, connection)
}

/// Steps that a read takes. The statements stay in the connection's cache, and each counts its own.
fn steps(connection: &Connection, read: &dyn Fn(&Connection)) -> i32 {
    let count = || {
        let statements = STATEMENTS.iter().map(|(_, sql, _)| connection.prepare_cached(sql).unwrap());
        statements.map(|statement| statement.reset_status(StatementStatus::VmStep)).sum()
    };
    let _before: i32 = count();
    read(connection);
    count()
}

/// How often a statement was planned again since it was prepared.
fn planned_again(connection: &Connection) -> Vec<(&'static str, i32)> {
    let again = STATEMENTS
        .iter()
        .map(|(name, sql, _)| (*name, connection.prepare_cached(sql).unwrap().get_status(StatementStatus::RePrepare)));
    again.filter(|(_, times)| *times > 0).collect()
}

fn end(connection: &Connection) -> Seq {
    events::last_seq(connection, Stream::Conversation(ROOM)).unwrap()
}

fn list(connection: &Connection, page: Page) {
    messages::list(connection, ADA, ROOM, page, LIST_MAX).unwrap().unwrap();
}

fn mark(connection: &Connection, seq: Seq) {
    connection.execute("UPDATE members SET read_seq = ?1 WHERE user_id = 1", params![seq]).unwrap();
}

type Read = (&'static str, fn(&Connection));

const READS: &[Read] = &[
    ("the latest messages", |connection| list(connection, Page::Latest)),
    ("messages before the middle", |connection| list(connection, Page::Before(Seq(end(connection).0 / 2)))),
    ("messages after the middle", |connection| list(connection, Page::After(Seq(end(connection).0 / 2)))),
    ("messages around the first", |connection| list(connection, Page::Around(Seq(1)))),
    ("the conversation, all unread", |connection| {
        overview::one(connection, ADA, ROOM).unwrap().unwrap();
    }),
    ("the conversation, little unread", |connection| {
        let tenth = "SELECT seq FROM messages ORDER BY seq DESC LIMIT 1 OFFSET 10";
        mark(connection, connection.query_row(tenth, [], |row| row.get(0)).unwrap());
        let summary = overview::one(connection, ADA, ROOM).unwrap().unwrap();
        assert_eq!(summary.unread, 10);
        mark(connection, Seq::ZERO);
    }),
    ("the list of conversations", |connection| {
        overview::list(connection, ADA, None, LIST_MAX).unwrap();
    }),
    ("READY", |connection| {
        overview::ready(connection, ADA, all_in_full()).unwrap();
    }),
    ("a resume from the middle", |connection| {
        let middle = Seq(end(connection).0 / 2);
        events::after(connection, Stream::Conversation(ROOM), middle, LIST_MAX).unwrap();
    }),
    ("a member's page of the log", |connection| {
        events::list(connection, ADA, ROOM, Seq::ZERO, LIST_MAX).unwrap().unwrap();
    }),
];

#[test]
fn a_hundredfold_conversation_is_read_in_as_many_steps() {
    // Messages alone; and as many people who came, after all that was said, before it, or in between.
    let shapes = ["0", "n > half", "n <= half", "n % 2"];
    for shape in shapes {
        let (small, large) = (room(SMALL, shape), room(LARGE, shape));
        for (name, read) in READS {
            let (few, many) = (steps(&small.1, read), steps(&large.1, read));
            assert!(few > 0, "{name} runs no statement that is known");
            assert!(
                many * 2 <= few * 3,
                "{name} ({shape}): {few} steps, and {many} where a hundred times as much was said"
            );
        }
    }
}

#[test]
fn a_statement_is_planned_once() {
    let (_folder, connection) = room(200, "0");
    for round in 0..3 {
        for (_, read) in READS {
            read(&connection);
        }
        connection.execute("UPDATE members SET read_seq = ?1", params![round]).unwrap();
        for (token, id) in [([1; 32], 1), ([2; 32], 2)] {
            sessions::by_token(&connection, &token, round).unwrap();
            sessions::by_id(&connection, SessionId(id), round).unwrap();
            nonces::find(&connection, UserId(id), &format!("nonce {round}")).unwrap();
            conversations::direct_find(&connection, UserId(id), ADA).unwrap();
            users::by_name(&connection, &format!("name {round}")).unwrap();
            overview::read_mark(&connection, UserId(id), ROOM, Seq(round + id)).unwrap();
        }
    }
    assert_eq!(planned_again(&connection), []);
}
