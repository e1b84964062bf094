//! Before the first post: who is where, and where the logs stand.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;

use super::shared::{Shared, locked, seq};
use crate::client::Client;
use crate::history::Conversation;
use crate::stamp::Stamp;
use crate::{Error, Person, Plan, Site};

/// Requests at once.
const AT_ONCE: usize = 16;

/// Opens the pairs' conversations, looks who is in the rooms, and reads everything up to now as read.
pub(super) async fn prepare(site: Site, people: Vec<Person>, plan: Plan) -> Result<Shared, Error> {
    if people.is_empty() {
        return Err(Error::Protocol("a load needs people".into()));
    }
    let stamp = Stamp::random();
    let deadline = Instant::now() + plan.patience;
    let source = |index: usize| (!plan.sources.is_empty()).then(|| plan.sources[index % plan.sources.len()]);
    let client = |person: usize| Client::new(&site, &people[person], source(person), plan.answer_timeout);

    let mut memberships = vec![Vec::new(); people.len()];
    let mut conversations: Vec<Conversation> = Vec::new();
    let mut enter = |id: i64, baseline: u32, members: Vec<usize>| {
        let index = seq(conversations.len() as i64);
        conversations.push(Conversation { id, baseline, ..Conversation::default() });
        for member in members {
            memberships[member].push(index);
        }
    };
    if plan.pairs {
        let pairs = (0..people.len() / 2).map(|pair| (2 * pair, 2 * pair + 1)).map(|(one, other)| {
            let (mut client, name) = (client(one), people[other].name.as_str());
            async move {
                let nonce = format!("{:08x}-open-{one}", stamp.0);
                let posted = patiently(deadline, &mut client, async |client| client.open_with(name, &nonce).await).await?;
                let id = posted.conversation_id;
                let page = patiently(deadline, &mut client, async |client| client.events(id, u32::MAX - 1).await).await?;
                Ok::<_, Error>((id, seq(page.as_of), vec![one, other]))
            }
        });
        let opened: Vec<_> = stream::iter(pairs).buffered(AT_ONCE).try_collect().await?;
        for (id, baseline, members) in opened {
            enter(id, baseline, members);
        }
    }
    for &room in &plan.rooms {
        let members = (0..people.len()).map(|person| {
            let mut client = client(person);
            async move {
                match patiently(deadline, &mut client, async |client| client.conversation(room).await).await {
                    Ok(conversation) => Ok(Some((person, seq(conversation.last_seq)))),
                    Err(Error::Refused { status: 404, .. }) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        });
        let found: Vec<Option<(usize, u32)>> = stream::iter(members).buffered(AT_ONCE).try_collect().await?;
        let members: Vec<(usize, u32)> = found.into_iter().flatten().collect();
        let baseline = members.iter().map(|(_, last)| *last).max().unwrap_or_default();
        enter(room, baseline, members.into_iter().map(|(person, _)| person).collect());
    }
    let shared = Shared::new(site.clone(), people.clone(), plan.clone(), stamp, conversations, memberships);
    read_all(&shared, deadline).await?;
    Ok(shared)
}

/// Moves everybody's read marks to where the logs stand.
async fn read_all(shared: &Shared, deadline: Instant) -> Result<(), Error> {
    let people = (0..shared.people.len()).map(|person| async move {
        let mut client = shared.client(person);
        for &conversation in &shared.memberships[person] {
            let (id, baseline) = {
                let conversation = locked(&shared.conversations[conversation as usize]);
                (conversation.id, conversation.baseline)
            };
            patiently(deadline, &mut client, async |client| client.read_mark(id, baseline).await).await?;
            locked(&shared.marks[person]).insert(conversation, baseline);
        }
        Ok::<_, Error>(())
    });
    stream::iter(people).buffer_unordered(AT_ONCE).try_collect().await
}

/// Tries until it is answered, or refused for good, or the deadline has passed.
pub(super) async fn patiently<T, F>(deadline: Instant, client: &mut Client, mut ask: F) -> Result<T, Error>
where
    F: AsyncFnMut(&mut Client) -> Result<T, Error>,
{
    loop {
        let error = match ask(client).await {
            Ok(answer) => return Ok(answer),
            Err(error @ Error::Refused { status: 400..=499, .. }) if !is_limited(&error) => return Err(error),
            Err(error) => error,
        };
        let wait = Duration::from_millis(fastrand::u64(20..300));
        if Instant::now() + wait > deadline {
            return Err(error);
        }
        tokio::time::sleep(wait).await;
    }
}

fn is_limited(error: &Error) -> bool {
    matches!(error, Error::Refused { status: 429, .. })
}
