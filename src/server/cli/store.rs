//! The store, opened by a command. SQLite lets it write beside a running server, which notices what was committed.

use std::sync::Arc;

use anyhow::Context;

use crate::protocol::UserRef;
use crate::server::auth::name::fold;
use crate::server::config::Config;
use crate::server::secrets::Secrets;
use crate::server::store::Store;
use crate::server::store::sqlite::SqliteStore;

pub(super) fn open(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    let secrets = Secrets::load_or_create(config)?;
    let path = config.database();
    // Nobody is connected here to be told of events; the running server reads them from the database.
    let (store, _committed) = SqliteStore::open(&path, secrets.nonce_key)
        .with_context(|| format!("the database {} cannot be opened", path.display()))?;
    Ok(Arc::new(store))
}

/// The account of this name.
pub(super) async fn find(store: &Arc<dyn Store>, name: &str) -> anyhow::Result<UserRef> {
    store.user_by_name(&fold(name)).await?.with_context(|| format!("there is no account of the name {name}"))
}
