//! Reads of the store for the delivery task: each in a task of its own, a few at a time, its answer sent back.
//! Long because each kind of read has its bounds beside it.
//!
//! Joins that wait are read together: the first messages of many new pairs, or a room that takes in a thousand
//! connected users, take two reads and not two each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::protocol::limits::CONTACTS;
use crate::protocol::{ConversationId, Event, EventBody, Seq, Stream, UserId};
use crate::server::store::{Memberships, Store, StoreError};

/// Events in one page.
const PAGE: u32 = 100;
/// Pages that are looked through for where somebody joined. They joined a moment ago: this is what may have been
/// committed since.
const PAGES_BACK: u32 = 20;
/// Reads at once: enough to catch up after an outage, few enough to leave the store's readers to people.
const AT_ONCE: usize = 4;
/// Joins in one read.
const JOINS: usize = 256;
/// Conversations in it: two pages each of the longest messages are then 25 MB, however many joined.
const JOINED: usize = 16;
/// Time between two tries of a read that fails.
const RETRY: Duration = Duration::from_millis(200);
/// Contacts in one read.
const MOST: u32 = CONTACTS as u32;
/// Logs compared in one read.
const CHUNK: usize = 500;

/// What a read found.
pub(super) enum Found {
    /// What the user is in, with whom, and whether nobody is told that they are there.
    Memberships(UserId, Result<(Memberships, Vec<UserId>, bool), StoreError>),
    Contacts(UserId, Result<Vec<UserId>, StoreError>),
    /// The events that follow what was delivered.
    Page(Stream, Result<Vec<Event>, StoreError>),
    /// Events of a conversation that a user joined: those since then, or the next ones.
    Joined(UserId, ConversationId, Result<Arc<[Event]>, StoreError>),
    /// Where logs stand.
    Stands(Vec<(Stream, Seq)>),
    /// A comparison of all logs is over.
    Checked,
}

pub(super) struct Fetches {
    store: Arc<dyn Store>,
    permits: Arc<Semaphore>,
    found: mpsc::UnboundedSender<Found>,
    /// Joins that nobody reads yet.
    joins: Arc<Mutex<Vec<(UserId, ConversationId)>>>,
}

impl Fetches {
    pub(super) fn new(store: Arc<dyn Store>) -> (Self, mpsc::UnboundedReceiver<Found>) {
        let (found, receiver) = mpsc::unbounded_channel();
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        (Self { store, permits, found, joins: Arc::default() }, receiver)
    }

    pub(super) fn memberships(&self, user: UserId) {
        self.spawn(move |store| async move {
            let memberships = store.memberships(user).await;
            let found = async {
                let account = store.account(user).await?;
                Ok((memberships?, store.contacts(user, MOST).await?, account.is_some_and(|it| it.presence_hidden)))
            };
            Found::Memberships(user, found.await)
        });
    }

    pub(super) fn contacts(&self, user: UserId) {
        self.spawn(move |store| async move { Found::Contacts(user, store.contacts(user, MOST).await) });
    }

    pub(super) fn page(&self, stream: Stream, after: Seq) {
        self.spawn(move |store| async move { Found::Page(stream, store.events_after(stream, after, PAGE).await) });
    }

    /// Looks for where a user joined a conversation, and reads what came since.
    pub(super) fn joined(&self, user: UserId, conversation: ConversationId) {
        self.joins.lock().unwrap_or_else(PoisonError::into_inner).push((user, conversation));
        let (store, permits, found, joins) =
            (self.store.clone(), self.permits.clone(), self.found.clone(), self.joins.clone());
        tokio::spawn(async move {
            let _permit = permits.acquire().await;
            // Whoever comes first takes what has gathered meanwhile; the others find nothing left.
            let batch = take(&joins);
            if !batch.is_empty() {
                since_joining(store.as_ref(), batch, &found).await;
            }
        });
    }

    /// Reads on for a user who joined.
    pub(super) fn joined_after(&self, user: UserId, conversation: ConversationId, after: Seq) {
        self.spawn(move |store| async move {
            let events = store.events_after(Stream::Conversation(conversation), after, PAGE).await;
            pause_after_error(&events).await;
            Found::Joined(user, conversation, events.map(Into::into))
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

fn take(joins: &Mutex<Vec<(UserId, ConversationId)>>) -> Vec<(UserId, ConversationId)> {
    let mut joins = joins.lock().unwrap_or_else(PoisonError::into_inner);
    let mut conversations = BTreeSet::new();
    let fits = |(_, conversation): &&(UserId, ConversationId)| {
        conversations.insert(*conversation);
        conversations.len() <= JOINED
    };
    let count = joins.iter().take(JOINS).take_while(fits).count();
    joins.drain(..count).collect()
}

fn is_joining(event: &Event, user: UserId) -> bool {
    matches!(&event.body, EventBody::MemberAdd(member) if member.id == user)
}

/// For each join, the latest events of the log, back to the joining or to the log's beginning: mostly one page.
async fn since_joining(store: &dyn Store, joins: Vec<(UserId, ConversationId)>, found: &mpsc::UnboundedSender<Found>) {
    let mut users: BTreeMap<ConversationId, Vec<UserId>> = BTreeMap::new();
    for (user, conversation) in joins {
        users.entry(conversation).or_default().push(user);
    }
    let streams: Vec<Stream> = users.keys().map(|id| Stream::Conversation(*id)).collect();
    let pages = latest(store, &streams).await;
    pause_after_error(&pages).await;
    for (number, (conversation, users)) in users.into_iter().enumerate() {
        for user in users {
            let events = match &pages {
                Ok(pages) => further_back(store, user, Stream::Conversation(conversation), &pages[number]).await,
                Err(error) => Err(error.clone()),
            };
            let _ = found.send(Found::Joined(user, conversation, events));
        }
    }
}

/// The last page of each log.
async fn latest(store: &dyn Store, streams: &[Stream]) -> Result<Vec<Arc<[Event]>>, StoreError> {
    let lasts = store.last_seqs(streams).await?;
    let before = |last: Seq| Seq((last.0 - i64::from(PAGE)).max(0));
    let logs: Vec<_> = streams.iter().copied().zip(lasts.into_iter().map(before)).collect();
    // What was committed between the two reads may push the joining out of the page: twice as much is asked for.
    Ok(store.events_after_each(&logs, 2 * PAGE).await?.into_iter().map(Into::into).collect())
}

/// The page, with those before it where the user's joining is not in it.
async fn further_back(
    store: &dyn Store,
    user: UserId,
    stream: Stream,
    page: &Arc<[Event]>,
) -> Result<Arc<[Event]>, StoreError> {
    let reaches = |events: &[Event]| {
        events.first().is_none_or(|first| first.seq == Seq(1)) || events.iter().any(|event| is_joining(event, user))
    };
    if reaches(page) {
        return Ok(page.clone());
    }
    let mut events = page.to_vec();
    for _ in 1..PAGES_BACK {
        let first = events[0].seq;
        let after = Seq((first.0 - 1 - i64::from(PAGE)).max(0));
        let mut before =
            store.events_after(stream, after, u32::try_from(first.0 - 1 - after.0).unwrap_or(PAGE)).await?;
        before.append(&mut events);
        events = before;
        if reaches(&events) {
            break;
        }
    }
    Ok(events.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_so_many_joins_and_so_many_conversations() {
        let join = |user, conversation| (UserId(user), ConversationId(conversation));
        let room = Mutex::new((0..300).map(|user| join(user, 1)).collect::<Vec<_>>());
        assert_eq!([take(&room).len(), take(&room).len(), take(&room).len()], [JOINS, 300 - JOINS, 0]);
        let pairs = Mutex::new((0..40).flat_map(|pair| [join(2 * pair, pair), join(2 * pair + 1, pair)]).collect());
        let taken: Vec<_> = (0..4).map(|_| take(&pairs)).collect();
        assert_eq!(taken.iter().map(Vec::len).collect::<Vec<_>>(), [2 * JOINED, 2 * JOINED, 80 - 4 * JOINED, 0]);
        assert!(taken.concat().iter().zip(0..).all(|((user, _), number)| user.0 == number), "in their order");
    }
}
