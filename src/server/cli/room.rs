//! `chatter room add`.

use std::sync::Arc;

use anyhow::bail;

use super::store;
use crate::protocol::ConversationId;
use crate::server::clock::now_ms;
use crate::server::store::{NewRoom, Store};

/// Longest title, in Unicode scalar values.
const TITLE_CHARS: usize = 80;

pub(super) async fn add(
    store: &Arc<dyn Store>,
    title: &str,
    everyone: bool,
    names: &[String],
) -> anyhow::Result<ConversationId> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > TITLE_CHARS || title.chars().any(char::is_control) {
        bail!("a room's title has 1 to {TITLE_CHARS} characters, on one line");
    }
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        members.push(store::find(store, name).await?.id);
    }
    members.sort_unstable();
    members.dedup();
    Ok(store.room_create(NewRoom { title: title.to_owned(), everyone, members, now_ms: now_ms() }).await?)
}
