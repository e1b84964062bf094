//! After the last post: live readers come to the logs' ends, then the counts are read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::Instant;

use super::places::Standing;
use super::reader::Progress;
use super::setup::patiently;
use super::shared::{Shared, locked, seq};
use crate::Error;
use crate::client::Client;
use crate::history::{Contradiction, Count};
use crate::socket::Socket;

/// Reads at once.
pub(super) const AT_ONCE: usize = 16;
/// People whose counts are read, at most: each costs a socket.
const COUNTED: usize = 200;

/// Where each conversation's log stands; nothing for those that could not be read.
async fn ends(shared: &Shared) -> Vec<Option<u32>> {
    let deadline = Instant::now() + shared.plan.patience;
    let end = async |index: usize| {
        let (id, member) = (locked(&shared.conversations[index]).id, shared.members(index).next()?);
        let mut client = shared.client(member);
        let page = patiently!(deadline, client.events(id, u32::MAX - 1));
        page.ok().map(|page| seq(page.as_of))
    };
    let reads: Vec<_> = (0..shared.conversations.len()).map(|index| end(index).boxed()).collect();
    stream::iter(reads).buffered(AT_ONCE).collect().await
}

/// Time in which no log moves, after which none of the posts that were left without an answer is still under way.
const SETTLED: Duration = Duration::from_millis(500);

/// The ends, once no post is under way any more.
pub(super) async fn settled_ends(shared: &Shared) -> Vec<Option<u32>> {
    let deadline = Instant::now() + shared.plan.patience;
    let mut before = ends(shared).await;
    while shared.is_unsure() && Instant::now() < deadline {
        tokio::time::sleep(SETTLED).await;
        let now = ends(shared).await;
        if now == before {
            break;
        }
        before = now;
    }
    before
}

/// Waits until all readers have come to the ends, or none of them has moved for the plan's patience.
pub(super) async fn catch_up(shared: &Shared, readers: &[Arc<Progress>], ends: &[Option<u32>]) {
    let mut before = u64::MAX;
    let mut moved = Instant::now();
    loop {
        let missing = |progress: &Arc<Progress>| -> u64 {
            let conversations = &shared.memberships[progress.person];
            let pairs = conversations.iter().zip(&progress.cursors);
            let theirs = pairs.map(|(index, cursor)| {
                let (end, cursor) = (ends[*index as usize].unwrap_or(0), cursor.load(Ordering::Relaxed));
                u64::from(end.saturating_sub(cursor))
            });
            let comings = shared.comings[progress.person].iter().zip(&progress.comings);
            let comings = comings.map(|(index, cursor)| {
                let (end, cursor) = (ends[*index as usize].unwrap_or(0), cursor.load(Ordering::Relaxed));
                match shared.stands(*index, progress.person) {
                    Standing::In => u64::from(end.saturating_sub(cursor)),
                    // Gone, and they hold it still.
                    Standing::Out => u64::from(cursor > 0),
                    Standing::Unsure => 0,
                }
            });
            theirs.chain(comings).sum()
        };
        let missing: u64 = readers.iter().map(missing).sum();
        if missing == 0 {
            return;
        }
        if missing != before {
            (before, moved) = (missing, Instant::now());
        } else if moved.elapsed() > shared.plan.patience {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What `conversation-list` and READY count for people. Answers counts, and what could not be read.
pub(super) async fn counts(shared: &Shared) -> (Vec<Count>, Vec<String>) {
    let step = shared.people.len().div_ceil(COUNTED).max(1);
    let counted = async |person| (person, counts_of(shared, person).await);
    let reads: Vec<_> = (0..shared.people.len()).step_by(step).map(|person| counted(person).boxed()).collect();
    let (mut counts, mut failed) = (Vec::new(), Vec::new());
    for (person, read) in stream::iter(reads).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        match read {
            Ok(read) => counts.extend(read),
            Err(error) => {
                failed.push(format!("the counts of {} could not be read: {error}", shared.people[person].name))
            }
        }
    }
    (counts, failed)
}

async fn counts_of(shared: &Shared, person: usize) -> Result<Vec<Count>, Error> {
    let deadline = Instant::now() + shared.plan.patience;
    let mut client = shared.client(person);
    mark_back(shared, &mut client, person).await;
    // Conversation, last_seq, read_seq, unread; by READY or not.
    let mut told: Vec<(bool, (i64, i64, i64, i64))> = Vec::new();
    let mut after = None;
    loop {
        let page = patiently!(deadline, client.conversations(after))?;
        for entry in &page.conversations {
            told.push((false, (entry.conversation.id, entry.last_seq, entry.read_seq, entry.unread)));
        }
        after = page.conversations.last().map(|entry| entry.conversation.id);
        if !page.more || after.is_none() {
            break;
        }
    }
    let (address, source, silence) = (shared.site.address(person), shared.source(), shared.plan.socket_silence);
    let opened = patiently!(deadline, Socket::open(&mut client, &address, source, None, silence, false));
    let (_socket, ready) = opened?;
    told.extend(ready.marks.into_iter().map(|mark| (true, mark)));

    let stands = |conversation: &u32| shared.stands(*conversation, person);
    let here: Vec<u32> = shared.comings[person].iter().copied().filter(|c| stands(c) == Standing::In).collect();
    for conversation in shared.comings[person].iter().filter(|c| stands(c) == Standing::Out) {
        let id = locked(&shared.conversations[*conversation as usize]).id;
        for (by_ready, _) in told.iter().filter(|(_, mark)| mark.0 == id) {
            let how = if *by_ready { "READY" } else { "conversation-list" };
            let shown = Contradiction::Shown { conversation: *conversation, person: seq(person as i64), how };
            locked(&shared.contradictions).push(shown);
        }
    }
    let marks = locked(&shared.marks[person]);
    let mut counts = Vec::new();
    for by_ready in [false, true] {
        for &conversation in shared.memberships[person].iter().chain(&here) {
            let id = locked(&shared.conversations[conversation as usize]).id;
            let found = told.iter().find(|(ready, mark)| *ready == by_ready && mark.0 == id);
            // A conversation that is not named at all counts as one that stands at nothing.
            let (_, last_seq, read_seq, unread) = found.map_or((id, -1, -1, -1), |(_, mark)| *mark);
            let marked = marks.get(&conversation).copied().unwrap_or_default();
            let person = seq(person as i64);
            counts.push(Count { person, conversation, by_ready, last_seq, read_seq, unread, marked });
        }
    }
    Ok(counts)
}

/// Marks one conversation nearly to its end, and then further back: the first must stand.
async fn mark_back(shared: &Shared, client: &mut Client, person: usize) {
    let Some(&conversation) = shared.memberships[person].first() else { return };
    let (id, end) = {
        let of = locked(&shared.conversations[conversation as usize]);
        (of.id, of.baseline + seq(of.book.len() as i64))
    };
    let at = end.saturating_sub(3);
    if client.read_mark(id, at).await.is_ok() {
        shared.marked(person, conversation, at);
        // Answered or not: it must change nothing.
        let _ = client.read_mark(id, at.saturating_sub(20)).await;
    }
}
