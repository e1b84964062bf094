//! After the last post: live readers come to the logs' ends, then the logs and the counts are read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::Instant;

use super::reader::Progress;
use super::setup::patiently;
use super::shared::{Shared, locked, seq};
use crate::Error;
use crate::client::Client;
use crate::history::{Count, View, ViewKind};
use crate::socket::Socket;

/// Reads at once.
const AT_ONCE: usize = 16;
/// People whose counts are read, at most: each costs a socket.
const COUNTED: usize = 200;

/// Where each conversation's log stands; nothing for those that could not be read.
async fn ends(shared: &Shared) -> Vec<Option<u32>> {
    let deadline = Instant::now() + shared.plan.patience;
    let end = async |index: usize| {
        let (id, member) = (locked(&shared.conversations[index]).id, members(shared, index).next()?);
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
            let ends =
                pairs.map(|(index, cursor)| (ends[*index as usize].unwrap_or(0), cursor.load(Ordering::Relaxed)));
            ends.map(|(end, cursor)| u64::from(end.saturating_sub(cursor))).sum()
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

/// Reads each log by both lists, as several members see it. Answers what could not be read.
pub(super) async fn read_logs(shared: &Shared) -> Vec<String> {
    let mut reads = Vec::new();
    for index in 0..shared.conversations.len() {
        for member in members(shared, index).take(shared.plan.log_members) {
            reads.push(read_log(shared, index, member).boxed());
        }
    }
    let failed: Vec<Option<String>> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    failed.into_iter().flatten().collect()
}

/// One member's two lists. Answers why one could not be read.
async fn read_log(shared: &Shared, index: usize, member: usize) -> Option<String> {
    let (id, baseline) = {
        let conversation = locked(&shared.conversations[index]);
        (conversation.id, conversation.baseline)
    };
    let mut client = shared.client(member);
    let mut failed = None;
    for kind in [ViewKind::Events, ViewKind::Messages] {
        match read(shared, &mut client, index, member, kind, id, baseline).await {
            Ok(view) => locked(&shared.conversations[index]).views.push(view),
            Err(error) => failed = Some(format!("conversation {id} could not be read by a member: {error}")),
        }
    }
    failed
}

async fn read(
    shared: &Shared,
    client: &mut Client,
    index: usize,
    member: usize,
    kind: ViewKind,
    id: i64,
    baseline: u32,
) -> Result<View, Error> {
    let mut view = View::new(seq(member as i64), kind);
    let mut after = baseline;
    loop {
        // For each page anew: a long log may take longer than anybody's patience.
        let deadline = Instant::now() + shared.plan.patience;
        let (entries, as_of, more) = if kind == ViewKind::Messages {
            let page = patiently!(deadline, client.messages(id, after))?;
            let entry = |m: &crate::frames::Message| (seq(m.seq), shared.message(&m.author, &m.nonce, &m.content));
            (page.messages.iter().map(entry).collect::<Vec<_>>(), page.as_of, page.more)
        } else {
            let page = patiently!(deadline, client.events(id, after))?;
            let entries = page.events.iter().filter_map(|event| Some((seq(event.s?), shared.entry(event))));
            (entries.collect(), page.as_of, page.more)
        };
        let mut conversation = locked(&shared.conversations[index]);
        for (at, entry) in &entries {
            let other = conversation.claim(*at, *entry);
            view.saw(*at, 0, other);
        }
        view.end = seq(as_of);
        let last = entries.iter().map(|(at, _)| *at).max().unwrap_or(after);
        if !more || last <= after {
            return Ok(view);
        }
        after = last;
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

    let marks = locked(&shared.marks[person]);
    let mut counts = Vec::new();
    for by_ready in [false, true] {
        for &conversation in &shared.memberships[person] {
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

/// The people who are in a conversation.
fn members(shared: &Shared, index: usize) -> impl Iterator<Item = usize> + '_ {
    let index = seq(index as i64);
    let is_in = move |person: &usize| shared.memberships[*person].contains(&index);
    (0..shared.people.len()).filter(is_in)
}
