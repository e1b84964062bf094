//! Opens the store that the settings choose: SQLite's file in the data folder, or PostgreSQL.

use std::fs::File;
use std::sync::Arc;

use anyhow::Context;

use super::config::{Config, DatabaseUrl, Postgres};
use super::data_lock;
use super::secrets::Secrets;
use super::store::postgres::{Part, PostgresStore};
use super::store::sqlite::SqliteStore;
use super::store::{Committed, Store, StoreError};

/// The store of a server. Where it is SQLite, no other process may work with the file meanwhile: see `data_lock`.
pub async fn to_serve(config: &Config, secrets: &Secrets) -> anyhow::Result<(Arc<dyn Store>, Committed)> {
    let nonce_key = secrets.nonce_key;
    if let Some(postgres) = &config.postgres {
        let part = if config.bus.is_some() { Part::Node } else { Part::Alone };
        return open_postgres(postgres, nonce_key, part).await;
    }
    let file = config.sqlite_file();
    let (store, committed) = tokio::task::spawn_blocking(move || SqliteStore::open_alone(&file, nonce_key))
        .await?
        .with_context(|| format!("cannot open {}", config.sqlite_file().display()))?;
    Ok((Arc::new(store), committed))
}

/// The store of a command, which may run beside a server; and what keeps a server on the same file from starting
/// meanwhile: to be dropped after the store.
pub async fn beside(config: &Config, nonce_key: [u8; 32]) -> anyhow::Result<(Option<File>, Arc<dyn Store>)> {
    if let Some(postgres) = &config.postgres {
        return Ok((None, open_postgres(postgres, nonce_key, Part::Command).await?.0));
    }
    let (beside, store) = file_beside(config, nonce_key)
        .with_context(|| format!("the database {} cannot be opened", config.sqlite_file().display()))?;
    Ok((Some(beside), Arc::new(store)))
}

/// Where nobody serves, a crash may have left a log that must be written once more before anything is built on it; a
/// running server has done it.
pub fn file_beside(config: &Config, nonce_key: [u8; 32]) -> Result<(File, SqliteStore), StoreError> {
    let cannot =
        |error| StoreError::Unavailable(format!("the folder {} cannot be locked: {error}", config.data.display()));
    let beside = data_lock::share(&config.data).map_err(cannot)?;
    let lock = data_lock::take(&config.data, data_lock::SERVER).map_err(cannot)?;
    let open = if lock.is_some() { SqliteStore::open_alone } else { SqliteStore::open };
    // Nobody is connected here to be told of events; the running server reads them from the database.
    let (store, _committed) = open(&config.sqlite_file(), nonce_key)?;
    Ok((beside, store))
}

async fn open_postgres(
    Postgres { url, replicas }: &Postgres,
    nonce_key: [u8; 32],
    part: Part,
) -> anyhow::Result<(Arc<dyn Store>, Committed)> {
    let replicas: Vec<&str> = replicas.iter().map(DatabaseUrl::expose).collect();
    let opened = PostgresStore::open(url.expose(), &replicas, nonce_key, part).await;
    let (store, committed) = opened.with_context(|| format!("cannot open {url}"))?;
    Ok((Arc::new(store), committed))
}
