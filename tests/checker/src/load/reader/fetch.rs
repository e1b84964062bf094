//! Fetching a conversation that a resume answered with `reset`, beside the socket that goes on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::history::Entry;
use crate::load::shared::{Shared, seq};

/// Time between two tries.
const RETRY: Duration = Duration::from_millis(200);

/// Events of the conversation that the reader holds at `index`, in the order of the log.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) index: usize,
    pub(super) entries: Vec<(u32, Entry)>,
    pub(super) done: bool,
}

/// Sends what comes after `cursor`, page by page to the log's end.
pub(super) async fn fetch(
    shared: Arc<Shared>,
    person: usize,
    index: usize,
    id: i64,
    mut cursor: u32,
    pages: mpsc::Sender<Page>,
) {
    let mut client = shared.client(person);
    loop {
        let Ok(page) = client.events(id, cursor).await else {
            tokio::time::sleep(RETRY.mul_f64(0.5 + fastrand::f64())).await;
            continue;
        };
        let entries: Vec<(u32, Entry)> =
            page.events.iter().filter_map(|event| Some((seq(event.s?), shared.entry(event)))).collect();
        let done = !page.more || entries.is_empty();
        cursor = entries.iter().map(|(at, _)| *at).max().unwrap_or(cursor);
        // The reader is gone: so is the need.
        if pages.send(Page { index, entries, done }).await.is_err() || done {
            return;
        }
    }
}
