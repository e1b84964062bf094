//! `chatter room add`.

use std::sync::Arc;

use anyhow::bail;

use super::store;
use crate::protocol::limits::TITLE_CHARS;
use crate::protocol::{self, ConversationId};
use crate::server::clock::now_ms;
use crate::server::store::{NewRoom, Store};

pub(super) async fn add(
    store: &Arc<dyn Store>,
    title: &str,
    everyone: bool,
    names: &[String],
) -> anyhow::Result<ConversationId> {
    let Ok(Some(title)) = protocol::title::title(title) else {
        bail!("a room's title has 1 to {TITLE_CHARS} characters, on one line");
    };
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        members.push(store::find(store, name).await?.id);
    }
    members.sort_unstable();
    members.dedup();
    Ok(store.room_create(NewRoom { title, everyone, members, now_ms: now_ms() }).await?)
}
