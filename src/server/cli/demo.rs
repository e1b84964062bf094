//! `chatter demo`: a world to look at, in a place that is empty: people, conversations, and what they said in them.
//!
//! The same seed makes the same world, but for its times, which end now. It goes through the store as all else does, so
//! that it is as a server would have left it.

mod cast;
mod chatterer;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::bail;
use futures_util::future::{join_all, try_join_all};

use self::cast::{CONVERSATIONS, PEOPLE, Place};
use self::chatterer::Chatterer;
use super::output;
use crate::protocol::{ConversationId, ConversationKind, Seq, UserId};
use crate::server::auth::Passwords;
use crate::server::auth::name::fold;
use crate::server::chat::called;
use crate::server::clock::now_ms;
use crate::server::store::{NewConversation, NewMessage, NewUser, Store, StoreError, Target};

/// Everybody's password in the demo.
const PASSWORD: &str = "chatter-demo";
/// Whose eyes the demo is made for.
const VIEWER: &str = PEOPLE[0];
/// Messages that one conversation has under way at a time: the store commits them in groups.
const AT_ONCE: usize = 64;
/// The world's messages are spread over this long.
const SPAN_MS: i64 = 60 * 24 * 60 * 60 * 1000;
/// Messages between two lines about how far it is.
const TOLD_EVERY: u64 = 20_000;

/// `messages`: in all conversations together; what the others leave goes to the largest room.
pub(super) async fn run(store: &Arc<dyn Store>, messages: u64) -> anyhow::Result<ExitCode> {
    if !store.user_names().await?.is_empty() {
        bail!(
            "there are accounts already: the demo wants an empty place. Name a new folder, such as --data chatter-demo"
        );
    }
    let hash = Passwords::new().hash(PASSWORD.to_owned()).await?;
    let now_ms = now_ms();
    let began_ms = now_ms - SPAN_MS;
    let mut people = Vec::with_capacity(PEOPLE.len());
    for name in PEOPLE {
        let (folded, password_hash) = (fold(name), Some(hash.clone()));
        let user = NewUser { name: name.to_owned(), folded, password_hash, now_ms: began_ms };
        people.push(store.user_create(user).await?.id);
    }
    let told = Told { all: messages, done: AtomicU64::new(0) };
    let shares = cast::shares(messages);
    let talks = CONVERSATIONS.iter().zip(shares).enumerate();
    let talks = talks.map(|(index, (place, share))| talk(store, &people, place, index, share, now_ms, &told));
    let conversations = try_join_all(talks).await?.into_iter().filter(|is_there| *is_there).count();
    output::remark(&format!("{} people, {conversations} conversations, {messages} messages.", PEOPLE.len()));
    output::remark(&format!("Sign in as {VIEWER}, or as any of them, with the password {PASSWORD}."));
    Ok(ExitCode::SUCCESS)
}

/// How far all conversations together are.
struct Told {
    all: u64,
    done: AtomicU64,
}

impl Told {
    fn more(&self, count: usize) {
        let before = self.done.fetch_add(count as u64, Ordering::Relaxed);
        let done = before + count as u64;
        if before / TOLD_EVERY != done / TOLD_EVERY {
            output::remark(&format!("Messages: {done} of {}.", self.all));
        }
    }
}

/// Everything that is said in one conversation. Whether there is one: two people have none before they write.
async fn talk(
    store: &Arc<dyn Store>,
    people: &[UserId],
    place: &Place,
    index: usize,
    count: u64,
    now_ms: i64,
    told: &Told,
) -> Result<bool, StoreError> {
    let members = place.members(people);
    let target = open(store, place, &members, now_ms - SPAN_MS).await?;
    let mut chatterer = Chatterer::new(index as u64);
    let mut said: Vec<Seq> = Vec::new();
    let mut id = None;
    let mut left = count;
    while left > 0 {
        let batch = usize::try_from(left).map_or(AT_ONCE, |left| left.min(AT_ONCE));
        let posts: Vec<_> = (0..batch as u64)
            .map(|offset| {
                let number = count - left + offset;
                // What the first has not read is not theirs: one's own messages are read.
                let fresh = place.unread as u64 >= count - number;
                let author = chatterer.author(if fresh { &members[1..] } else { &members });
                let target = match target {
                    // A direct conversation is named by the other of the two, by each of them.
                    Target::User(other) if author == other => Target::User(members[0]),
                    target => target,
                };
                let content = chatterer.line(place.script);
                store.message_post(NewMessage {
                    author,
                    target,
                    called: called(&content),
                    content,
                    nonce: format!("demo-{index}-{number}"),
                    reply_to: chatterer.answers(&said),
                    now_ms: now_ms - SPAN_MS + share_of(SPAN_MS, number + 1, count),
                })
            })
            .collect();
        let mut amended = Vec::new();
        for posted in join_all(posts).await {
            let posted = posted?;
            id = Some(posted.conversation);
            said.push(posted.message.seq);
            for (user, amendment) in chatterer.reactions_to(&posted.message, &members, now_ms) {
                amended.push(store.message_amend(user, posted.conversation, posted.message.seq, amendment));
            }
        }
        for amendment in join_all(amended).await {
            amendment?;
        }
        left -= batch as u64;
        told.more(batch);
    }
    if let Some(id) = id {
        read(store, id, &members, &said, place.unread).await?;
    }
    Ok(id.is_some() || place.kind != ConversationKind::Direct)
}

/// `part` of `whole` of a span.
fn share_of(span: i64, part: u64, whole: u64) -> i64 {
    let share = i128::from(span) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(share).unwrap_or(span)
}

/// Makes the conversation, where that is not done by what is said in it.
async fn open(store: &Arc<dyn Store>, place: &Place, members: &[UserId], now_ms: i64) -> Result<Target, StoreError> {
    if place.kind == ConversationKind::Direct {
        return Ok(Target::User(members[1]));
    }
    let made = store.conversation_create(NewConversation {
        nonce: None,
        kind: place.kind,
        title: place.title.map(str::to_owned),
        topic: place.topic.map(str::to_owned),
        open: place.open,
        everyone: place.people.is_empty(),
        creator: Some(members[0]),
        members: members.to_vec(),
        now_ms,
    });
    Ok(Target::Conversation(made.await?.id))
}

/// Everybody has read all, but for the first member, who has `unread` messages before them.
async fn read(
    store: &Arc<dyn Store>,
    id: ConversationId,
    members: &[UserId],
    said: &[Seq],
    unread: usize,
) -> Result<(), StoreError> {
    let reads = members.iter().enumerate().filter_map(|(index, member)| {
        let left = if index == 0 { unread } else { 0 };
        let seq = *said.get(said.len().checked_sub(1 + left)?)?;
        Some(store.read_mark(*member, id, seq))
    });
    for read in join_all(reads).await {
        read?;
    }
    Ok(())
}
