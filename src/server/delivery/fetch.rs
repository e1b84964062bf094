//! Reads of the store for the delivery task: each in a task of its own, a few at a time, its answer sent back.
//! Long because each kind of read has its bounds beside it.
//!
//! Joins that wait are read together: the first messages of many new pairs, or a room that takes in a thousand
//! connected users, take three reads and not three each.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use super::task::Joined;
use crate::protocol::limits::CONTACTS;
use crate::protocol::{ConversationId, Event, Seq, Stream, UserId};
use crate::server::store::{Absence, Memberships, Store, StoreError};

/// Events in one page.
const PAGE: u32 = 100;
/// Reads at once: enough to catch up after an outage, few enough to leave the store's readers to people.
const AT_ONCE: usize = 4;
/// Joins in one read.
const JOINS: usize = 256;
/// Conversations in it: a page each of the longest messages is then 13 MB, however many joined.
const JOINED: usize = 16;
/// Time between two tries of a read that fails.
const RETRY: Duration = Duration::from_millis(200);
/// Contacts in one read.
const MOST: u32 = CONTACTS as u32;
/// Logs compared, and users looked for, in one read.
const CHUNK: usize = 500;

/// What a read found.
pub(super) enum Found {
    /// What the user is in, with whom, and whether nobody is told that they are there.
    Memberships(UserId, Result<(Memberships, Vec<UserId>, bool), StoreError>),
    Contacts(UserId, Result<Vec<UserId>, StoreError>),
    /// The events that follow what was delivered.
    Page(Stream, Result<Page, StoreError>),
    /// For the hold of this number on the user's inbox: where the membership begins.
    Joined(UserId, u64, Result<Joined, StoreError>),
    /// For the same: the next events of the conversation's log.
    Log(UserId, u64, Result<Part, StoreError>),
    /// For the same: where the membership ends.
    Ends(UserId, u64, Result<Option<Seq>, StoreError>),
    /// Of these users, those who hide, or why that is not known.
    Hiding(Vec<UserId>, Result<HashSet<UserId>, StoreError>),
    /// Where logs stand.
    Stands(Vec<(Stream, Seq)>),
    /// A comparison of all logs is over.
    Checked,
}

/// A part of a log; and who has left it or is back, if it is a direct conversation's.
pub(super) type Page = (Vec<Event>, Vec<Absence>);

/// What was read of a conversation's log, for one who joined or left it.
pub(super) struct Part {
    pub(super) events: Arc<[Event]>,
    /// Of a membership that ended before or while that was read: the last number that is theirs by it.
    pub(super) end: Option<Seq>,
}

/// A join to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    user: UserId,
    conversation: ConversationId,
    /// The inbox's entry that tells of it.
    entry: Seq,
    /// The hold's on the inbox.
    number: u64,
}

pub(super) struct Fetches {
    store: Arc<dyn Store>,
    permits: Arc<Semaphore>,
    found: mpsc::UnboundedSender<Found>,
    /// Joins that nobody reads yet.
    joins: Arc<Mutex<Vec<Asked>>>,
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

    /// Looks which of these users hide.
    pub(super) fn hiding(&self, users: Vec<UserId>) {
        self.spawn(move |store| async move {
            let read = async {
                let mut hiding = HashSet::new();
                for chunk in users.chunks(CHUNK) {
                    hiding.extend(store.hiding(chunk).await?);
                }
                Ok(hiding)
            };
            let hiding = read.await;
            pause_after_error(&hiding).await;
            Found::Hiding(users, hiding)
        });
    }

    pub(super) fn page(&self, stream: Stream, after: Seq) {
        self.spawn(move |store| async move {
            let page = async {
                let events = store.events_after(stream, after, PAGE).await?;
                // After the events: whoever leaves later may be told them.
                let absences = match stream {
                    Stream::Conversation(id) => store.direct_absences(id).await?,
                    Stream::Inbox(_) => Vec::new(),
                };
                Ok((events, absences))
            };
            Found::Page(stream, page.await)
        });
    }

    /// Looks where the membership begins that an inbox's entry tells of, and reads what came since.
    pub(super) fn joined(&self, user: UserId, conversation: ConversationId, entry: Seq, number: u64) {
        let asked = Asked { user, conversation, entry, number };
        self.joins.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
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

    /// Reads a conversation's log from `next` on, for a user who left, or who joined by the inbox's entry `joined`.
    pub(super) fn log(&self, user: UserId, conversation: ConversationId, number: u64, next: Seq, joined: Option<Seq>) {
        self.spawn(move |store| async move {
            let part = part(store.as_ref(), user, conversation, next, joined).await;
            pause_after_error(&part).await;
            Found::Log(user, number, part)
        });
    }

    /// Looks where the membership ends that an inbox's entry tells of.
    pub(super) fn ends(&self, user: UserId, entry: Seq, number: u64) {
        self.spawn(move |store| async move {
            let last = store.membership_edges(&[(user, entry)]).await;
            pause_after_error(&last).await;
            Found::Ends(user, number, last.map(|edges| edges.into_iter().next().flatten()))
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

async fn part(
    store: &dyn Store,
    user: UserId,
    conversation: ConversationId,
    next: Seq,
    joined: Option<Seq>,
) -> Result<Part, StoreError> {
    let events = store.events_after(Stream::Conversation(conversation), Seq(next.0 - 1), PAGE).await?.into();
    // After the events: what ends later does not concern them.
    let end = match joined {
        Some(entry) => store.membership_ends(&[(user, entry)]).await?.into_iter().next().flatten(),
        None => None,
    };
    Ok(Part { events, end })
}

fn take(joins: &Mutex<Vec<Asked>>) -> Vec<Asked> {
    let mut joins = joins.lock().unwrap_or_else(PoisonError::into_inner);
    let mut conversations = BTreeSet::new();
    let fits = |asked: &&Asked| {
        conversations.insert(asked.conversation);
        conversations.len() <= JOINED
    };
    let count = joins.iter().take(JOINS).take_while(fits).count();
    joins.drain(..count).collect()
}

/// For each join where the membership begins, and the log from there on: mostly one page.
async fn since_joining(store: &dyn Store, batch: Vec<Asked>, found: &mpsc::UnboundedSender<Found>) {
    let pages = since(store, &batch).await;
    pause_after_error(&pages).await;
    for asked in batch {
        let joined = pages.as_ref().map_err(Clone::clone).map(|(spans, logs)| {
            let (first, end) = spans[&(asked.user, asked.entry)];
            (first, Part { events: logs[&asked.conversation].clone(), end })
        });
        let _ = found.send(Found::Joined(asked.user, asked.number, joined));
    }
}

type Since = (HashMap<(UserId, Seq), (Seq, Option<Seq>)>, HashMap<ConversationId, Arc<[Event]>>);

/// Where each of the memberships begins, and ends if it has, and each log from the first of them on. A membership of which
/// that was not noted begins after what there is.
async fn since(store: &dyn Store, batch: &[Asked]) -> Result<Since, StoreError> {
    let entries: Vec<_> = batch.iter().map(|asked| (asked.user, asked.entry)).collect();
    let edges = store.membership_edges(&entries).await?;
    let streams: Vec<_> = batch.iter().map(|asked| Stream::Conversation(asked.conversation)).collect();
    let lasts = if edges.contains(&None) { store.last_seqs(&streams).await? } else { Vec::new() };
    let mut firsts = Vec::with_capacity(batch.len());
    let mut logs: BTreeMap<ConversationId, Seq> = BTreeMap::new();
    for (number, asked) in batch.iter().enumerate() {
        let first = edges[number].unwrap_or_else(|| lasts[number].next());
        firsts.push(first);
        let log = logs.entry(asked.conversation).or_insert(first);
        *log = first.min(*log);
    }
    let after: Vec<_> = logs.iter().map(|(id, first)| (Stream::Conversation(*id), Seq(first.0 - 1))).collect();
    let pages = store.events_after_each(&after, PAGE).await?.into_iter().map(Into::into);
    // After the pages: what ends later does not concern them.
    let ends = store.membership_ends(&entries).await?;
    let spans = entries.into_iter().zip(firsts.into_iter().zip(ends)).collect();
    Ok((spans, logs.into_keys().zip(pages).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_so_many_joins_and_so_many_conversations() {
        let join = |user, conversation| {
            let (user, conversation) = (UserId(user), ConversationId(conversation));
            Asked { user, conversation, entry: Seq(1), number: 1 }
        };
        let room = Mutex::new((0..300).map(|user| join(user, 1)).collect::<Vec<_>>());
        assert_eq!([take(&room).len(), take(&room).len(), take(&room).len()], [JOINS, 300 - JOINS, 0]);
        let pairs = Mutex::new((0..40).flat_map(|pair| [join(2 * pair, pair), join(2 * pair + 1, pair)]).collect());
        let taken: Vec<_> = (0..4).map(|_| take(&pairs)).collect();
        assert_eq!(taken.iter().map(Vec::len).collect::<Vec<_>>(), [2 * JOINED, 2 * JOINED, 80 - 4 * JOINED, 0]);
        assert!(taken.concat().iter().zip(0..).all(|(asked, number)| asked.user.0 == number), "in their order");
    }
}
