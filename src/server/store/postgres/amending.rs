//! Changing messages, and what they said before.
//!
//! One at a time in each conversation: under its row's lock, with its part of the order of publishing held from before
//! that until the event is on its way.

use deadpool_postgres::GenericClient;

use super::house::{Broken, House, settle};
use super::messages::one_message;
use super::rows::{Values, all, one, run, text, user_ref};
use super::{blocking, conversations, mentions};
use crate::protocol::limits::EDITS;
use crate::protocol::{ConversationId, Edit, Event, EventBody, Message, Seq, Stream, UserId};
use crate::server::store::agreed::{MESSAGE_DELETE, MESSAGE_UPDATE, REACTION_ADD, REACTION_REMOVE, reactions_text};
use crate::server::store::amend::{self, Amendment};
use crate::server::store::{Commit, StoreError};

const LOCK: &str = "SELECT id FROM conversations WHERE id = $1 FOR NO KEY UPDATE";
/// Who does it, and who is not told of it.
const PERSON: &str = concat!(
    "SELECT u.id, u.name, u.display_name, ",
    blocking::gone!(),
    " FROM users u CROSS JOIN conversations c WHERE u.id = $1 AND c.id = $2"
);
/// `active_ms` stays: no change of what was said brings a conversation to the top.
const NUMBER: &str = "UPDATE conversations SET last_seq = $2 WHERE id = $1";
const KEEP: &str = "INSERT INTO message_edits (conversation_id, seq, version, content, written_ms)
    VALUES ($1, $2, $3, $4, $5)";
const WRITE: &str = "UPDATE messages SET version = $3, content = $4, reply_to = $5, edited_ms = $6, pinned = $7,
    deleted = $8, reactions = $9 WHERE conversation_id = $1 AND seq = $2";
const FORGET: &str = "DELETE FROM message_edits WHERE conversation_id = $1 AND seq = $2";
const UNCREATE: &str = "UPDATE events SET kind = $3 WHERE conversation_id = $1 AND seq = $2";
const ENTER: &str = "INSERT INTO events (conversation_id, seq, kind, message_seq, user_id) VALUES ($1, $2, $3, $4, $5)";
const HISTORY: &str = "SELECT content, written_ms FROM message_edits
    WHERE conversation_id = $1 AND seq = $2 ORDER BY version DESC LIMIT $3";

pub(super) async fn amend(
    house: &House,
    user: UserId,
    conversation: ConversationId,
    seq: Seq,
    amendment: &Amendment,
) -> Result<Message, StoreError> {
    let in_order = house.order.of(&[conversation]).await;
    let (message, commit) = settle(|| Box::pin(attempt(house, user, conversation, seq, amendment))).await?;
    house.publish(commit).await;
    drop(in_order);
    Ok(message)
}

async fn attempt(
    house: &House,
    user: UserId,
    conversation: ConversationId,
    seq: Seq,
    amendment: &Amendment,
) -> Result<(Message, Commit), Broken> {
    let mut client = house.connections.writer().await?;
    let transaction = client.transaction().await?;
    one(&transaction, LOCK, &[&conversation.0]).await?;
    let access = conversations::access(&transaction, user, conversation).await?.ok_or(StoreError::NotFound)?;
    let message = one_message(&transaction, conversation, seq).await?.filter(|message| message.seq >= access.floor);
    let message = message.ok_or(StoreError::NotFound)?;
    if access.archived {
        return Err(StoreError::Archived.into());
    }
    let by = one(&transaction, PERSON, &[&user.0, &conversation.0]).await?.ok_or(StoreError::NotFound)?;
    let next = access.last_seq.next();
    let Some(amended) = amend::decide(amendment, &user_ref(&by, 0)?, &message, next)? else {
        return Ok((message, Commit::default()));
    };
    run(&transaction, NUMBER, &[&conversation.0, &next.0]).await?;
    if amended.keeps_text {
        let written_ms = message.edited_ms.unwrap_or(message.created_ms);
        let content = message.content.as_bytes();
        let values: Values<'_> = &[&conversation.0, &seq.0, &message.version.0, &content, &written_ms];
        run(&transaction, KEEP, values).await?;
    }
    let now = &amended.message;
    let (content, reply_to) = (now.content.as_bytes(), now.reply_to.map(|seq| seq.0));
    let reactions = reactions_text(&now.reactions);
    let values: Values<'_> = &[
        &conversation.0,
        &seq.0,
        &now.version.0,
        &content,
        &reply_to,
        &now.edited_ms,
        &now.pinned,
        &now.deleted,
        &reactions,
    ];
    run(&transaction, WRITE, values).await?;
    if let Amendment::Edit { called, .. } = amendment {
        mentions::forget(&transaction, conversation, seq).await?;
        mentions::enter(&transaction, conversation, seq, user, called).await?;
    }
    let kind = match amended.event {
        EventBody::MessageDelete(_) => MESSAGE_DELETE,
        EventBody::ReactionAdd(_) => REACTION_ADD,
        EventBody::ReactionRemove(_) => REACTION_REMOVE,
        _ => MESSAGE_UPDATE,
    };
    if kind == MESSAGE_DELETE {
        mentions::forget(&transaction, conversation, seq).await?;
        run(&transaction, FORGET, &[&conversation.0, &seq.0]).await?;
        run(&transaction, UNCREATE, &[&conversation.0, &seq.0, &MESSAGE_DELETE]).await?;
    }
    run(&transaction, ENTER, &[&conversation.0, &next.0, &kind, &seq.0, &user.0]).await?;
    transaction.commit().await?;
    let stream = Stream::Conversation(conversation);
    let gone = by.try_get::<_, Option<i64>>(3)?.map(|user| ((stream, next), UserId(user)));
    let events = vec![Event { stream, seq: next, body: amended.event }];
    Ok((amended.message, Commit { events, gone: gone.into_iter().collect() }))
}

/// What a message said before, the oldest of the latest [`EDITS`] first; and what it says now.
pub(super) async fn history(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
    seq: Seq,
) -> Result<Option<Vec<Edit>>, StoreError> {
    let Some(access) = conversations::access(on, viewer, conversation).await? else { return Ok(None) };
    let message = one_message(on, conversation, seq).await?.filter(|message| message.seq >= access.floor);
    let Some(message) = message else { return Ok(None) };
    let mut edits = Vec::new();
    for row in all(on, HISTORY, &[&conversation.0, &seq.0, &i64::from(EDITS)]).await? {
        edits.push(Edit { content: text(row.try_get(0)?)?, written_ms: row.try_get(1)? });
    }
    edits.reverse();
    edits.push(Edit::now(message));
    Ok(Some(edits))
}
