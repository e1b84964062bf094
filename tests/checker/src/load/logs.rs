//! At the end: the logs by both lists, as several members see them, and who is in the groups.

use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::Instant;

use super::ending::AT_ONCE;
use super::places::Standing;
use super::reader::named;
use super::replica::Replica;
use super::setup::patiently;
use super::shared::{Shared, locked, seq};
use crate::Error;
use crate::client::Client;
use crate::frames::Message;
use crate::history::{View, ViewKind};

/// Reads them. Answers what could not be read.
pub(super) async fn read_all(shared: &Shared) -> Vec<String> {
    let mut reads = Vec::new();
    for index in 0..shared.conversations.len() {
        for member in shared.members(index).take(shared.plan.log_members) {
            reads.push(read_one(shared, index, member, false).boxed());
        }
    }
    for group in &shared.groups {
        for &member in &group.comers {
            if shared.stands(group.conversation, member) == Standing::In {
                reads.push(read_one(shared, group.conversation as usize, member, true).boxed());
            }
        }
        reads.push(read_members(shared, group.conversation as usize, group.manager).boxed());
    }
    let failed: Vec<Option<String>> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    failed.into_iter().flatten().collect()
}

/// One member's two lists, and for who comes and goes the members' list. Answers why one could not be read.
async fn read_one(shared: &Shared, index: usize, member: usize, is_coming: bool) -> Option<String> {
    let (id, baseline) = {
        let conversation = locked(&shared.conversations[index]);
        (conversation.id, conversation.baseline)
    };
    let mut client = shared.client(member);
    let mut failed = None;
    for kind in [ViewKind::Events, ViewKind::Messages] {
        let view = View::new(seq(member as i64), kind);
        match read(shared, &mut client, index, view, is_coming, id, baseline).await {
            Ok(view) => locked(&shared.conversations[index]).views.push(view),
            Err(error) => failed = Some(format!("conversation {id} could not be read by a member: {error}")),
        }
    }
    if is_coming {
        failed = failed.or(read_members(shared, index, member).await);
    }
    failed
}

async fn read(
    shared: &Shared,
    client: &mut Client,
    index: usize,
    mut view: View,
    is_coming: bool,
    id: i64,
    baseline: u32,
) -> Result<View, Error> {
    let mut after = baseline;
    let mut replica = Replica::new(view.person, seq(index as i64), is_coming);
    loop {
        // For each page anew: a long log may take longer than anybody's patience.
        let deadline = Instant::now() + shared.plan.patience;
        let (entries, as_of, more) = if view.kind == ViewKind::Messages {
            let page = patiently!(deadline, client.messages(id, after))?;
            let entry = |message: &Message| (seq(message.seq), shared.listed(message));
            (page.messages.iter().map(entry).collect::<Vec<_>>(), page.as_of, page.more)
        } else {
            let page = patiently!(deadline, client.events(id, after))?;
            let entries = page.events.iter().filter_map(|event| Some((seq(event.s?), shared.shown(event))));
            (entries.collect(), page.as_of, page.more)
        };
        for (at, shown) in &entries {
            let other = locked(&shared.conversations[index]).claim(*at, shown.entry);
            view.saw(*at, 0, other);
            // Nothing moves any more: all of it is of the same time.
            replica.take(shared, *at, shown, u32::MAX);
        }
        view.end = seq(as_of);
        let last = entries.iter().map(|(at, _)| *at).max().unwrap_or(after);
        if !more || last <= after {
            view.states = replica.into_states();
            return Ok(view);
        }
        after = last;
    }
}

/// Who is in a group, as one of them is told. Answers why that could not be read.
async fn read_members(shared: &Shared, index: usize, member: usize) -> Option<String> {
    let id = locked(&shared.conversations[index]).id;
    let mut client = shared.client(member);
    let (mut members, mut after) = (std::collections::BTreeSet::new(), 0);
    loop {
        let deadline = Instant::now() + shared.plan.patience;
        let page = match patiently!(deadline, client.members(id, after)) {
            Ok(page) => page,
            Err(error) => return Some(format!("the members of conversation {id} could not be read: {error}")),
        };
        members.append(&mut named(shared, &page.members));
        after = page.members.last().map_or(after, |member| member.id);
        if !page.more || page.members.is_empty() {
            break;
        }
    }
    let members = members.into_iter().collect();
    locked(&shared.conversations[index]).members.push((seq(member as i64), members));
    None
}
