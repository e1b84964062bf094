//! SQLite's end of moving house.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Rows, ToSql, params_from_iter};

use super::{connection, integrity, leftover};
use crate::server::folder;
use crate::server::store::StoreError;
use crate::server::store::moving::{Kind, MoveError, Row, Side, TABLES, Table, Value};

pub(in crate::server::store) struct DatabaseFile {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl DatabaseFile {
    /// A file that is there. Errors: `NothingThere`; also `Unfinished`.
    pub(in crate::server::store) async fn source(path: &Path) -> Result<Self, MoveError> {
        if !path.exists() {
            return Err(MoveError::NothingThere);
        }
        Ok(Self::open(path, connection::writer).await?)
    }

    /// Created where it is not there.
    pub(in crate::server::store) async fn target(path: &Path) -> Result<Self, MoveError> {
        let file = Self::open(path, connection::unfinished_writer).await?;
        // Pages are of one table each, and what they refer to is looked at in the end.
        file.execute("PRAGMA foreign_keys = OFF").await?;
        Ok(file)
    }

    async fn open(path: &Path, open: fn(&Path) -> Result<Connection, StoreError>) -> Result<Self, StoreError> {
        let path = path.to_owned();
        blocking(move || {
            let connection = open(&path)?;
            leftover::mend(&connection, &path)?;
            Ok(Self { connection: Arc::new(Mutex::new(connection)), path })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.connection.clone();
        blocking(move || work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

#[async_trait]
impl Side for DatabaseFile {
    fn hold(&self) -> String {
        "BEGIN IMMEDIATE".into()
    }

    fn clear(&self) -> String {
        TABLES.iter().rev().map(|table| format!("DELETE FROM {};", table.name)).collect()
    }

    fn last_id(&self, table: &str) -> String {
        format!("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0)")
    }

    fn set_last_id(&self, table: &str, id: i64) -> String {
        format!(
            "DELETE FROM sqlite_sequence WHERE name = '{table}';
             INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', {id} WHERE {id} > 0;"
        )
    }

    async fn execute(&self, sql: &str) -> Result<(), StoreError> {
        let sql = sql.to_owned();
        self.run(move |connection| Ok(connection.execute_batch(&sql)?)).await
    }

    async fn row(&self, sql: &str) -> Result<Option<Row>, StoreError> {
        let sql = sql.to_owned();
        self.run(move |connection| Ok(rows(connection, &sql, [])?.into_iter().next())).await
    }

    async fn page(&self, table: &'static Table, after: Option<Row>) -> Result<Vec<Row>, StoreError> {
        self.run(move |connection| {
            let key = after.iter().flatten().zip(table.columns).map(|(value, (_, kind))| Bound(value, *kind));
            rows(connection, &table.page(after.is_some()), params_from_iter(key))
        })
        .await
    }

    async fn write(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        self.run(move |connection| {
            let places = Table::places(table.columns.len());
            let sql = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.columns());
            let transaction = connection.transaction()?;
            let mut statement = transaction.prepare_cached(&sql)?;
            for row in &rows {
                let values = row.iter().zip(table.columns).map(|(value, (_, kind))| Bound(value, *kind));
                statement.execute(params_from_iter(values))?;
            }
            drop(statement);
            Ok(transaction.commit()?)
        })
        .await
    }

    /// What comes after it is one short commit to a log whose name is sure.
    async fn settle(&self) -> Result<(), StoreError> {
        // SQLite would keep a failure to itself when it closes.
        self.run(|connection| Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)).await?;
        let path = self.path.clone();
        let failed = |error| StoreError::Failed(format!("the folder's sync failed: {error}"));
        blocking(move || folder::sync(folder::parent(&path)).map_err(failed)).await
    }

    async fn faults(&self) -> Result<Vec<String>, StoreError> {
        let path = self.path.clone();
        blocking(move || integrity::check(&mut connection::reader(&path)?)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(StoreError::Internal("moving house panicked".into())))
}

fn rows(connection: &Connection, sql: &str, values: impl Params) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows: Rows<'_> = statement.query(values)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((0..columns).map(|at| value(row.get_ref(at)?)).collect::<Result<Row, StoreError>>()?);
    }
    Ok(all)
}

fn value(stored: ValueRef<'_>) -> Result<Value, StoreError> {
    match stored {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Number(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => Err(StoreError::Internal("a number is not whole".into())),
    }
}

/// A value for a column of this kind.
struct Bound<'v>(&'v Value, Kind);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match (self.0, self.1) {
            (Value::Null, _) => ValueRef::Null,
            (Value::Number(number), _) => ValueRef::Integer(*number),
            (Value::Bytes(bytes), Kind::Bytes) => ValueRef::Blob(bytes),
            (Value::Bytes(bytes), _) => ValueRef::Text(bytes),
        }))
    }
}
