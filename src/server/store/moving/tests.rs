//! The list of what is moved, and how a difference is told.

use super::*;
use crate::server::store::sqlite::SqliteStore;

#[test]
fn no_table_and_no_column_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chatter.db");
    drop(SqliteStore::open(&file, [7; 32]).unwrap());
    let database = rusqlite::Connection::open(&file).unwrap();
    let column = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut ours: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    ours.sort_unstable();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    assert_eq!(column(tables), ours);
    for table in &TABLES {
        let columns = column(&format!("SELECT name FROM pragma_table_info('{}') ORDER BY cid", table.name));
        assert_eq!(columns.join(", "), table.columns());
        let key = format!("SELECT name FROM pragma_table_info('{}') WHERE pk > 0 ORDER BY pk", table.name);
        let ours: Vec<&str> = table.columns[..table.key].iter().map(|(name, _)| *name).collect();
        assert_eq!(column(&key), ours, "{}", table.name);
    }
}

#[test]
fn a_page_is_found_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chatter.db");
    drop(SqliteStore::open(&file, [7; 32]).unwrap());
    let database = rusqlite::Connection::open(&file).unwrap();
    for table in &TABLES {
        let mut statement = database.prepare(&format!("EXPLAIN QUERY PLAN {}", table.page(true))).unwrap();
        let nothing = rusqlite::params_from_iter(vec![None::<i64>; table.key]);
        let plan: Vec<String> = statement.query_map(nothing, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let is_search = plan.len() == 1 && plan[0].starts_with("SEARCH") && plan[0].contains("PRIMARY KEY");
        assert!(is_search, "{}: {plan:?}", table.name);
    }
}

#[test]
fn a_difference_is_named() {
    let row = |seq: i64, text: &str| vec![Value::Number(1), Value::Number(seq), Value::Bytes(text.into())];
    let (one, other) = (vec![row(1, "a"), row(2, "b")], vec![row(1, "a"), row(2, "c"), row(3, "d")]);
    assert_eq!(first_difference(&one, &one), None);
    assert_eq!(first_difference(&one, &other), Some(&row(2, "b")));
    assert_eq!(first_difference(&one[..1], &other[..1]), None);
    assert_eq!(first_difference(&[], &other), Some(&row(1, "a")));
    let messages = TABLES.iter().find(|table| table.name == "messages").unwrap();
    assert_eq!(place(messages, &row(2, "b")), "the table messages at conversation_id 1, seq 2");
}
