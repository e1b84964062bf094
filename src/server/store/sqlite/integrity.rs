//! What must hold in the file, checked for `chatter doctor`. Reads everything: for operators, not for requests.

use rusqlite::Connection;

use crate::server::store::StoreError;
use crate::server::store::invariants::INVARIANTS;

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
