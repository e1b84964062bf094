//! `chatter user add` and `chatter user password`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;

use super::{output, password, store};
use crate::protocol::name;
use crate::server::auth::Passwords;
use crate::server::auth::name::fold;
use crate::server::clock::now_ms;
use crate::server::store::{NewUser, Store, StoreError};

pub(super) async fn add(store: &Arc<dyn Store>, name: &str) -> anyhow::Result<ExitCode> {
    if let Err(error) = name::check(name) {
        bail!("{name:?} cannot be a name: {}", error.sentence());
    }
    let password_hash = Some(Passwords::new().hash(password::read_new()?).await?);
    let user = NewUser { name: name.to_owned(), folded: fold(name), password_hash, now_ms: now_ms() };
    match store.user_create(user).await {
        Ok(user) => output::remark(&format!("Added {} with the id {}.", user.name, user.id)),
        Err(StoreError::NameTaken) => bail!("the name {name} is taken; `chatter user password` sets its password"),
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends every session of the account: a running server closes their sockets.
pub(super) async fn password(store: &Arc<dyn Store>, name: &str) -> anyhow::Result<ExitCode> {
    let user = store::find(store, name).await?;
    let hash = Passwords::new().hash(password::read_new()?).await?;
    let ended = store.password_set(user.id, None, hash, None).await?;
    output::remark(&format!("Set the password of {}; sessions ended: {}.", user.name, ended.len()));
    Ok(ExitCode::SUCCESS)
}
