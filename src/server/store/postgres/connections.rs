//! Connections: two pools, so that many reads never keep a post waiting; and the schema.

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Config, IsolationLevel, NoTls};

use super::failure::closed;
use crate::server::store::StoreError;

/// Each schema change, in order; the n-th brings the database to version n. One that was released never changes.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql")];
/// "chatter" in ASCII: whoever changes the schema holds this lock.
const SCHEMA_LOCK: i64 = 0x0063_6861_7474_6572;

/// Connections for changes: one for each lane of posts, and some for what is rare.
const WRITERS: usize = super::lanes::LANES + 4;
const READERS: usize = 12;
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// No statement of ours takes as long. And a commit is durable before it is answered, whatever the server's own settings
/// say.
const OPTIONS: &str = "-c statement_timeout=10s -c idle_in_transaction_session_timeout=30s -c synchronous_commit=on \
    -c default_transaction_isolation=read\\ committed";

#[derive(Clone)]
pub(super) struct Connections {
    writers: Pool,
    readers: Pool,
}

impl Connections {
    pub(super) fn new(url: &str) -> Result<Self, StoreError> {
        let mut config = Config::from_str(url).map_err(|error| {
            StoreError::Unavailable(format!("that is no address of a PostgreSQL database: {error}"))
        })?;
        let options = config.get_options().map_or_else(|| OPTIONS.to_owned(), |own| format!("{OPTIONS} {own}"));
        config.options(&options).connect_timeout(PATIENCE).application_name("chatter");
        Ok(Self { writers: pool(&config, WRITERS)?, readers: pool(&config, READERS)? })
    }

    pub(super) async fn writer(&self) -> Result<Object, StoreError> {
        Ok(self.writers.get().await?)
    }

    pub(super) async fn reader(&self) -> Result<Object, StoreError> {
        Ok(self.readers.get().await?)
    }

    /// From now on there are none.
    pub(super) fn close(&self) {
        self.writers.close();
        self.readers.close();
    }

    /// Brings the schema up to date. Of several nodes that start at once, one does it, and the others wait.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let mut client = self.writer().await?;
        let transaction = client.transaction().await?;
        // A long change of the schema is no stray statement.
        transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
        transaction.batch_execute("CREATE TABLE IF NOT EXISTS chatter_schema (version bigint NOT NULL)").await?;
        let found = transaction.query_opt("SELECT version FROM chatter_schema", &[]).await?;
        let found: i64 = found.map_or(Ok(0), |row| row.try_get(0))?;
        let known = i64::try_from(MIGRATIONS.len()).expect("a handful of migrations");
        if found > known {
            return Err(StoreError::NewerDatabase { found, known });
        }
        if found < known {
            for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
                transaction.batch_execute(migration).await?;
            }
            transaction.batch_execute("DELETE FROM chatter_schema").await?;
            transaction.execute("INSERT INTO chatter_schema VALUES ($1)", &[&known]).await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn pool(config: &Config, size: usize) -> Result<Pool, StoreError> {
    let manager =
        Manager::from_config(config.clone(), NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| closed())
}

/// Reads of one moment.
pub(super) async fn snapshot(client: &mut Object) -> Result<deadpool_postgres::Transaction<'_>, StoreError> {
    let building = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    Ok(building.start().await?)
}
