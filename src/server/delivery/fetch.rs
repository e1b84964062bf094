//! Reads of the store for the delivery task: each in a task of its own, a few at a time, its answer sent back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::protocol::{ConversationId, Event, EventBody, Seq, Stream, UserId};
use crate::server::store::{Memberships, Store, StoreError};

/// Events in one page.
const PAGE: u32 = 100;
/// Pages that are looked through for where somebody joined. They joined a moment ago: this is what may have been
/// committed since.
const PAGES_BACK: u32 = 20;
/// Reads at once: enough to catch up after an outage, few enough to leave the store's readers to people.
const AT_ONCE: usize = 4;
/// Time between two tries of a read that fails.
const RETRY: Duration = Duration::from_millis(200);
/// Logs compared in one read.
const CHUNK: usize = 500;

/// What a read found.
pub(super) enum Found {
    Memberships(UserId, Result<Memberships, StoreError>),
    /// The events that follow what was delivered.
    Page(Stream, Result<Vec<Event>, StoreError>),
    /// Events of a conversation that a user joined: those since then, or the next ones.
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

    /// Looks for where a user joined a conversation, and reads what came since.
    pub(super) fn joined(&self, user: UserId, conversation: ConversationId) {
        self.spawn(move |store| async move {
            let events = since_joining(store.as_ref(), user, Stream::Conversation(conversation)).await;
            pause_after_error(&events).await;
            Found::Joined(user, conversation, events)
        });
    }

    /// Reads on for a user who joined.
    pub(super) fn joined_after(&self, user: UserId, conversation: ConversationId, after: Seq) {
        self.spawn(move |store| async move {
            let events = store.events_after(Stream::Conversation(conversation), after, PAGE).await;
            pause_after_error(&events).await;
            Found::Joined(user, conversation, events)
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

/// What is tried again at once should not be tried as fast as it fails.
async fn pause_after_error<T>(result: &Result<T, StoreError>) {
    if result.is_err() {
        tokio::time::sleep(RETRY).await;
    }
}

/// The latest events of a log, page by page back to the user's joining or to the log's beginning.
async fn since_joining(store: &dyn Store, user: UserId, stream: Stream) -> Result<Vec<Event>, StoreError> {
    let is_joining = |event: &Event| matches!(&event.body, EventBody::MemberAdd(member) if member.id == user);
    let mut first = store.last_seqs(&[stream]).await?.first().copied().unwrap_or_default();
    let mut events = Vec::new();
    for _ in 0..PAGES_BACK {
        let after = Seq((first.0 - i64::from(PAGE)).max(0));
        let mut page = store.events_after(stream, after, u32::try_from(first.0 - after.0).unwrap_or(PAGE)).await?;
        let found = page.iter().any(is_joining);
        page.append(&mut events);
        (events, first) = (page, after);
        if found || first == Seq::ZERO {
            break;
        }
    }
    Ok(events)
}
