//! What is moved: every table, its columns, and the SQL that both back ends read alike.
//! Long because the list is one.

/// Rows read and committed at a time. Each holds a message at most, of 8,000 bytes: 32 MB.
const ROWS: usize = 4_000;

/// How a column's values stand in each back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server::store) enum Kind {
    Number,
    /// A number in SQLite, a boolean in PostgreSQL.
    Flag,
    Text,
    /// Text in SQLite, bytes in PostgreSQL, whose text has no place for every character.
    Written,
    Bytes,
}

pub(in crate::server::store) struct Table {
    pub(in crate::server::store) name: &'static str,
    /// The key's first.
    pub(in crate::server::store) columns: &'static [(&'static str, Kind)],
    /// How many columns the key has.
    pub(in crate::server::store) key: usize,
    /// What is added up, so that a source which was served from in between is known again.
    sums: &'static [&'static str],
}

/// What the server keeps beside rows: ids are never given out twice, so the last one is moved, too.
pub(super) const WITH_IDS: [&str; 3] = ["users", "sessions", "conversations"];

use Kind::{Bytes, Flag, Number, Text, Written};

/// In an order in which each refers to those before it.
pub(in crate::server::store) static TABLES: [Table; 11] = [
    Table {
        name: "users",
        columns: &[
            ("id", Number),
            ("name", Text),
            ("folded", Text),
            ("password_hash", Text),
            ("created_ms", Number),
            ("inbox_seq", Number),
            ("display_name", Text),
            ("display_folded", Text),
            ("about", Text),
            ("time_zone", Text),
            ("presence_hidden", Flag),
            ("theme", Number),
            ("density", Number),
        ],
        key: 1,
        sums: &["inbox_seq"],
    },
    Table {
        name: "sessions",
        columns: &[
            ("id", Number),
            ("user_id", Number),
            ("token_hash", Bytes),
            ("created_ms", Number),
            ("seen_ms", Number),
            ("expires_ms", Number),
            ("client", Text),
        ],
        key: 1,
        sums: &["seen_ms - created_ms", "expires_ms - created_ms"],
    },
    Table {
        name: "conversations",
        columns: &[
            ("id", Number),
            ("kind", Text),
            ("title", Text),
            ("everyone", Flag),
            ("low_user_id", Number),
            ("high_user_id", Number),
            ("member_count", Number),
            ("created_ms", Number),
            ("active_ms", Number),
            ("last_seq", Number),
            ("topic", Text),
            ("manager_id", Number),
            ("open", Flag),
            ("archived", Flag),
            ("title_folded", Text),
            ("creation", Text),
        ],
        key: 1,
        sums: &["last_seq", "member_count"],
    },
    Table {
        name: "members",
        columns: &[
            ("conversation_id", Number),
            ("user_id", Number),
            ("joined_seq", Number),
            ("left_seq", Number),
            ("read_seq", Number),
            ("level", Number),
            ("pinned", Flag),
            ("marked", Flag),
        ],
        key: 2,
        sums: &["read_seq"],
    },
    Table {
        name: "messages",
        columns: &[
            ("conversation_id", Number),
            ("seq", Number),
            ("version", Number),
            ("author_id", Number),
            ("content", Written),
            ("nonce", Written),
            ("reply_to", Number),
            ("created_ms", Number),
            ("edited_ms", Number),
            ("pinned", Flag),
            ("deleted", Flag),
            ("reactions", Text),
        ],
        key: 2,
        sums: &[],
    },
    Table {
        name: "message_edits",
        columns: &[
            ("conversation_id", Number),
            ("seq", Number),
            ("version", Number),
            ("content", Written),
            ("written_ms", Number),
        ],
        key: 3,
        sums: &[],
    },
    Table {
        name: "events",
        columns: &[
            ("conversation_id", Number),
            ("seq", Number),
            ("kind", Number),
            ("message_seq", Number),
            ("user_id", Number),
        ],
        key: 2,
        sums: &[],
    },
    Table {
        name: "nonces",
        columns: &[
            ("author_id", Number),
            ("nonce", Written),
            ("hash", Bytes),
            ("conversation_id", Number),
            ("seq", Number),
        ],
        key: 2,
        sums: &[],
    },
    Table {
        name: "inbox_events",
        columns: &[
            ("user_id", Number),
            ("seq", Number),
            ("kind", Number),
            ("conversation_id", Number),
            ("edge_seq", Number),
        ],
        key: 2,
        sums: &["edge_seq"],
    },
    Table {
        name: "blocks",
        columns: &[("user_id", Number), ("blocked_id", Number), ("created_ms", Number)],
        key: 2,
        sums: &["blocked_id"],
    },
    Table {
        name: "mentions",
        columns: &[("conversation_id", Number), ("user_id", Number), ("seq", Number)],
        key: 3,
        sums: &["user_id"],
    },
];

/// The names of all tables, with commas between.
pub(in crate::server::store) fn names() -> String {
    TABLES.iter().map(|table| table.name).collect::<Vec<_>>().join(", ")
}

impl Table {
    /// With commas between.
    pub(in crate::server::store) fn columns(&self) -> String {
        self.first(self.columns.len())
    }

    fn first(&self, columns: usize) -> String {
        self.columns[..columns].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// `$1, $2, …`
    pub(in crate::server::store) fn places(columns: usize) -> String {
        (1..=columns).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
    }

    /// The rows after a key, or the first ones.
    pub(in crate::server::store) fn page(&self, after: bool) -> String {
        let (name, key) = (self.name, self.first(self.key));
        let range = if after { format!("WHERE ({key}) > ({})", Self::places(self.key)) } else { String::new() };
        format!("SELECT {} FROM {name} {range} ORDER BY {key} LIMIT {ROWS}", self.columns())
    }

    /// The highest key.
    pub(super) fn last(&self) -> String {
        let descending: Vec<String> = self.columns[..self.key].iter().map(|(name, _)| format!("{name} DESC")).collect();
        format!("SELECT {} FROM {} ORDER BY {} LIMIT 1", self.first(self.key), self.name, descending.join(", "))
    }

    /// How many rows, and what their numbers add up to.
    pub(super) fn totals(&self) -> String {
        let sum = |sum: &&str| format!(", CAST(coalesce(sum({sum}), 0) AS bigint)");
        format!("SELECT count(*){} FROM {}", self.sums.iter().map(sum).collect::<String>(), self.name)
    }
}
