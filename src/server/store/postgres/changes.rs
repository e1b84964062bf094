//! What is rare, and takes numbers in more than one log: a user, the first message of two people; and what `managing`
//! needs for whoever comes or goes.
//!
//! One after the other on each node, so that inboxes are published in their order. Rows are locked in one order
//! everywhere: users in ascending id, after the conversation. Sign-ups and rooms for everyone exclude each other on all
//! nodes, so that nobody is missed.
//!
//! Long because they share their statements and how they tell inboxes.

use std::collections::HashMap;
use std::slice;

use deadpool_postgres::{GenericClient, Transaction};

use super::house::{Broken, House, settle};
use super::lanes::{self, Answer, CLAIM, ENTER, INSERT};
use super::rows::{Values, all, one, run, seq, user_ref};
use super::{blocking, conversations, mentions};
use crate::protocol::{Conversation, ConversationId, ConversationKind, Event, EventBody, Seq, Stream, UserId, UserRef};
use crate::server::store::agreed::{CONVERSATION_CREATE, CONVERSATION_DELETE, MEMBER_ADD};
use crate::server::store::nonce_hash;
use crate::server::store::{NewMessage, NewUser, PostedMessage, StoreError};

/// "everyone" in ASCII: who takes it knows all users and all rooms for everyone.
pub(super) const EVERYONE_LOCK: i64 = 0x6576_6572_796f_6e65;

pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
const INSERT_USER: &str =
    "INSERT INTO users (name, folded, password_hash, created_ms) VALUES ($1, $2, $3, $4) RETURNING id";
const ROOMS_FOR_EVERYONE: &str = "SELECT id FROM conversations WHERE everyone ORDER BY id";
/// `active_ms` stays: a sign-up does not bring a room to the top of everyone's list.
const JOIN: &str = "UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count + 1
    WHERE id = $1 RETURNING last_seq";
pub(super) const ENTER_MEMBER: &str =
    "INSERT INTO events (conversation_id, seq, kind, user_id) VALUES ($1, $2, $3, $4)";
const PEOPLE: &str = "SELECT id, name, display_name FROM users WHERE id = ANY($1) ORDER BY id";
const OPEN: &str = "INSERT INTO conversations
    (kind, low_user_id, high_user_id, member_count, created_ms, active_ms, last_seq)
    VALUES ('direct', $1, $2, $3, $4, $4, 1)
    ON CONFLICT (low_user_id, high_user_id) WHERE low_user_id IS NOT NULL DO NOTHING RETURNING id";
const ADD_MEMBERS: &str = "INSERT INTO members (conversation_id, user_id, joined_seq, read_seq)
    SELECT $1, user_id, $3, read_seq FROM unnest($2::bigint[], $4::bigint[]) AS n (user_id, read_seq)";
const LOCK_INBOXES: &str = "SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
const INBOX_NUMBERS: &str = "UPDATE users SET inbox_seq = inbox_seq + 1 WHERE id = ANY($1) RETURNING id, inbox_seq";
const ENTER_INBOX: &str = "INSERT INTO inbox_events (user_id, seq, kind, conversation_id, edge_seq)
    SELECT user_id, seq, $3, $4, edge_seq
    FROM unnest($1::bigint[], $2::bigint[], $5::bigint[]) AS n (user_id, seq, edge_seq)";

pub(super) async fn user_create(house: &House, new: &NewUser) -> Result<UserRef, StoreError> {
    settle(|| Box::pin(try_user_create(house, new))).await
}

async fn try_user_create(house: &House, new: &NewUser) -> Result<UserRef, Broken> {
    let _rare = house.order.rare().await;
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    one(&transaction, LOCK, &[&EVERYONE_LOCK]).await?;
    let values: Values<'_> = &[&new.name, &new.folded, &new.password_hash, &new.now_ms];
    let row = one(&transaction, INSERT_USER, values).await?.ok_or_else(missing)?;
    let user = UserRef::new(UserId(row.try_get(0)?), new.name.clone());
    let rooms = all(&transaction, ROOMS_FOR_EVERYONE, &[]).await?;
    let rooms: Vec<_> = rooms.iter().map(|row| row.try_get(0).map(ConversationId)).collect::<Result<_, _>>()?;
    let in_order = house.order.of(&rooms).await;
    let mut published = Vec::new();
    for id in rooms {
        let row = one(&transaction, JOIN, &[&id.0]).await?.ok_or_else(missing)?;
        let joined = seq(&row, 0)?;
        // Nothing from before they joined is unread.
        add_members(&transaction, id, slice::from_ref(&user), joined, &[joined.0]).await?;
        let room = conversations::load(&transaction, &[id.0]).await?.remove(&id).ok_or_else(missing)?;
        published.extend(
            tell(&transaction, &EventBody::ConversationCreate(room), slice::from_ref(&user), &[joined.0]).await?,
        );
        run(&transaction, ENTER_MEMBER, &[&id.0, &joined.0, &MEMBER_ADD, &user.id.0]).await?;
        let body = EventBody::MemberAdd(user.clone());
        published.push(Event { stream: Stream::Conversation(id), seq: joined, body });
    }
    transaction.commit().await?;
    house.publish(published).await;
    drop(in_order);
    Ok(user)
}

/// What became of the first message of two people.
pub(super) enum First {
    Settled(Answer),
    /// They have a conversation by now.
    Open(ConversationId),
}

pub(super) async fn first_message(house: &House, new: &NewMessage, other: UserId) -> Result<First, StoreError> {
    settle(|| Box::pin(try_first_message(house, new, other))).await
}

async fn try_first_message(house: &House, new: &NewMessage, other: UserId) -> Result<First, Broken> {
    let _rare = house.order.rare().await;
    let mut client = house.connections.writer().await?;
    if let Some(id) = conversations::direct_find(&client, new.author, other).await? {
        return Ok(First::Open(id));
    }
    if let Some(answer) = lanes::answer_again(&client, house, new, None).await? {
        return Ok(First::Settled(answer));
    }
    let transaction = client.transaction().await?;
    blocking::lock_pair(&transaction, new.author, other).await?;
    if blocking::is_set(&transaction, new.author, other).await? {
        return Ok(First::Settled(Err(StoreError::NotFound)));
    }
    let people = match people(&transaction, &[new.author, other]).await {
        // A first message replies to nothing.
        Ok(people) if new.reply_to.is_none() => people,
        Ok(_) | Err(Broken::Store(StoreError::NotFound)) => return Ok(First::Settled(Err(StoreError::NotFound))),
        Err(broken) => return Err(broken),
    };
    let (low, high) = (new.author.min(other), new.author.max(other));
    let values: Values<'_> = &[&low.0, &high.0, &count(&people), &new.now_ms];
    // Another node may open it at this moment: then it is there once that has committed.
    let Some(row) = one(&transaction, OPEN, values).await? else {
        let id = conversations::direct_find(&transaction, new.author, other).await?.ok_or_else(missing)?;
        return Ok(First::Open(id));
    };
    let id = ConversationId(row.try_get(0)?);
    let conversation = Conversation::new(id, ConversationKind::Direct, None, people.clone());
    let in_order = house.order.of(&[id]).await;
    let read: Vec<i64> = people.iter().map(|person| i64::from(person.id == new.author)).collect();
    add_members(&transaction, id, &people, Seq::ZERO, &read).await?;
    let mut told = people.clone();
    if blocking::is_set(&transaction, other, new.author).await? {
        run(&transaction, blocking::LEAVE, &[&id.0, &other.0, &0_i64]).await?;
        told.retain(|person| person.id == new.author);
    }
    let edges = vec![1; told.len()];
    let mut published = tell(&transaction, &EventBody::ConversationCreate(conversation), &told, &edges).await?;
    let author = people.iter().find(|person| person.id == new.author).ok_or_else(missing)?.clone();
    let message = lanes::message(new, author, Seq(1));
    let hash = nonce_hash::hash(&house.nonce_key, id, new);
    let (ids, seqs, authors) = (vec![id.0], vec![1_i64], vec![new.author.0]);
    let (content, nonce) = (vec![message.content.as_bytes()], vec![message.nonce.as_bytes()]);
    let (replies, created) = (vec![None::<i64>], vec![new.now_ms]);
    run(&transaction, INSERT, &[&ids, &seqs, &authors, &content, &nonce, &replies, &created]).await?;
    mentions::enter(&transaction, id, Seq(1), new.author, &new.called).await?;
    run(&transaction, ENTER, &[&ids, &seqs, &authors]).await?;
    run(&transaction, CLAIM, &[&authors, &nonce, &vec![hash.as_slice()], &ids, &seqs]).await?;
    transaction.commit().await?;
    let body = EventBody::MessageCreate(message.clone());
    published.push(Event { stream: Stream::Conversation(id), seq: Seq(1), body });
    house.publish(published).await;
    drop(in_order);
    Ok(First::Settled(Ok(PostedMessage { conversation: id, message, created: true })))
}

pub(super) async fn add_members(
    on: &impl GenericClient,
    conversation: ConversationId,
    people: &[UserRef],
    joined: Seq,
    read: &[i64],
) -> Result<(), Broken> {
    let ids: Vec<i64> = people.iter().map(|person| person.id.0).collect();
    run(on, ADD_MEMBERS, &[&conversation.0, &ids, &joined.0, &read]).await?;
    Ok(())
}

/// Enters it in each of their inboxes: that a conversation is theirs, or is no longer. `edges`: for each, the first number
/// of its log that is theirs by it, or the last.
pub(super) async fn tell(
    transaction: &Transaction<'_>,
    body: &EventBody,
    people: &[UserRef],
    edges: &[i64],
) -> Result<Vec<Event>, Broken> {
    let (kind, conversation) = match body {
        EventBody::ConversationCreate(conversation) => (CONVERSATION_CREATE, conversation.id),
        EventBody::ConversationDelete(id) => (CONVERSATION_DELETE, *id),
        _ => return Err(StoreError::Internal("no event of an inbox".into()).into()),
    };
    let ids: Vec<i64> = people.iter().map(|person| person.id.0).collect();
    run(transaction, LOCK_INBOXES, &[&ids]).await?;
    let mut numbers = HashMap::new();
    for row in all(transaction, INBOX_NUMBERS, &[&ids]).await? {
        numbers.insert(row.try_get::<_, i64>(0)?, row.try_get::<_, i64>(1)?);
    }
    let seqs = ids.iter().map(|id| numbers.get(id).copied().ok_or_else(missing)).collect::<Result<Vec<_>, _>>()?;
    run(transaction, ENTER_INBOX, &[&ids, &seqs, &kind, &conversation.0, &edges]).await?;
    let event = |(person, seq): (&UserRef, &i64)| Event {
        stream: Stream::Inbox(person.id),
        seq: Seq(*seq),
        body: body.clone(),
    };
    Ok(people.iter().zip(&seqs).map(event).collect())
}

/// These users, each once, in order of id. `NotFound` if one of them does not exist.
pub(super) async fn people(on: &impl GenericClient, ids: &[UserId]) -> Result<Vec<UserRef>, Broken> {
    let mut ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = all(on, PEOPLE, &[&ids]).await?;
    let people = rows.iter().map(|row| user_ref(row, 0)).collect::<Result<Vec<_>, _>>()?;
    if people.len() == ids.len() { Ok(people) } else { Err(StoreError::NotFound.into()) }
}

pub(super) fn count(people: &[UserRef]) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}

pub(super) fn missing() -> StoreError {
    StoreError::Internal("a row vanished in its transaction".into())
}
