//! The schema, and whose database this is.

use aws_lc_rs::hmac;

use super::connections::Connections;
use crate::server::store::StoreError;
use crate::server::store::agreed::fingerprint;

/// Each schema change, in order; the n-th brings the database to version n. One that was released never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
];
/// "chatter" in ASCII: whoever changes the schema holds this lock.
const SCHEMA_LOCK: i64 = 0x0063_6861_7474_6572;
/// See `moving`: its mark.
const IS_UNFINISHED: &str = "SELECT to_regclass('chatter_migration') IS NOT NULL";

/// Brings the schema up to date. Of several nodes that start at once, one does it, and the others wait.
///
/// The first node leaves a fingerprint of its key here. Another key would take each message that is posted again for
/// another message, and would know no token of another node: it is refused.
///
/// Errors: `NewerDatabase`, `OtherSecrets`; `Unfinished`, before anything is touched.
pub(super) async fn bring_up_to_date(connections: &Connections, nonce_key: &hmac::Key) -> Result<(), StoreError> {
    if is_unfinished(connections).await? {
        return Err(StoreError::Unfinished);
    }
    bring_unfinished_up_to_date(connections, nonce_key).await
}

async fn is_unfinished(connections: &Connections) -> Result<bool, StoreError> {
    Ok(connections.writer().await?.query_one(IS_UNFINISHED, &[]).await?.try_get(0)?)
}

/// The same for a database that a migration is not done with.
pub(super) async fn bring_unfinished_up_to_date(
    connections: &Connections,
    nonce_key: &hmac::Key,
) -> Result<(), StoreError> {
    let mut client = connections.writer().await?;
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
    let ours = fingerprint(nonce_key);
    match transaction.query_opt("SELECT fingerprint FROM installation", &[]).await? {
        Some(row) if row.try_get::<_, &[u8]>(0)? == ours.as_ref() => {}
        Some(_) => return Err(StoreError::OtherSecrets),
        None => {
            transaction.execute("INSERT INTO installation VALUES ($1)", &[&ours.as_ref()]).await?;
        }
    }
    Ok(transaction.commit().await?)
}
