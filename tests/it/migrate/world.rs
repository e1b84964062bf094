//! An installation with something of everything in it, and what is in a database, row by row.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::support::process::{command, run};

/// Messages of each conversation: several pages of a migration in all.
pub const MESSAGES: i64 = 2_500;
const PEOPLE: i64 = 6;
const TEXTS: [&str; 9] = [
    "plain",
    "a NUL \0 inside, and one at the end \0",
    "Ελληνικά, кириллица, עברית, العربية",
    "日本語 한국어 ไทย 🎌👩‍👩‍👧‍👦",
    "e\u{301} \u{200d}\u{202e}\u{feff}",
    "\u{10ffff}\u{e000}",
    "two\nlines\twith 'quotes' and \\ and \"more\"",
    " ",
    "",
];

/// A data folder below `folder`, filled by SQL as a server would have.
pub fn filled(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    let people = folder.join("people.jsonl");
    let lines = (1..=PEOPLE).map(|n| format!("{{\"name\":\"Person{n}\"}}\n"));
    std::fs::write(&people, lines.collect::<String>()).unwrap();
    good(&run(&data, &["user", "import", people.to_str().unwrap()]));
    good(&run(&data, &["room", "add", "Lobby \u{1f44b}", "--all"]));
    good(&run(&data, &["room", "add", "Attic", "person1", "person2"]));
    good(&run(&data, &["user", "session", "--all"]));
    let database = Connection::open(data.join("chatter.db")).unwrap();
    database.execute_batch("BEGIN").unwrap();
    // A group into which one came later and which one left; two people; and one with themselves.
    database
        .execute_batch(
            "INSERT INTO conversations (id, kind, low_user_id, high_user_id, member_count, created_ms, active_ms) VALUES
               (7, 'group', NULL, NULL, 2, 3, 4), (9, 'direct', 1, 2, 2, 5, 6), (12, 'direct', 3, 3, 1, 7, 8);
             INSERT INTO members (conversation_id, user_id, joined_seq, left_seq, read_seq) VALUES
               (7, 1, 0, NULL, 0), (7, 2, 0, 2, 1), (7, 3, 1, NULL, 0), (9, 1, 0, NULL, 0), (9, 2, 0, NULL, 17),
               (12, 3, 0, NULL, 0);
             INSERT INTO events (conversation_id, seq, kind, user_id) VALUES (7, 1, 2, 3), (7, 2, 3, 2);
             INSERT INTO inbox_events (user_id, seq, kind, conversation_id, edge_seq)
               SELECT user_id, inbox_seq + (SELECT count(*) FROM members m2 WHERE m2.user_id = m.user_id
                   AND m2.conversation_id BETWEEN 7 AND m.conversation_id), 1, conversation_id, 1
               FROM members m JOIN users u ON u.id = m.user_id WHERE conversation_id >= 7;
             UPDATE users SET inbox_seq = (SELECT count(*) FROM inbox_events WHERE user_id = id);
             INSERT INTO inbox_events SELECT id, inbox_seq + 1, 2, 7, 2 FROM users WHERE id = 2;
             UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = 2;
             -- Ids that were given out and are gone are not given out again.
             DELETE FROM sessions WHERE id = (SELECT max(id) FROM sessions);
             UPDATE sessions SET seen_ms = seen_ms + id;",
        )
        .unwrap();
    for (conversation, first, author) in [(1, 1, 1), (2, 1, 2), (7, 3, 3), (9, 1, 1), (12, 1, 3)] {
        fill(&database, conversation, first, author);
    }
    database.execute_batch("UPDATE members SET read_seq = 100 WHERE user_id = 1; COMMIT").unwrap();
    data
}

fn fill(database: &Connection, conversation: i64, first: i64, author: i64) {
    let last = first + MESSAGES - 1;
    for seq in first..=last {
        let text = TEXTS[usize::try_from(seq).unwrap() % TEXTS.len()];
        let content = if seq % 97 == 0 { text.repeat(200) } else { format!("{text}{seq}") };
        let (nonce, reply) = (format!("n\0{conversation}-{seq}"), (seq > first && seq % 5 == 0).then_some(seq - 1));
        let time = 1_700_000_000_000 + seq;
        let message =
            "INSERT INTO messages (conversation_id, seq, version, author_id, content, nonce, reply_to, created_ms)
            VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut statement = database.prepare_cached(message).unwrap();
        statement.execute(params![conversation, seq, author, content, nonce, reply, time]).unwrap();
        let event = "INSERT INTO events (conversation_id, seq, kind, message_seq, user_id) VALUES (?1, ?2, 1, ?2, ?3)";
        database.prepare_cached(event).unwrap().execute(params![conversation, seq, author]).unwrap();
        let nonces = "INSERT INTO nonces (author_id, nonce, hash, conversation_id, seq)
            VALUES (?1, ?2, randomblob(16), ?3, ?4)";
        database.prepare_cached(nonces).unwrap().execute(params![author, nonce, conversation, seq]).unwrap();
    }
    let stand = "UPDATE conversations SET last_seq = ?2 WHERE id = ?1";
    database.execute(stand, params![conversation, last]).unwrap();
}

/// Every row of every table of a SQLite file, and the ids that were given out.
pub fn rows(data: &Path) -> Vec<String> {
    let database = Connection::open(data.join("chatter.db")).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut statement = database.prepare(tables).unwrap();
    let tables: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = Vec::new();
    for table in tables {
        let mut statement = database.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let row =
            |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get::<_, Value>(at)).collect::<Result<Vec<_>, _>>();
        all.extend(statement.query_map([], row).unwrap().map(|row| format!("{table}: {:?}", row.unwrap())));
    }
    all
}

/// How many columns its tables have.
pub fn columns_of(data: &Path) -> i64 {
    let database = Connection::open(data.join("chatter.db")).unwrap();
    let columns = "SELECT count(*) FROM sqlite_schema t, pragma_table_info(t.name)
        WHERE t.type = 'table' AND t.name <> 'sqlite_sequence'";
    database.query_row(columns, [], |row| row.get(0)).unwrap()
}

/// Says which row differs, not all of them.
#[track_caller]
pub fn same(one: &[String], other: &[String]) {
    let differ = one.iter().zip(other).find(|(one, other)| one != other);
    assert!(differ.is_none(), "{differ:?}");
    assert_eq!(one.len(), other.len());
}

/// A data folder with the same secret file and nothing else.
pub fn beside(data: &Path, name: &str) -> PathBuf {
    let folder = data.with_file_name(name);
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(data.join("secrets.toml"), folder.join("secrets.toml")).unwrap();
    folder
}

/// `chatter migrate`.
pub fn migrate(data: &Path, way: &str, url: &str) -> Command {
    let mut migrate = command(data);
    migrate.args(["migrate", way, url]);
    migrate
}

pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
pub fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", words(output));
    words(output)
}

#[track_caller]
pub fn refused(output: &Output, said: &[&str]) {
    assert!(!output.status.success(), "{}", words(output));
    for part in said {
        assert!(words(output).contains(part), "{:?} lacks {part:?}", words(output));
    }
}
