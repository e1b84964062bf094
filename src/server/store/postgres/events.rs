//! Reading the logs back as things stand now.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::rows::{all, message, message_columns, seq, user_ref};
use super::{conversations, overview};
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, Event, EventBody, MineChange, Seq, Stream, UserId};
use crate::server::store::agreed::{
    CONVERSATION_CREATE, CONVERSATION_UPDATE, MEMBER_ADD, MEMBER_REMOVE, MESSAGE_CREATE, MESSAGE_DELETE,
    MESSAGE_UPDATE, MINE_UPDATE, REACTION_ADD, REACTION_REMOVE,
};
use crate::server::store::{EventPage, StoreError};

const AFTER: &str = concat!(
    "SELECT e.seq, e.kind, u.id, u.name, u.display_name, ",
    message_columns!(),
    " FROM events e JOIN users u ON u.id = e.user_id
    LEFT JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.message_seq
    LEFT JOIN users a ON a.id = m.author_id
    WHERE e.conversation_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3"
);
const INBOX_AFTER: &str = "SELECT seq, kind, conversation_id FROM inbox_events
    WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
/// Where it was not noted, the row of the member says where the last membership begins, or the one that is over ended: so,
/// too, of an entry that is read as the leaving which has come since.
const EDGES: &str = "SELECT user_id, seq, CASE WHEN e.edge_seq > 0 THEN e.edge_seq
        WHEN e.kind = 1 THEN greatest(m.joined_seq, 1) ELSE coalesce(m.left_seq, 0) END
    FROM unnest($1::bigint[], $2::bigint[]) AS n (user_id, seq)
    JOIN inbox_events e USING (user_id, seq) JOIN members m USING (user_id, conversation_id)";
/// Where it was not noted, nothing is theirs for sure.
const ENDS: &str = "SELECT DISTINCT ON (n.user_id, n.seq) n.user_id, n.seq, e.edge_seq
    FROM unnest($1::bigint[], $2::bigint[]) AS n (user_id, seq)
    JOIN inbox_events b ON b.user_id = n.user_id AND b.seq = n.seq AND b.kind = 1
    JOIN inbox_events e ON e.user_id = b.user_id AND e.conversation_id = b.conversation_id AND e.kind = 2 AND e.seq > b.seq
    ORDER BY n.user_id, n.seq, e.seq";
const LAST: &str = "SELECT id, last_seq FROM conversations WHERE id = ANY($1)";
const INBOX_LAST: &str = "SELECT id, inbox_seq FROM users WHERE id = ANY($1)";

/// Where these logs stand, in the order asked; 0 for one that does not exist.
pub(super) async fn last_seqs(on: &impl GenericClient, streams: &[Stream]) -> Result<Vec<Seq>, StoreError> {
    let conversations = streams.iter().filter_map(|stream| match stream {
        Stream::Conversation(id) => Some(id.0),
        Stream::Inbox(_) => None,
    });
    let users = streams.iter().filter_map(|stream| match stream {
        Stream::Inbox(user) => Some(user.0),
        Stream::Conversation(_) => None,
    });
    let (conversations, users): (Vec<i64>, Vec<i64>) = (conversations.collect(), users.collect());
    let mut last = HashMap::new();
    for row in all(on, LAST, &[&conversations]).await? {
        last.insert(Stream::Conversation(ConversationId(row.try_get(0)?)), seq(&row, 1)?);
    }
    for row in all(on, INBOX_LAST, &[&users]).await? {
        last.insert(Stream::Inbox(UserId(row.try_get(0)?)), seq(&row, 1)?);
    }
    Ok(streams.iter().map(|stream| last.get(stream).copied().unwrap_or_default()).collect())
}

/// For each of these entries of inboxes, where the membership begins or ends that it tells of.
pub(super) async fn edges(on: &impl GenericClient, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
    let edges = of_entries(on, EDGES, entries).await?;
    Ok(edges.into_iter().map(|edge| edge.filter(|edge| *edge > Seq::ZERO)).collect())
}

/// For each of these entries of inboxes, where the membership ends that it begins, if it has ended.
pub(super) async fn ends(on: &impl GenericClient, entries: &[(UserId, Seq)]) -> Result<Vec<Option<Seq>>, StoreError> {
    of_entries(on, ENDS, entries).await
}

async fn of_entries(
    on: &impl GenericClient,
    sql: &str,
    entries: &[(UserId, Seq)],
) -> Result<Vec<Option<Seq>>, StoreError> {
    let (users, seqs): (Vec<i64>, Vec<i64>) = entries.iter().map(|(user, seq)| (user.0, seq.0)).unzip();
    let mut found = HashMap::new();
    for row in all(on, sql, &[&users, &seqs]).await? {
        found.insert((UserId(row.try_get(0)?), seq(&row, 1)?), seq(&row, 2)?);
    }
    Ok(entries.iter().map(|entry| found.get(entry).copied()).collect())
}

/// At most `limit` events after `after`.
pub(super) async fn after(
    on: &impl GenericClient,
    stream: Stream,
    after: Seq,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    match stream {
        Stream::Conversation(id) => {
            let rows = all(on, AFTER, &[&id.0, &after.0, &i64::from(limit)]).await?;
            let mut events = Vec::with_capacity(rows.len());
            let mut stands = None;
            for row in &rows {
                let body = match entry(row)? {
                    Some(body) => body,
                    None if stands.is_some() => stands.clone().map(EventBody::ConversationUpdate).ok_or_else(gone)?,
                    None => {
                        stands = conversations::load(on, &[id.0]).await?.remove(&id);
                        stands.clone().map(EventBody::ConversationUpdate).ok_or_else(gone)?
                    }
                };
                events.push(Event { stream, seq: seq(row, 0)?, body });
            }
            Ok(events)
        }
        Stream::Inbox(user) => inbox_after(on, user, after, limit).await,
    }
}

/// A member's page of a conversation's log.
pub(super) async fn list(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
    after_seq: Seq,
    limit: u32,
) -> Result<Option<EventPage>, StoreError> {
    let Some(access) = conversations::access(on, viewer, conversation).await? else { return Ok(None) };
    let start = after_seq.max(Seq(access.floor.0 - 1)).max(Seq::ZERO);
    let events = after(on, Stream::Conversation(conversation), start, limit.min(LIST_MAX)).await?;
    // The log has no holes, so its last number tells whether there is more.
    let more = events.last().map_or(start, |event| event.seq) < access.last_seq;
    let events = events.into_iter().map(|event| event.seen_from(access.floor)).collect();
    Ok(Some(EventPage { events, as_of: access.last_seq, more }))
}

/// What an entry says; none where that is the conversation as it stands now.
fn entry(row: &Row) -> Result<Option<EventBody>, StoreError> {
    Ok(Some(match row.try_get(1)? {
        kind @ (MESSAGE_CREATE | MESSAGE_UPDATE | MESSAGE_DELETE | REACTION_ADD | REACTION_REMOVE) => {
            let message = message(row, 5)?;
            if message.deleted {
                EventBody::MessageDelete(message)
            } else if kind == MESSAGE_CREATE {
                EventBody::MessageCreate(message)
            } else {
                EventBody::MessageUpdate(message)
            }
        }
        MEMBER_ADD => EventBody::MemberAdd(user_ref(row, 2)?),
        MEMBER_REMOVE => EventBody::MemberRemove(user_ref(row, 2)?),
        CONVERSATION_UPDATE => return Ok(None),
        kind => return Err(StoreError::Internal(format!("{kind} is no kind of event"))),
    }))
}

fn gone() -> StoreError {
    StoreError::Internal("a conversation has a log and no row".into())
}

async fn inbox_after(on: &impl GenericClient, user: UserId, after: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
    let rows = all(on, INBOX_AFTER, &[&user.0, &after.0, &i64::from(limit)]).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.push((seq(&row, 0)?, row.try_get::<_, i64>(1)?, ConversationId(row.try_get(2)?)));
    }
    let ids: Vec<i64> = entries.iter().map(|(_, _, id)| id.0).collect();
    let mine = overview::theirs(on, user, &ids).await?;
    let theirs: Vec<i64> = mine.keys().map(|id| id.0).collect();
    let theirs = conversations::load(on, &theirs).await?;
    let body = |kind, id| match (theirs.get(&id), mine.get(&id)) {
        (Some(conversation), _) if kind == CONVERSATION_CREATE => EventBody::ConversationCreate(conversation.clone()),
        (Some(_), Some(mine)) if kind == MINE_UPDATE => EventBody::MineUpdate(MineChange { id, mine: *mine }),
        // What they have left since is not theirs to see: the entry then says how things stand now.
        _ => EventBody::ConversationDelete(id),
    };
    let event = |(seq, kind, id)| Event { stream: Stream::Inbox(user), seq, body: body(kind, id) };
    Ok(entries.into_iter().map(event).collect())
}
