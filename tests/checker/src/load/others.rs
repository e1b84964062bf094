//! After the counts: how far others have read, as the members of pairs and groups are told it, against what each of them
//! is told of themselves.

use std::collections::HashMap;

use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::Instant;

use super::ending::AT_ONCE;
use super::setup::patiently;
use super::shared::{Shared, locked};
use crate::Error;
use crate::history::{Contradiction, Count};

/// Conversations that are asked about, at most.
const ASKED: usize = 100;

/// Notes what differs; answers what could not be read.
pub(super) async fn marks(shared: &Shared, counts: &[Count]) -> Vec<String> {
    // Where each person stands by their own READY, in each conversation whose marks others are told.
    let mut stands: HashMap<u32, Vec<(u32, i64)>> = HashMap::new();
    for count in counts.iter().filter(|count| count.by_ready && count.read_seq >= 0) {
        if !shared.plan.rooms.contains(&id_of(shared, count.conversation)) {
            stands.entry(count.conversation).or_default().push((count.person, count.read_seq));
        }
    }
    let reads: Vec<_> = stands
        .iter()
        .take(ASKED)
        .flat_map(|(conversation, stands)| stands.iter().map(move |(person, _)| (*conversation, *person, stands)))
        .map(|(conversation, person, stands)| listed(shared, conversation, person, stands).boxed())
        .collect();
    let read: Vec<_> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    live(shared, &stands);
    let failed = |error: Error| format!("how far others have read could not be read: {error}");
    read.into_iter().filter_map(Result::err).map(failed).collect()
}

/// What `reader-list` says.
async fn listed(shared: &Shared, conversation: u32, person: u32, stands: &[(u32, i64)]) -> Result<(), Error> {
    let deadline = Instant::now() + shared.plan.patience;
    let (mut client, id) = (shared.client(person as usize), id_of(shared, conversation));
    let list = patiently!(deadline, client.readers(id))?;
    for &(of, stands) in stands.iter().filter(|(of, _)| *of != person) {
        let Some(user) = user_of(shared, of) else { continue };
        let told = list.readers.iter().find(|(reader, _)| *reader == user).map_or(0, |(_, at)| *at);
        if told != stands {
            let how = "reader-list";
            let other = Contradiction::OtherMark { conversation, person, of, how, told, stands };
            locked(&shared.contradictions).push(other);
        }
    }
    Ok(())
}

/// What came live: marks only rise, so none may have been told that is higher than where one stands at the end.
fn live(shared: &Shared, stands: &HashMap<u32, Vec<(u32, i64)>>) {
    let told_marks = locked(&shared.told_marks);
    for (&conversation, stands) in stands {
        let id = id_of(shared, conversation);
        for &(of, stands) in stands {
            let told = user_of(shared, of).and_then(|user| told_marks.get(&(id, user))).copied().unwrap_or_default();
            if told > stands {
                let how = "READ_UPDATE";
                let other = Contradiction::OtherMark { conversation, person: of, of, how, told, stands };
                locked(&shared.contradictions).push(other);
            }
        }
    }
}

fn id_of(shared: &Shared, conversation: u32) -> i64 {
    locked(&shared.conversations[conversation as usize]).id
}

/// The installation's id of a person, once it was seen.
fn user_of(shared: &Shared, person: u32) -> Option<i64> {
    locked(&shared.ids).get(person as usize).copied().filter(|id| *id > 0)
}
