//! Reads of history from databases that follow the primary.
//!
//! A replica is always a little behind. Its answer counts only where the conversation's log stands there at least as far
//! as it stood in the primary when the read was asked for: then it is never older than what anybody was told before. What
//! is newest, or belongs to one user (READY, lists, read marks, sessions), is always read in the primary.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::{Pool, Transaction};
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout};

use super::connections::{Connections, snapshot};
use super::events;
use crate::protocol::{ConversationId, Stream};
use crate::server::store::StoreError;

/// Longest that a replica is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one that failed is left alone.
const REST: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Replicas {
    next: AtomicUsize,
    /// Those that failed, by their place in the settings, and until when they are left alone.
    resting: Mutex<Vec<(usize, Instant)>>,
}

/// A read of one conversation, in one snapshot.
pub(super) trait Read<T>:
    for<'t> Fn(&'t Transaction<'t>) -> BoxFuture<'t, Result<T, StoreError>> + Sync
{
}
impl<T, F> Read<T> for F where F: for<'t> Fn(&'t Transaction<'t>) -> BoxFuture<'t, Result<T, StoreError>> + Sync {}

impl Replicas {
    /// Reads in a replica that is level; in the primary, where there is none.
    pub(super) async fn read<T>(
        &self,
        connections: &Connections,
        conversation: ConversationId,
        read: impl Read<T>,
    ) -> Result<T, StoreError> {
        if let Some((number, replica)) = self.choose(connections.replicas()) {
            let stream = Stream::Conversation(conversation);
            let primary = last_seq(&connections.reader().await?, stream).await?;
            match timeout(PATIENCE, read_level(replica, stream, primary, &read)).await {
                Ok(Ok(Some(answer))) => return Ok(answer),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => self.rest(number, &error.to_string()),
                Err(_) => self.rest(number, "it takes too long"),
            }
        }
        let mut client = connections.reader().await?;
        read(&snapshot(&mut client).await?).await
    }

    /// One after the other.
    fn choose<'p>(&self, replicas: &'p [Pool]) -> Option<(usize, &'p Pool)> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|(_, until)| *until > Instant::now());
        let awake: Vec<usize> =
            (0..replicas.len()).filter(|number| resting.iter().all(|(resting, _)| resting != number)).collect();
        let number = *awake.get(self.next.fetch_add(1, Ordering::Relaxed).checked_rem(awake.len())?)?;
        Some((number, &replicas[number]))
    }

    fn rest(&self, number: usize, why: &str) {
        tracing::warn!(number, why, "a replica does not answer: the primary is read for a while");
        let until = Instant::now() + REST;
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).push((number, until));
    }
}

/// `None`: it is behind.
async fn read_level<T>(
    replica: &Pool,
    stream: Stream,
    primary: i64,
    read: &impl Read<T>,
) -> Result<Option<T>, StoreError> {
    let mut client = replica.get().await?;
    let snapshot = snapshot(&mut client).await?;
    if last_seq(&snapshot, stream).await? < primary {
        return Ok(None);
    }
    read(&snapshot).await.map(Some)
}

async fn last_seq(on: &impl deadpool_postgres::GenericClient, stream: Stream) -> Result<i64, StoreError> {
    Ok(events::last_seqs(on, &[stream]).await?.first().map_or(0, |seq| seq.0))
}
