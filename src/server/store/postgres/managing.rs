//! Groups and rooms that people make and change, and who is in them.
//!
//! A change of the conversation alone holds its part of the order of publishing; who comes or goes is told in their inbox
//! as well, so that is rare (see `changes`, also for the order in which rows are locked).
//!
//! Long because all of it goes through the same few steps, which would only be passed around.

use std::collections::HashSet;
use std::slice;

use deadpool_postgres::Transaction;

use super::changes::{ENTER_MEMBER, EVERYONE_LOCK, LOCK as LOCK_EVERYONE, add_members, count, missing, people, tell};
use super::house::{Broken, House, settle};
use super::rows::{Values, all, one, run, seq};
use super::{conversations, users};
use crate::protocol::rights::Standing;
use crate::protocol::{Conversation, ConversationId, ConversationKind, Event, EventBody, Seq, Stream, UserId};
use crate::server::store::StoreError;
use crate::server::store::agreed::{CONVERSATION_UPDATE, MEMBER_ADD, MEMBER_REMOVE, kind_name};
use crate::server::store::managing::{self, ConversationChange, NewConversation, Permit, check_count, folded};

const INSERT: &str = "INSERT INTO conversations (kind, title, title_folded, topic, everyone, open, manager_id,
    member_count, created_ms, active_ms, creation) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
    ON CONFLICT (creation) WHERE creation IS NOT NULL DO NOTHING RETURNING id";
const MADE: &str = "SELECT id FROM conversations WHERE creation = $1";
const LOCK: &str = "SELECT id FROM conversations WHERE id = $1 FOR NO KEY UPDATE";
const AMONG: &str = "SELECT user_id FROM members
    WHERE conversation_id = $1 AND user_id = ANY($2) AND left_seq IS NULL";
const CHANGE: &str = "UPDATE conversations SET title = $2, title_folded = $3, topic = $4, open = $5, archived = $6,
    last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq";
/// Numbers for those who come. `active_ms` stays: it is what was said that brings a conversation to the top.
const JOIN: &str = "UPDATE conversations SET last_seq = last_seq + $2, member_count = member_count + $2
    WHERE id = $1 RETURNING last_seq";
/// Who comes back starts anew.
const ENTER: &str = "INSERT INTO members (conversation_id, user_id, joined_seq, read_seq)
    SELECT $1, user_id, seq, seq FROM unnest($2::bigint[], $3::bigint[]) AS n (user_id, seq)
    ON CONFLICT (conversation_id, user_id)
    DO UPDATE SET joined_seq = excluded.joined_seq, read_seq = excluded.read_seq, left_seq = NULL";
const LEAVE: &str = "UPDATE conversations SET last_seq = last_seq + 1, member_count = member_count - 1
    WHERE id = $1 RETURNING last_seq";
const LEFT: &str = "UPDATE members SET left_seq = $3 WHERE conversation_id = $1 AND user_id = $2";
/// Walks the members: a manager leaves seldom.
const LONGEST: &str = "SELECT user_id FROM members WHERE conversation_id = $1 AND left_seq IS NULL
    ORDER BY joined_seq, user_id LIMIT 1";
const HAND_OVER: &str =
    "UPDATE conversations SET manager_id = $2, last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq";

pub(super) async fn create(house: &House, new: &NewConversation) -> Result<Conversation, StoreError> {
    settle(|| Box::pin(try_create(house, new))).await
}

async fn try_create(house: &House, new: &NewConversation) -> Result<Conversation, Broken> {
    let _rare = house.order.rare().await;
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    let people = if new.everyone {
        one(&transaction, LOCK_EVERYONE, &[&EVERYONE_LOCK]).await?;
        users::names(&transaction).await?
    } else {
        people(&transaction, &new.founders()).await?
    };
    new.check_count(people.len())?;
    let (manager, title_folded) = (new.creator.map(|user| user.0), new.title.as_deref().map(folded));
    let values: Values<'_> = &[
        &kind_name(new.kind),
        &new.title,
        &title_folded,
        &new.topic,
        &new.everyone,
        &new.open,
        &manager,
        &count(&people),
        &new.now_ms,
        &new.creation(),
    ];
    let Some(row) = one(&transaction, INSERT, values).await? else {
        return made_before(&transaction, new).await;
    };
    let conversation = Conversation {
        id: ConversationId(row.try_get(0)?),
        kind: new.kind,
        title: new.title.clone(),
        topic: new.topic.clone(),
        manager: new.creator,
        open: new.open,
        archived: false,
        member_count: count(&people),
        members: if new.kind == ConversationKind::Room { Vec::new() } else { people.clone() },
    };
    add_members(&transaction, conversation.id, &people, Seq::ZERO, &vec![0; people.len()]).await?;
    let body = EventBody::ConversationCreate(conversation.clone());
    let published = tell(&transaction, &body, &people, &vec![1; people.len()]).await?;
    transaction.commit().await?;
    house.publish(published).await;
    Ok(conversation)
}

/// What its creator made with this nonce.
async fn made_before(transaction: &Transaction<'_>, new: &NewConversation) -> Result<Conversation, Broken> {
    let row = one(transaction, MADE, &[&new.creation()]).await?.ok_or_else(missing)?;
    let (id, creator) = (ConversationId(row.try_get(0)?), new.creator.map(|user| user.0));
    let is_member = one(transaction, AMONG, &[&id.0, &vec![creator.unwrap_or_default()]]).await?.is_some();
    let made = conversations::load(transaction, &[id.0]).await?.remove(&id);
    Ok(made.filter(|_| is_member).ok_or(StoreError::NotFound)?)
}

pub(super) async fn update(
    house: &House,
    by: UserId,
    id: ConversationId,
    change: &ConversationChange,
    permit: &Permit,
) -> Result<Conversation, StoreError> {
    let in_order = house.order.of(&[id]).await;
    let (conversation, event) = settle(|| Box::pin(try_update(house, by, id, change, permit))).await?;
    house.publish(event.into_iter().collect::<Vec<_>>()).await;
    drop(in_order);
    Ok(conversation)
}

async fn try_update(
    house: &House,
    by: UserId,
    id: ConversationId,
    change: &ConversationChange,
    permit: &Permit,
) -> Result<(Conversation, Option<Event>), Broken> {
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    let now = permitted(&transaction, by, id, permit).await?;
    let then = change.applied_to(&now);
    if then == now {
        return Ok((now, None));
    }
    let title_folded = then.title.as_deref().map(folded);
    let values: Values<'_> = &[&id.0, &then.title, &title_folded, &then.topic, &then.open, &then.archived];
    let row = one(&transaction, CHANGE, values).await?.ok_or_else(missing)?;
    let event = enter(&transaction, id, seq(&row, 0)?, by, EventBody::ConversationUpdate(then.clone())).await?;
    transaction.commit().await?;
    Ok((then, Some(event)))
}

pub(super) async fn add(
    house: &House,
    by: UserId,
    id: ConversationId,
    new: &[UserId],
    permit: &Permit,
) -> Result<Conversation, StoreError> {
    settle(|| Box::pin(try_add(house, by, id, new, permit))).await
}

async fn try_add(
    house: &House,
    by: UserId,
    id: ConversationId,
    new: &[UserId],
    permit: &Permit,
) -> Result<Conversation, Broken> {
    let _rare = house.order.rare().await;
    let _lane = house.order.of(&[id]).await;
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    let now = permitted(&transaction, by, id, permit).await?;
    let mut coming = people(&transaction, new).await?;
    let ids: Vec<i64> = coming.iter().map(|person| person.id.0).collect();
    let there = all(&transaction, AMONG, &[&id.0, &ids]).await?;
    let there = there.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<i64>, _>>()?;
    coming.retain(|person| !there.contains(&person.id.0));
    if coming.is_empty() {
        return Ok(now);
    }
    let ids: Vec<i64> = coming.iter().map(|person| person.id.0).collect();
    let row = one(&transaction, JOIN, &[&id.0, &count(&coming)]).await?.ok_or_else(missing)?;
    let last = seq(&row, 0)?;
    let seqs: Vec<i64> = (last.0 - count(&coming) + 1..=last.0).collect();
    // Nothing from before they joined is unread.
    run(&transaction, ENTER, &[&id.0, &ids, &seqs]).await?;
    // Everybody had left: it is whose who comes first.
    let handed = match coming.first().filter(|_| now.is_abandoned()) {
        Some(heir) => {
            let row = one(&transaction, HAND_OVER, &[&id.0, &heir.id.0]).await?.ok_or_else(missing)?;
            Some((heir.id, seq(&row, 0)?))
        }
        None => None,
    };
    let then = conversations::load(&transaction, &[id.0]).await?.remove(&id).ok_or_else(missing)?;
    check_count(then.kind, usize::try_from(then.member_count).unwrap_or(usize::MAX))?;
    let mut published = tell(&transaction, &EventBody::ConversationCreate(then.clone()), &coming, &seqs).await?;
    for (person, seq) in coming.into_iter().zip(seqs) {
        published.push(enter(&transaction, id, Seq(seq), person.id, EventBody::MemberAdd(person)).await?);
    }
    if let Some((heir, seq)) = handed {
        published.push(enter(&transaction, id, seq, heir, EventBody::ConversationUpdate(then.clone())).await?);
    }
    transaction.commit().await?;
    house.publish(published).await;
    Ok(then)
}

pub(super) async fn remove(
    house: &House,
    by: UserId,
    id: ConversationId,
    user: UserId,
    permit: &Permit,
) -> Result<(), StoreError> {
    settle(|| Box::pin(try_remove(house, by, id, user, permit))).await
}

async fn try_remove(
    house: &House,
    by: UserId,
    id: ConversationId,
    user: UserId,
    permit: &Permit,
) -> Result<(), Broken> {
    let _rare = house.order.rare().await;
    let _lane = house.order.of(&[id]).await;
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    let now = permitted(&transaction, by, id, permit).await?;
    if one(&transaction, AMONG, &[&id.0, &vec![user.0]]).await?.is_none() {
        return Ok(());
    }
    let person = people(&transaction, &[user]).await?.pop().ok_or_else(missing)?;
    let row = one(&transaction, LEAVE, &[&id.0]).await?.ok_or_else(missing)?;
    let left = seq(&row, 0)?;
    run(&transaction, LEFT, &[&id.0, &user.0, &left.0]).await?;
    // In this order: the removed one is told what removed them before their inbox says that nothing follows.
    let mut published = vec![enter(&transaction, id, left, user, EventBody::MemberRemove(person.clone())).await?];
    let gone = EventBody::ConversationDelete(id);
    published.extend(tell(&transaction, &gone, slice::from_ref(&person), &[left.0]).await?);
    if now.manager == Some(user) {
        let next: Option<i64> = one(&transaction, LONGEST, &[&id.0]).await?.map(|row| row.try_get(0)).transpose()?;
        let row = one(&transaction, HAND_OVER, &[&id.0, &next]).await?.ok_or_else(missing)?;
        let then = conversations::load(&transaction, &[id.0]).await?.remove(&id).ok_or_else(missing)?;
        published.push(enter(&transaction, id, seq(&row, 0)?, user, EventBody::ConversationUpdate(then)).await?);
    }
    transaction.commit().await?;
    house.publish(published).await;
    Ok(())
}

/// The conversation, its row locked, where `by` may do it.
async fn permitted(
    transaction: &Transaction<'_>,
    by: UserId,
    id: ConversationId,
    permit: &Permit,
) -> Result<Conversation, Broken> {
    one(transaction, LOCK, &[&id.0]).await?;
    let conversation = conversations::load(transaction, &[id.0]).await?.remove(&id).ok_or(StoreError::NotFound)?;
    let is_member = one(transaction, AMONG, &[&id.0, &vec![by.0]]).await?.is_some();
    managing::check(&Standing::new(&conversation, by, is_member), permit)?;
    Ok(conversation)
}

/// Enters an event under a number that was taken.
async fn enter(
    transaction: &Transaction<'_>,
    id: ConversationId,
    seq: Seq,
    user: UserId,
    body: EventBody,
) -> Result<Event, Broken> {
    let kind = match body {
        EventBody::MemberAdd(_) => MEMBER_ADD,
        EventBody::MemberRemove(_) => MEMBER_REMOVE,
        _ => CONVERSATION_UPDATE,
    };
    run(transaction, ENTER_MEMBER, &[&id.0, &seq.0, &kind, &user.0]).await?;
    Ok(Event { stream: Stream::Conversation(id), seq, body })
}
