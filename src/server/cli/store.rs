//! The store, opened by a command. It works beside running servers, which notice what was committed.

use std::fs::File;
use std::sync::Arc;

use anyhow::Context;

use crate::protocol::UserRef;
use crate::server::auth::name::fold;
use crate::server::config::Config;
use crate::server::secrets::Secrets;
use crate::server::storage;
use crate::server::store::Store;

/// The store, and what keeps a server from starting meanwhile: to be dropped after the store.
pub(super) async fn open(config: &Config) -> anyhow::Result<(Option<File>, Arc<dyn Store>)> {
    storage::beside(config, Secrets::load_or_create(config)?.nonce_key).await
}

/// The account of this name.
pub(super) async fn find(store: &Arc<dyn Store>, name: &str) -> anyhow::Result<UserRef> {
    store.user_by_name(&fold(name)).await?.with_context(|| format!("there is no account of the name {name}"))
}
