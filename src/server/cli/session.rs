//! `chatter user session`: opens sessions, for support and for load tests.

use std::process::ExitCode;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{output, store};
use crate::protocol::UserRef;
use crate::server::auth::{SESSION_MS, SessionToken};
use crate::server::clock::now_ms;
use crate::server::store::{NewSession, Store, StoreError};

/// Sessions opened at a time: the store commits them in groups.
const AT_ONCE: usize = 64;

pub(super) async fn open(store: &Arc<dyn Store>, names: &[String], all: bool) -> anyhow::Result<ExitCode> {
    let mut users = Vec::with_capacity(names.len());
    if all {
        users = store.user_names().await?;
    }
    // All names are looked up before the first session is opened: a wrong one opens none.
    for name in names {
        users.push(store::find(store, name).await?);
    }
    let mut opened = stream::iter(users).map(|user| open_one(store.clone(), user)).buffered(AT_ONCE);
    while let Some((name, token)) = opened.try_next().await? {
        output::line(&format!("{name}\t{}", token.expose()))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn open_one(store: Arc<dyn Store>, user: UserRef) -> Result<(String, SessionToken), StoreError> {
    let token = SessionToken::generate();
    let now_ms = now_ms();
    let expires_ms = now_ms + SESSION_MS;
    let session =
        NewSession { user: user.id, token_hash: token.hash(), now_ms, expires_ms, client: None, replaces: None };
    store.session_create(session).await?;
    Ok((user.name, token))
}
