//! PostgreSQL's end of moving house.

use std::error::Error;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use bytes::{BufMut, BytesMut};
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::connections::Connections;
use super::neighbours::{Neighbours, Part};
use super::{integrity, schema};
use crate::server::store::StoreError;
use crate::server::store::moving::{Kind, MoveError, Row, Side, Table, Value, names};

/// A table with nothing to move is begun by any server; without it there was none.
const IS_THERE: &str = "SELECT to_regclass('chatter_schema') IS NOT NULL";

/// What is long here is meant to be; and pages are read by key, whatever the statistics say of a table that was just
/// filled.
const SETTINGS: &str =
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10s';
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off";

pub(in crate::server::store) struct Database {
    client: Client,
    connections: Connections,
    /// Keeps nodes away as long as this is open.
    neighbours: Neighbours,
}

impl Database {
    /// One that a server has begun. Errors: `NothingThere`; also `Unfinished`, `OtherSecrets`.
    pub(in crate::server::store) async fn source(url: &str, key: &hmac::Key) -> Result<Self, MoveError> {
        let database = Self::connect(url).await?;
        if database.row(IS_THERE).await? != Some(vec![Value::Number(1)]) {
            return Err(MoveError::NothingThere);
        }
        schema::bring_up_to_date(&database.connections, key).await?;
        Ok(database)
    }

    /// One in which a migration may have been broken off.
    pub(in crate::server::store) async fn target(url: &str, key: &hmac::Key) -> Result<Self, StoreError> {
        let database = Self::connect(url).await?;
        schema::bring_unfinished_up_to_date(&database.connections, key).await?;
        Ok(database)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        let connections = Connections::new(url, &[])?;
        let neighbours = Neighbours::watch(&connections, Part::Moving).await?;
        let (config, tls) = connections.how();
        let (client, connection) = config.connect(tls).await?;
        tokio::spawn(connection);
        client.batch_execute(SETTINGS).await?;
        Ok(Self { client, connections, neighbours })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.neighbours.close();
        self.connections.close();
    }
}

#[async_trait]
impl Side for Database {
    /// Commands, which take no lock of their own, wait, too.
    fn hold(&self) -> String {
        format!("BEGIN; LOCK TABLE {} IN SHARE MODE", names())
    }

    fn clear(&self) -> String {
        format!("TRUNCATE {}", names())
    }

    fn last_id(&self, table: &str) -> String {
        format!(
            "SELECT greatest(CASE WHEN is_called THEN last_value ELSE 0 END, (SELECT max(id) FROM {table}))
             FROM {table}_id_seq"
        )
    }

    fn set_last_id(&self, table: &str, id: i64) -> String {
        format!("SELECT setval('{table}_id_seq', {}, {})", id.max(1), id > 0)
    }

    async fn execute(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(sql).await?)
    }

    async fn row(&self, sql: &str) -> Result<Option<Row>, StoreError> {
        Ok(self.client.query(sql, &[]).await?.first().map(values).transpose()?)
    }

    async fn page(&self, table: &'static Table, after: Option<Row>) -> Result<Vec<Row>, StoreError> {
        let key: Vec<&(dyn ToSql + Sync)> =
            after.iter().flatten().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
        let rows = self.client.query(&table.page(after.is_some()), &key).await?;
        Ok(rows.iter().map(values).collect::<Result<_, _>>()?)
    }

    async fn write(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let types: Vec<Type> = table.columns.iter().map(|(_, kind)| type_of(*kind)).collect();
        self.client.batch_execute("BEGIN").await?;
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table.name, table.columns());
        let writer = BinaryCopyInWriter::new(self.client.copy_in(&sql).await?, &types);
        tokio::pin!(writer);
        for row in &rows {
            writer.as_mut().write_raw(row).await?;
        }
        writer.finish().await?;
        Ok(self.client.batch_execute("COMMIT").await?)
    }

    /// What is known of the tables decides how they are read; and unread messages are counted in an index alone only where
    /// this was done.
    async fn settle(&self) -> Result<(), StoreError> {
        self.execute(&format!("VACUUM (ANALYZE) {}", names())).await
    }

    async fn faults(&self) -> Result<Vec<String>, StoreError> {
        integrity::check(&self.connections).await
    }
}

fn values(row: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    (0..row.len()).map(|at| row.try_get(at)).collect()
}

fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Number => Type::INT8,
        Kind::Flag => Type::BOOL,
        Kind::Text => Type::TEXT,
        Kind::Written | Kind::Bytes => Type::BYTEA,
    }
}

impl FromSql<'_> for Value {
    fn from_sql(ty: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Number(i64::from_sql(ty, raw)?),
            Type::BOOL => Self::Number(bool::from_sql(ty, raw)?.into()),
            _ => Self::Bytes(raw.to_vec()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    accepts!(INT8, BOOL, TEXT, BYTEA);
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Number(number) if *ty == Type::BOOL => return (*number != 0).to_sql(ty, out),
            Self::Number(number) => return number.to_sql(ty, out),
            Self::Bytes(bytes) => out.put_slice(bytes),
        }
        Ok(IsNull::No)
    }

    accepts!(INT8, BOOL, TEXT, BYTEA);
    to_sql_checked!();
}
