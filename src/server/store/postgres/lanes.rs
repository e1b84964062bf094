//! Posting: the hot path. Posts are dealt to lanes by conversation; a lane takes all that waits and commits it as one
//! group, in two round trips, however many messages it has.
//!
//! The first trip locks the conversations in ascending order, and then reads what decides: what the nonces stand for, who
//! is a member, what is replied to. Read after the locks, none of it changes until the commit. The second writes each
//! table once, and commits. Numbers are taken here, between the two: the row locks make them gap-free, in the order of
//! commits, on all nodes.
//!
//! Long because it is one transaction, with the statements of both trips: each of them reads or writes what another
//! relies on.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use deadpool_postgres::Object;
use tokio::sync::{mpsc, oneshot};

use super::blocking;
use super::house::{Broken, House, settle};
use super::mentions::{self, Calls};
use super::messages::one_message;
use super::rows::{Values, seq, user_ref};
use crate::protocol::{ConversationId, Event, EventBody, Message, Seq, Stream, UserId, UserRef};
use crate::server::store::nonce_hash::{self, Hash};
use crate::server::store::{Commit, NewMessage, PostedMessage, StoreError};

/// Groups that commit beside each other: one waits for the disk while another is read.
pub(super) const LANES: usize = 8;
/// Posts in one commit, at most.
const GROUP: usize = 512;
/// Posts that may wait in a lane; callers wait beyond that, so that memory stays bounded.
pub(super) const WAITING: usize = 1_024;

const LOCK: &str = "SELECT id, last_seq, archived FROM conversations WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
pub(super) const CLAIMED: &str = "SELECT n.author_id, n.nonce, n.conversation_id, n.seq, n.hash
    FROM unnest($1::bigint[], $2::bytea[]) AS asked (author_id, nonce)
    JOIN nonces n ON n.author_id = asked.author_id AND n.nonce = asked.nonce";
const MEMBERS: &str = concat!(
    "SELECT m.conversation_id, m.user_id, u.name, u.display_name, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END, ",
    blocking::gone!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS asked (conversation_id, user_id)
    JOIN members m ON m.conversation_id = asked.conversation_id AND m.user_id = asked.user_id AND m.left_seq IS NULL
    JOIN conversations c ON c.id = m.conversation_id JOIN users u ON u.id = m.user_id"
);
const REPLIED_TO: &str = "SELECT m.conversation_id, m.seq
    FROM unnest($1::bigint[], $2::bigint[]) AS asked (conversation_id, seq)
    JOIN messages m ON m.conversation_id = asked.conversation_id AND m.seq = asked.seq";

/// A clock that was set back does not sink a busy conversation in the list.
const NUMBER: &str = "UPDATE conversations c SET last_seq = n.last_seq, active_ms = greatest(c.active_ms, n.active_ms)
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (id, last_seq, active_ms) WHERE c.id = n.id";
pub(super) const INSERT: &str = "INSERT INTO messages
    (conversation_id, seq, version, author_id, content, nonce, reply_to, created_ms)
    SELECT conversation_id, seq, seq, author_id, content, nonce, reply_to, created_ms FROM unnest($1::bigint[],
        $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bigint[])
        AS n (conversation_id, seq, author_id, content, nonce, reply_to, created_ms)";
pub(super) const ENTER: &str = "INSERT INTO events (conversation_id, seq, kind, message_seq, user_id)
    SELECT conversation_id, seq, 1, seq, user_id
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (conversation_id, seq, user_id)";
pub(super) const CLAIM: &str = "INSERT INTO nonces (author_id, nonce, hash, conversation_id, seq)
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[])";
/// Writing is reading: each author's mark moves to their last message.
const READ: &str = "UPDATE members m SET read_seq = greatest(m.read_seq, n.seq)
    FROM (SELECT conversation_id, user_id, max(seq) AS seq
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS each (conversation_id, user_id, seq) GROUP BY 1, 2) n
    WHERE m.conversation_id = n.conversation_id AND m.user_id = n.user_id";

pub(super) type Answer = Result<PostedMessage, StoreError>;

/// A post whose conversation is known, and the caller who waits for it.
pub(super) struct Asked {
    pub(super) post: Post,
    pub(super) reply: oneshot::Sender<Answer>,
}

#[derive(Clone)]
pub(super) struct Post {
    pub(super) new: NewMessage,
    pub(super) conversation: ConversationId,
}

/// A lane's task, until nobody can hand in any more.
pub(super) async fn serve(lane: usize, mut intake: mpsc::Receiver<Asked>, house: Arc<House>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while intake.recv_many(&mut waiting, GROUP).await > 0 {
        let (posts, replies): (Vec<_>, Vec<_>) = waiting.drain(..).map(|asked| (asked.post, asked.reply)).unzip();
        let in_order = house.order.lane(lane).await;
        let answers = match commit(&house, &posts).await {
            // One of them may be what PostgreSQL refuses: nobody else's.
            Err(StoreError::Internal(_)) if posts.len() > 1 => {
                let mut answers = Vec::with_capacity(posts.len());
                for post in posts.chunks(1) {
                    answers.push(commit(&house, post).await.and_then(|mut answers| answers.remove(0)));
                }
                answers
            }
            Err(error) => vec![Err(error); posts.len()],
            Ok(answers) => answers,
        };
        drop(in_order);
        for (reply, answer) in replies.into_iter().zip(answers) {
            // A caller who left does not undo what was committed.
            let _ = reply.send(answer);
        }
    }
}

/// Commits a group and publishes it. `Err`: what became of it is not known.
async fn commit(house: &House, posts: &[Post]) -> Result<Vec<Answer>, StoreError> {
    let (answers, commit) = settle(|| Box::pin(attempt(house, posts))).await?;
    house.publish(commit).await;
    Ok(answers)
}

async fn attempt(house: &House, posts: &[Post]) -> Result<(Vec<Answer>, Commit), Broken> {
    let client = house.connections.writer().await?;
    let outcome = transaction(&client, house, posts).await;
    if outcome.is_err() && client.batch_execute("ROLLBACK").await.is_err() {
        // Nobody else is to find it in the middle of a transaction.
        drop(Object::take(client));
    }
    outcome
}

/// What decides about a group, as it stands under the locks; posts add to it as they are numbered.
#[derive(Default)]
struct Known {
    last: HashMap<i64, i64>,
    claimed: HashMap<(i64, Vec<u8>), Claimed>,
    members: HashMap<(i64, i64), Writer>,
    messages: HashSet<(i64, i64)>,
}

/// A member who posts.
struct Writer {
    user: UserRef,
    /// The first seq that is theirs to see.
    floor: i64,
    /// Who has left, where it is a direct conversation.
    gone: Option<UserId>,
}

#[derive(Clone)]
struct Claimed {
    conversation: ConversationId,
    hash: Vec<u8>,
    original: Original,
}

#[derive(Clone)]
enum Original {
    Stored(Seq),
    /// Of this group.
    New(Box<Message>),
}

async fn transaction(client: &Object, house: &House, posts: &[Post]) -> Result<(Vec<Answer>, Commit), Broken> {
    let mut known = look(client, posts).await?;
    let mut answers = Vec::with_capacity(posts.len());
    let mut new = Vec::new();
    let mut gone = HashMap::new();
    let mut calls = Calls::default();
    for Post { new: asked, conversation } in posts {
        let hash = nonce_hash::hash(&house.nonce_key, *conversation, asked);
        let key = (asked.author.0, asked.nonce.clone().into_bytes());
        if let Some(claimed) = known.claimed.get(&key) {
            answers.push(original(client, claimed, &hash).await?);
            continue;
        }
        let Some(message) = known.number(asked, *conversation) else {
            answers.push(Err(StoreError::NotFound));
            continue;
        };
        if let Some(user) = known.gone(asked, *conversation) {
            gone.insert((Stream::Conversation(*conversation), message.seq), user);
        }
        calls.add(*conversation, message.seq, asked.author, &asked.called);
        let original = Original::New(Box::new(message.clone()));
        known.claimed.insert(key, Claimed { conversation: *conversation, hash: hash.to_vec(), original });
        answers.push(Ok(PostedMessage { conversation: *conversation, message: message.clone(), created: true }));
        new.push((*conversation, message, hash));
    }
    write(client, &known.last, &new, &calls).await?;
    let event = |(id, message, _): (ConversationId, Message, Hash)| Event {
        stream: Stream::Conversation(id),
        seq: message.seq,
        body: EventBody::MessageCreate(message),
    };
    Ok((answers, Commit { events: new.into_iter().map(event).collect(), gone }))
}

/// The first round trip.
async fn look(client: &Object, posts: &[Post]) -> Result<Known, Broken> {
    let mut ids: Vec<i64> = posts.iter().map(|post| post.conversation.0).collect();
    let conversations = ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let authors: Vec<i64> = posts.iter().map(|post| post.new.author.0).collect();
    let nonces: Vec<&[u8]> = posts.iter().map(|post| post.new.nonce.as_bytes()).collect();
    let replies = posts.iter().filter_map(|post| Some((post.conversation.0, post.new.reply_to?.0)));
    let (reply_conversations, reply_seqs): (Vec<i64>, Vec<i64>) = replies.unzip();
    let lock = client.prepare_cached(LOCK).await?;
    let claimed = client.prepare_cached(CLAIMED).await?;
    let members = client.prepare_cached(MEMBERS).await?;
    let replied_to = client.prepare_cached(REPLIED_TO).await?;
    let lock_values: Values<'_> = &[&ids];
    let claimed_values: Values<'_> = &[&authors, &nonces];
    let members_values: Values<'_> = &[&conversations, &authors];
    let replied_values: Values<'_> = &[&reply_conversations, &reply_seqs];
    // Sent at once, done one after the other.
    let (_, locked, claimed, members, messages) = tokio::try_join!(
        client.batch_execute("BEGIN"),
        client.query(&lock, lock_values),
        client.query(&claimed, claimed_values),
        client.query(&members, members_values),
        client.query(&replied_to, replied_values),
    )?;
    let mut known = Known::default();
    for row in locked {
        // What is archived takes nothing.
        if !row.try_get::<_, bool>(2)? {
            known.last.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    for row in claimed {
        let conversation = ConversationId(row.try_get(2)?);
        let original = Original::Stored(seq(&row, 3)?);
        let claimed = Claimed { conversation, hash: row.try_get(4)?, original };
        known.claimed.insert((row.try_get(0)?, row.try_get(1)?), claimed);
    }
    for row in members {
        let gone = row.try_get::<_, Option<i64>>(5)?.map(UserId);
        let writer = Writer { user: user_ref(&row, 1)?, floor: row.try_get(4)?, gone };
        known.members.insert((row.try_get(0)?, row.try_get(1)?), writer);
    }
    for row in messages {
        known.messages.insert((row.try_get(0)?, row.try_get(1)?));
    }
    Ok(known)
}

impl Known {
    /// The message under its number; none if its author may not write there, or it replies to what they do not see.
    fn number(&mut self, new: &NewMessage, conversation: ConversationId) -> Option<Message> {
        let Writer { user, floor, .. } = self.members.get(&(conversation.0, new.author.0))?;
        let sees = |seq: Seq| seq.0 >= *floor && self.messages.contains(&(conversation.0, seq.0));
        if !new.reply_to.is_none_or(sees) {
            return None;
        }
        let last = self.last.get_mut(&conversation.0)?;
        *last += 1;
        self.messages.insert((conversation.0, *last));
        Some(message(new, user.clone(), Seq(*last)))
    }

    /// Who is not told of it, as they have left.
    fn gone(&self, new: &NewMessage, conversation: ConversationId) -> Option<UserId> {
        self.members.get(&(conversation.0, new.author.0))?.gone
    }
}

/// A new message under its number.
pub(super) fn message(new: &NewMessage, author: UserRef, seq: Seq) -> Message {
    let message = Message::new(seq, author, new.content.clone(), new.nonce.clone(), new.now_ms);
    Message { reply_to: new.reply_to, ..message }
}

/// Answers a nonce that was used before. Membership is not asked for: the author may have left since, and learns
/// nothing but what they posted themselves.
async fn original(client: &Object, claimed: &Claimed, hash: &Hash) -> Result<Answer, Broken> {
    if claimed.hash != hash {
        return Ok(Err(StoreError::NonceReused));
    }
    let conversation = claimed.conversation;
    let message = match &claimed.original {
        Original::New(message) => (**message).clone(),
        Original::Stored(seq) => one_message(client, conversation, *seq)
            .await?
            .ok_or_else(|| StoreError::Internal("a nonce stands for no message".into()))?,
    };
    Ok(Ok(PostedMessage { conversation, message, created: false }))
}

/// The second round trip.
async fn write(
    client: &Object,
    last: &HashMap<i64, i64>,
    new: &[(ConversationId, Message, Hash)],
    calls: &Calls,
) -> Result<(), Broken> {
    if new.is_empty() {
        return Ok(client.batch_execute("COMMIT").await?);
    }
    let mut active: HashMap<i64, i64> = HashMap::new();
    for (id, message, _) in new {
        let newest = active.entry(id.0).or_insert(message.created_ms);
        *newest = message.created_ms.max(*newest);
    }
    let (changed, newest): (Vec<i64>, Vec<i64>) = active.into_iter().unzip();
    let ends: Vec<i64> = changed.iter().map(|id| last.get(id).copied().unwrap_or_default()).collect();
    let column = |of: fn(&(ConversationId, Message, Hash)) -> i64| new.iter().map(of).collect::<Vec<i64>>();
    let conversations = column(|(id, ..)| id.0);
    let seqs = column(|(_, message, _)| message.seq.0);
    let authors = column(|(_, message, _)| message.author.id.0);
    let created = column(|(_, message, _)| message.created_ms);
    let contents: Vec<&[u8]> = new.iter().map(|(_, message, _)| message.content.as_bytes()).collect();
    let nonces: Vec<&[u8]> = new.iter().map(|(_, message, _)| message.nonce.as_bytes()).collect();
    let replies: Vec<Option<i64>> = new.iter().map(|(_, message, _)| message.reply_to.map(|seq| seq.0)).collect();
    let hashes: Vec<&[u8]> = new.iter().map(|(.., hash)| hash.as_slice()).collect();
    let number = client.prepare_cached(NUMBER).await?;
    let insert = client.prepare_cached(INSERT).await?;
    let enter = client.prepare_cached(ENTER).await?;
    let claim = client.prepare_cached(CLAIM).await?;
    let read = client.prepare_cached(READ).await?;
    let number_values: Values<'_> = &[&changed, &ends, &newest];
    let insert_values: Values<'_> = &[&conversations, &seqs, &authors, &contents, &nonces, &replies, &created];
    let enter_values: Values<'_> = &[&conversations, &seqs, &authors];
    let claim_values: Values<'_> = &[&authors, &nonces, &hashes, &conversations, &seqs];
    let read_values: Values<'_> = &[&conversations, &authors, &seqs];
    let call = client.prepare_cached(mentions::ENTER).await?;
    let call_values: Values<'_> = &[&calls.conversations, &calls.seqs, &calls.authors, &calls.names];
    // Most messages call nobody.
    let call = async { if calls.seqs.is_empty() { Ok(0) } else { client.execute(&call, call_values).await } };
    tokio::try_join!(
        client.execute(&number, number_values),
        client.execute(&insert, insert_values),
        client.execute(&enter, enter_values),
        client.execute(&claim, claim_values),
        client.execute(&read, read_values),
        call,
        // Of a transaction in which one of these failed it makes nothing.
        client.batch_execute("COMMIT"),
    )?;
    Ok(())
}

/// What a nonce stands for, where it was used: for a post that opens its conversation.
pub(super) async fn answer_again(
    client: &Object,
    house: &House,
    new: &NewMessage,
    conversation: Option<ConversationId>,
) -> Result<Option<Answer>, Broken> {
    let claimed = client.prepare_cached(CLAIMED).await?;
    let (authors, nonces): (Vec<i64>, Vec<&[u8]>) = (vec![new.author.0], vec![new.nonce.as_bytes()]);
    let Some(row) = client.query_opt(&claimed, &[&authors, &nonces]).await? else { return Ok(None) };
    let Some(conversation) = conversation else { return Ok(Some(Err(StoreError::NonceReused))) };
    let original_of = Original::Stored(seq(&row, 3)?);
    let claimed =
        Claimed { conversation: ConversationId(row.try_get(2)?), hash: row.try_get(4)?, original: original_of };
    let hash = nonce_hash::hash(&house.nonce_key, conversation, new);
    Ok(Some(original(client, &claimed, &hash).await?))
}
