//! Fetching a conversation that a resume answered with `reset`, or that became the reader's while it was away, beside the
//! socket that goes on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::Error;
use crate::load::shared::{Shared, seq};
use crate::load::shown::Shown;

/// Time between two tries.
const RETRY: Duration = Duration::from_millis(200);

/// How fetching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At the log's end.
    Complete,
    /// It is not the reader's any more.
    NotTheirs,
}

/// Events of the conversation that the reader holds at `index`, in the order of the log.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) index: usize,
    /// The reader's, when it asked.
    pub(super) epoch: u32,
    pub(super) entries: Vec<(u32, Shown)>,
    pub(super) end: Option<End>,
}

/// Sends what comes after `cursor`, page by page to the log's end.
pub(super) async fn fetch(
    shared: Arc<Shared>,
    person: usize,
    Page { index, epoch, .. }: Page,
    id: i64,
    mut cursor: u32,
    pages: mpsc::Sender<Page>,
) {
    let mut client = shared.client(person);
    loop {
        let (entries, end) = match client.events(id, cursor).await {
            Ok(page) => {
                let shown = page.events.iter().filter_map(|event| Some((seq(event.s?), shared.shown(event))));
                let entries: Vec<(u32, Shown)> = shown.collect();
                let end = (!page.more || entries.is_empty()).then_some(End::Complete);
                (entries, end)
            }
            Err(Error::Refused { status: 404, .. }) => (Vec::new(), Some(End::NotTheirs)),
            Err(_) => {
                tokio::time::sleep(RETRY.mul_f64(0.5 + fastrand::f64())).await;
                continue;
            }
        };
        cursor = entries.iter().map(|(at, _)| *at).max().unwrap_or(cursor);
        // The reader is gone: so is the need.
        if pages.send(Page { index, epoch, entries, end }).await.is_err() || end.is_some() {
            return;
        }
    }
}
