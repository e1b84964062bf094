//! Before the first post: who is where, and where the logs stand.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio::time::Instant;

use super::places::{Group, Places};
use super::shared::{Shared, locked, seq};
use crate::client::Client;
use crate::frames::Full;
use crate::history::Conversation;
use crate::stamp::Stamp;
use crate::{Error, Person, Plan, Site};

/// Requests at once.
const AT_ONCE: usize = 16;

/// Asks until it is answered, or refused for good, or the deadline has passed. No function: a future that borrows its
/// question would not be one that any thread may drive.
macro_rules! patiently {
    ($deadline:expr, $ask:expr) => {
        loop {
            match $ask.await {
                Ok(answer) => break Ok(answer),
                Err(error) => {
                    if let Err(error) = $crate::load::setup::wait_after(error, $deadline).await {
                        break Err(error);
                    }
                }
            }
        }
    };
}
pub(super) use patiently;

/// Opens the pairs' conversations, looks who is in the rooms, and reads everything up to now as read.
pub(super) async fn prepare(site: Site, people: Vec<Person>, plan: Plan) -> Result<Shared, Error> {
    if people.is_empty() {
        return Err(Error::Protocol("a load needs people".into()));
    }
    let stamp = Stamp::random();
    let deadline = Instant::now() + plan.patience;
    let source = |index: usize| (!plan.sources.is_empty()).then(|| plan.sources[index % plan.sources.len()]);
    let client = |person: usize| Client::new(&site, &people[person], source(person), plan.answer_timeout);

    let nobody = vec![Vec::new(); people.len()];
    let ids = vec![0; people.len()];
    let mut places = Places { memberships: nobody.clone(), comings: nobody, ids, ..Places::default() };
    let mut enter = |id: i64, baseline: u32, members: Vec<usize>| {
        let index = seq(places.conversations.len() as i64);
        places.conversations.push(Conversation { id, baseline, ..Conversation::default() });
        for member in members {
            places.memberships[member].push(index);
        }
    };
    if plan.pairs {
        let pairs = (0..people.len() / 2).map(|pair| (2 * pair, 2 * pair + 1)).map(|(one, other)| {
            let (mut client, name) = (client(one), people[other].name.as_str());
            async move {
                let nonce = format!("{:08x}-open-{one}", stamp.0);
                let posted = patiently!(deadline, client.open_with(name, &nonce))?;
                let id = posted.conversation_id;
                let page = patiently!(deadline, client.events(id, u32::MAX - 1))?;
                Ok::<_, Error>((id, seq(page.as_of), vec![one, other]))
            }
            .boxed()
        });
        let pairs: Vec<_> = pairs.collect();
        let opened: Vec<_> = stream::iter(pairs).buffered(AT_ONCE).try_collect().await?;
        for (id, baseline, members) in opened {
            enter(id, baseline, members);
        }
    }
    for &room in &plan.rooms {
        let members = (0..people.len()).map(|person| {
            let mut client = client(person);
            async move {
                match patiently!(deadline, client.conversation(room)) {
                    Ok(conversation) => Ok(Some((person, seq(conversation.last_seq)))),
                    Err(Error::Refused { status: 404, .. }) => Ok(None),
                    Err(error) => Err(error),
                }
            }
            .boxed()
        });
        let members: Vec<_> = members.collect();
        let found: Vec<Option<(usize, u32)>> = stream::iter(members).buffered(AT_ONCE).try_collect().await?;
        let members: Vec<(usize, u32)> = found.into_iter().flatten().collect();
        let baseline = members.iter().map(|(_, last)| *last).max().unwrap_or_default();
        enter(room, baseline, members.into_iter().map(|(person, _)| person).collect());
    }
    for (number, members) in groups(&plan, people.len()).into_iter().enumerate() {
        let (&manager, comers) = members.split_last().expect("a group has a manager");
        let names: Vec<&str> = comers.iter().map(|person| people[*person].name.as_str()).collect();
        let (mut client, title) = (client(manager), format!("Coming and going {:08x}-{number}", stamp.0));
        // One that was made and not answered stays behind, without anybody who writes to it.
        let made = patiently!(deadline, client.make_group(&title, &names))?;
        places.found(&people, made, manager, comers.to_vec());
    }
    let shared = Shared::new(site.clone(), people.clone(), plan.clone(), stamp, places);
    read_all(&shared, deadline).await?;
    Ok(shared)
}

/// Who is in each group: those who come and go, then the manager. The last people, who have sockets.
fn groups(plan: &Plan, people: usize) -> Vec<Vec<usize>> {
    let size = plan.comers + 1;
    let group = |number: usize| (people - (number + 1) * size..people - number * size).collect();
    (0..plan.groups).take_while(|number| plan.comers > 0 && (number + 1) * size <= people).map(group).collect()
}

impl Places {
    /// Enters a group that was made.
    fn found(&mut self, people: &[Person], made: Full, manager: usize, comers: Vec<usize>) {
        let conversation = seq(self.conversations.len() as i64);
        let who = comers.iter().map(|person| seq(*person as i64)).collect();
        self.conversations.push(Conversation { id: made.id, comers: who, ..Conversation::default() });
        self.memberships[manager].push(conversation);
        for member in made.members {
            if let Some(person) = people.iter().position(|person| person.name == member.name) {
                self.ids[person] = member.id;
            }
        }
        for person in &comers {
            self.comings[*person].push(conversation);
        }
        self.groups.push(Group { conversation, manager, comers });
    }
}

/// Moves everybody's read marks to where the logs stand.
async fn read_all(shared: &Shared, deadline: Instant) -> Result<(), Error> {
    let read = async |person: usize| {
        let mut client = shared.client(person);
        for &conversation in &shared.memberships[person] {
            let (id, baseline) = {
                let conversation = locked(&shared.conversations[conversation as usize]);
                (conversation.id, conversation.baseline)
            };
            patiently!(deadline, client.read_mark(id, baseline))?;
            locked(&shared.marks[person]).insert(conversation, baseline);
        }
        Ok::<_, Error>(())
    };
    let people: Vec<_> = (0..shared.people.len()).map(|person| read(person).boxed()).collect();
    stream::iter(people).buffer_unordered(AT_ONCE).try_collect().await
}

/// Waits before another try; gives the error back when there should be none.
pub(super) async fn wait_after(error: Error, deadline: Instant) -> Result<(), Error> {
    let wait = Duration::from_millis(fastrand::u64(20..300));
    let for_good = matches!(error, Error::Refused { status: 400..=428 | 430..=499, .. });
    if for_good || Instant::now() + wait > deadline {
        return Err(error);
    }
    tokio::time::sleep(wait).await;
    Ok(())
}
