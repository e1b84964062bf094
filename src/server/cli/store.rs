//! The store, opened by a command. SQLite lets it write beside a running server, which notices what was committed.

use std::sync::Arc;

use anyhow::Context;

use crate::protocol::UserRef;
use crate::server::auth::name::fold;
use crate::server::config::Config;
use crate::server::data_lock;
use crate::server::secrets::Secrets;
use crate::server::store::sqlite::SqliteStore;
use crate::server::store::{Store, StoreError};

pub(super) fn open(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    let secrets = Secrets::load_or_create(config)?;
    let store = open_database(config, secrets.nonce_key)
        .with_context(|| format!("the database {} cannot be opened", config.database().display()))?;
    Ok(Arc::new(store))
}

/// Where nobody serves, a crash may have left a log that must be written once more before anything is built on it; a
/// running server has done it.
pub(super) fn open_database(config: &Config, nonce_key: [u8; 32]) -> Result<SqliteStore, StoreError> {
    let lock = data_lock::take(&config.data).map_err(|error| {
        StoreError::Unavailable(format!("{} cannot be locked: {error}", config.data.join(data_lock::FILE).display()))
    })?;
    let open = if lock.is_some() { SqliteStore::open_alone } else { SqliteStore::open };
    // Nobody is connected here to be told of events; the running server reads them from the database.
    let (store, _committed) = open(&config.database(), nonce_key)?;
    // The lock is given back: a server may start beside a command.
    Ok(store)
}

/// The account of this name.
pub(super) async fn find(store: &Arc<dyn Store>, name: &str) -> anyhow::Result<UserRef> {
    store.user_by_name(&fold(name)).await?.with_context(|| format!("there is no account of the name {name}"))
}
