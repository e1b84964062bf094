//! Reads of the store for the delivery task: each in a task of its own, a few at a time, its answer sent back.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use crate::protocol::{ConversationId, Event, Seq, Stream, UserId};
use crate::server::store::{Memberships, Store, StoreError};

/// Events in one page.
pub(super) const PAGE: u32 = 100;
/// Reads at once: enough to catch up after an outage, few enough to leave the store's readers to people.
const AT_ONCE: usize = 4;
/// Logs compared in one read.
const CHUNK: usize = 500;

/// What a read found.
pub(super) enum Found {
    Memberships(UserId, Result<Memberships, StoreError>),
    /// The events that follow what was delivered.
    Page(Stream, Result<Vec<Event>, StoreError>),
    /// The latest events of a conversation that a user joined.
    Joined(UserId, ConversationId, Result<Vec<Event>, StoreError>),
    /// Where logs stand.
    Stands(Vec<(Stream, Seq)>),
    /// A comparison of all logs is over.
    Checked,
}

pub(super) struct Fetches {
    store: Arc<dyn Store>,
    permits: Arc<Semaphore>,
    found: mpsc::UnboundedSender<Found>,
}

impl Fetches {
    pub(super) fn new(store: Arc<dyn Store>) -> (Self, mpsc::UnboundedReceiver<Found>) {
        let (found, receiver) = mpsc::unbounded_channel();
        (Self { store, permits: Arc::new(Semaphore::new(AT_ONCE)), found }, receiver)
    }

    pub(super) fn memberships(&self, user: UserId) {
        self.spawn(move |store| async move { Found::Memberships(user, store.memberships(user).await) });
    }

    pub(super) fn page(&self, stream: Stream, after: Seq) {
        self.spawn(move |store| async move { Found::Page(stream, store.events_after(stream, after, PAGE).await) });
    }

    pub(super) fn joined(&self, user: UserId, conversation: ConversationId) {
        self.spawn(move |store| async move {
            Found::Joined(user, conversation, latest(store.as_ref(), Stream::Conversation(conversation)).await)
        });
    }

    /// Compares these logs; `all` answers [`Found::Checked`] at the end.
    pub(super) fn stands(&self, streams: Vec<Stream>, all: bool) {
        let found = self.found.clone();
        self.spawn(move |store| async move {
            for chunk in streams.chunks(CHUNK) {
                match store.last_seqs(chunk).await {
                    Ok(lasts) => {
                        let stands = chunk.iter().copied().zip(lasts).collect();
                        let _ = found.send(Found::Stands(stands));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "logs could not be compared with the store");
                        break;
                    }
                }
            }
            if all { Found::Checked } else { Found::Stands(Vec::new()) }
        });
    }

    fn spawn<F, R>(&self, read: F)
    where
        F: FnOnce(Arc<dyn Store>) -> R + Send + 'static,
        R: Future<Output = Found> + Send + 'static,
    {
        let (store, permits, found) = (self.store.clone(), self.permits.clone(), self.found.clone());
        tokio::spawn(async move {
            // The semaphore is never closed; and if it were, one read more would not matter.
            let _permit = permits.acquire().await;
            // The task may be gone: then nobody asks any more.
            let _ = found.send(read(store).await);
        });
    }
}

/// The latest page of a log.
async fn latest(store: &dyn Store, stream: Stream) -> Result<Vec<Event>, StoreError> {
    let last = store.last_seqs(&[stream]).await?.first().copied().unwrap_or_default();
    store.events_after(stream, Seq((last.0 - i64::from(PAGE)).max(0)), PAGE).await
}
