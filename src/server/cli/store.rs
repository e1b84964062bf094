//! The store, opened by a command. SQLite lets it write beside a running server, which notices what was committed.

use std::fs::File;
use std::sync::Arc;

use anyhow::Context;

use crate::protocol::UserRef;
use crate::server::auth::name::fold;
use crate::server::config::Config;
use crate::server::data_lock;
use crate::server::secrets::Secrets;
use crate::server::store::sqlite::SqliteStore;
use crate::server::store::{Store, StoreError};

/// The store, and what keeps a server from starting meanwhile: to be dropped after the store.
pub(super) fn open(config: &Config) -> anyhow::Result<(File, Arc<dyn Store>)> {
    let secrets = Secrets::load_or_create(config)?;
    let (beside, store) = open_database(config, secrets.nonce_key)
        .with_context(|| format!("the database {} cannot be opened", config.database().display()))?;
    Ok((beside, Arc::new(store)))
}

/// Where nobody serves, a crash may have left a log that must be written once more before anything is built on it; a
/// running server has done it.
pub(super) fn open_database(config: &Config, nonce_key: [u8; 32]) -> Result<(File, SqliteStore), StoreError> {
    let cannot =
        |error| StoreError::Unavailable(format!("the folder {} cannot be locked: {error}", config.data.display()));
    let beside = data_lock::share(&config.data).map_err(cannot)?;
    let lock = data_lock::take(&config.data, data_lock::SERVER).map_err(cannot)?;
    let open = if lock.is_some() { SqliteStore::open_alone } else { SqliteStore::open };
    // Nobody is connected here to be told of events; the running server reads them from the database.
    let (store, _committed) = open(&config.database(), nonce_key)?;
    Ok((beside, store))
}

/// The account of this name.
pub(super) async fn find(store: &Arc<dyn Store>, name: &str) -> anyhow::Result<UserRef> {
    store.user_by_name(&fold(name)).await?.with_context(|| format!("there is no account of the name {name}"))
}
