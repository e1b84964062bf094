//! A user's conversations at a glance: the list, READY, unread counts and read marks.
//! Long because all of them read the same columns.

use std::collections::HashMap;

use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::Row;

use super::rows::{Values, all, conversation, conversation_columns, mine, one, seq, user_ref};
use super::{conversations, events, messages};
use crate::protocol::frame::Mark;
use crate::protocol::limits::{LIST_MAX, UNREAD_MAX};
use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationList, ConversationSummary, Mine, Preview, Seq, Stream,
    UserId,
};
use crate::server::store::{ChatPage, InFull, Memberships, Page, ReadySnapshot, StoreError};

/// Characters of a preview.
const PREVIEW: usize = 120;

/// A member's conversations, in the columns that [`head`] reads. Others' messages after the mark are counted in the log's
/// key, up to a bound.
macro_rules! theirs {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            conversation_columns!(),
            ", c.last_seq, c.active_ms, m.read_seq, m.joined_seq, m.level, m.pinned, m.marked,
                (SELECT count(*) FROM (SELECT 1 FROM events e WHERE e.conversation_id = c.id AND e.seq > m.read_seq
                    AND e.kind = 1 AND e.user_id <> m.user_id LIMIT $2) unread),
                (SELECT count(*) FROM (SELECT 1 FROM mentions x WHERE x.conversation_id = c.id
                    AND x.user_id IN (0, m.user_id) AND x.seq > m.read_seq LIMIT $2) called)",
            $more,
            " WHERE m.user_id = $1 AND m.left_seq IS NULL ",
            $rest
        )
    };
}

/// With the latest message that is theirs to see. Cut inside PostgreSQL: a message may have 8,000 bytes, and 120
/// characters have at most 480.
macro_rules! summaries {
    ($rest:literal) => {
        theirs!(
            ", p.id, p.name, p.display_name, p.text, p.created_ms
             FROM members m JOIN conversations c ON c.id = m.conversation_id LEFT JOIN LATERAL
                (SELECT u.id, u.name, u.display_name, substring(x.content from 1 for 480) AS text, x.created_ms
                 FROM messages x JOIN users u ON u.id = x.author_id
                 WHERE x.conversation_id = c.id AND NOT x.deleted AND x.seq >= CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END
                 ORDER BY x.seq DESC LIMIT 1) p ON true",
            $rest
        )
    };
}

const ONE: &str = summaries!("AND m.conversation_id = $3");
const RECENT: &str = summaries!(
    "AND (m.pinned, c.active_ms, c.id) < ($3, $4, $5) ORDER BY m.pinned DESC, c.active_ms DESC, c.id DESC LIMIT $6"
);
const ALL: &str =
    theirs!(" FROM members m JOIN conversations c ON c.id = m.conversation_id", "ORDER BY m.conversation_id");
const PLACE: &str = "SELECT m.pinned, c.active_ms FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = $1 AND m.conversation_id = $2 AND m.left_seq IS NULL";
const MEMBERSHIPS: &str = "SELECT c.id, c.last_seq, CASE c.kind WHEN 'group' THEN m.joined_seq ELSE 0 END
    FROM members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = $1 AND m.left_seq IS NULL ORDER BY m.conversation_id";
const THEIRS: &str = "SELECT conversation_id, level, pinned, marked FROM members
    WHERE user_id = $1 AND conversation_id = ANY($2) AND left_seq IS NULL";
/// Forward, and never past the log; answers where the mark stands, of members alone. What was marked as unread is
/// another change: see `people`.
const MARK: &str = "UPDATE members m SET read_seq = greatest(m.read_seq, least($3, c.last_seq)) FROM conversations c
    WHERE c.id = m.conversation_id AND m.conversation_id = $1 AND m.user_id = $2 AND m.left_seq IS NULL
        AND m.read_seq < least($3, c.last_seq) AND NOT m.marked RETURNING m.read_seq";

/// A conversation as one member finds it, without its members.
struct Head {
    conversation: Conversation,
    last_seq: Seq,
    active_ms: i64,
    read_seq: Seq,
    joined_seq: Seq,
    mine: Mine,
    unread: u32,
    mentions: u32,
}

fn head(row: &Row) -> Result<Head, StoreError> {
    Ok(Head {
        conversation: conversation(row)?,
        last_seq: seq(row, 8)?,
        active_ms: row.try_get(9)?,
        read_seq: seq(row, 10)?,
        joined_seq: seq(row, 11)?,
        mine: mine(row, 12)?,
        unread: u32::try_from(row.try_get::<_, i64>(15)?).unwrap_or(UNREAD_MAX),
        mentions: u32::try_from(row.try_get::<_, i64>(16)?).unwrap_or(UNREAD_MAX),
    })
}

fn summary(row: &Row) -> Result<ConversationSummary, StoreError> {
    let Head { conversation, last_seq, active_ms, read_seq, unread, mentions, mine, .. } = head(row)?;
    let preview = match row.try_get::<_, Option<Vec<u8>>>(20)? {
        None => None,
        Some(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let text =
                text.chars().take(PREVIEW).map(|character| if character == '\n' { ' ' } else { character }).collect();
            Some(Preview { author: user_ref(row, 17)?, text, created_ms: row.try_get(21)? })
        }
    };
    Ok(ConversationSummary { conversation, last_seq, read_seq, unread, mentions, active_ms, preview, mine })
}

async fn summaries(
    on: &impl GenericClient,
    sql: &str,
    values: Values<'_>,
) -> Result<Vec<ConversationSummary>, StoreError> {
    let rows = all(on, sql, values).await?;
    rows.iter().map(summary).collect()
}

async fn with_members(on: &impl GenericClient, summaries: &mut [ConversationSummary]) -> Result<(), StoreError> {
    conversations::with_members(on, summaries.iter_mut().map(|summary| &mut summary.conversation)).await
}

/// At most `limit` conversations that come after the conversation `after`: those that they pinned first, each part the
/// latest first. Nothing comes after one that is not theirs.
pub(super) async fn list(
    on: &impl GenericClient,
    viewer: UserId,
    after: Option<ConversationId>,
    limit: u32,
) -> Result<ConversationList, StoreError> {
    let limit = limit.min(LIST_MAX);
    let (pinned, active_ms, id): (bool, i64, i64) = match after {
        None => (true, i64::MAX, i64::MAX),
        Some(id) => match one(on, PLACE, &[&viewer.0, &id.0]).await? {
            Some(row) => (row.try_get(0)?, row.try_get(1)?, id.0),
            None => return Ok(ConversationList { conversations: Vec::new(), more: false }),
        },
    };
    // One too many, to learn whether there is more.
    let values: Values<'_> = &[&viewer.0, &i64::from(UNREAD_MAX), &pinned, &active_ms, &id, &i64::from(limit + 1)];
    let mut conversations = summaries(on, RECENT, values).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = conversations.len() > limit;
    conversations.truncate(limit);
    with_members(on, &mut conversations).await?;
    Ok(ConversationList { conversations, more })
}

pub(super) async fn one_of(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
) -> Result<Option<ConversationSummary>, StoreError> {
    let mut found = summaries(on, ONE, &[&viewer.0, &i64::from(UNREAD_MAX), &conversation.0]).await?;
    with_members(on, &mut found).await?;
    Ok(found.pop())
}

/// The list, and the conversation that is open; most often it is in the list.
pub(super) async fn chat_page(
    on: &impl GenericClient,
    viewer: UserId,
    after: Option<ConversationId>,
    listed: u32,
    open: Option<(ConversationId, Page)>,
    limit: u32,
) -> Result<ChatPage, StoreError> {
    let conversations = list(on, viewer, after, listed).await?;
    let mut opened = None;
    if let Some((id, page)) = open
        && let Some(page) = messages::list(on, viewer, id, page, limit).await?
    {
        let listed = conversations.conversations.iter().find(|summary| summary.conversation.id == id).cloned();
        let summary = match listed {
            Some(summary) => Some(summary),
            None => one_of(on, viewer, id).await?,
        };
        opened = summary.map(|summary| (summary, page.into()));
    }
    Ok(ChatPage { conversations: conversations.into(), version: None, opened })
}

pub(super) async fn memberships(on: &impl GenericClient, user: UserId) -> Result<Memberships, StoreError> {
    let inbox_seq = inbox_seq(on, user).await?;
    let mut theirs = Vec::new();
    for row in all(on, MEMBERSHIPS, &[&user.0]).await? {
        theirs.push((ConversationId(row.try_get(0)?), seq(&row, 1)?, seq(&row, 2)?));
    }
    Ok(Memberships::new(inbox_seq, theirs))
}

async fn inbox_seq(on: &impl GenericClient, user: UserId) -> Result<Seq, StoreError> {
    Ok(events::last_seqs(on, &[Stream::Inbox(user)]).await?.pop().unwrap_or_default())
}

/// Those of these conversations that the user is in, and how they keep them.
pub(super) async fn theirs(
    on: &impl GenericClient,
    user: UserId,
    ids: &[i64],
) -> Result<HashMap<ConversationId, Mine>, StoreError> {
    let rows = all(on, THEIRS, &[&user.0, &ids]).await?;
    rows.iter().map(|row| Ok((ConversationId(row.try_get(0)?), mine(row, 1)?))).collect()
}

pub(super) async fn ready(on: &impl GenericClient, user: UserId, choose: InFull) -> Result<ReadySnapshot, StoreError> {
    let inbox_seq = inbox_seq(on, user).await?;
    let rows = all(on, ALL, &[&user.0, &i64::from(UNREAD_MAX)]).await?;
    let heads = rows.iter().map(head).collect::<Result<Vec<_>, _>>()?;
    let mark = |head: &Head| Mark(head.conversation.id, head.last_seq, head.read_seq, head.unread);
    let mut snapshot = ReadySnapshot {
        inbox_seq,
        marks: heads.iter().map(mark).collect(),
        joined: heads.iter().map(|head| head.joined_seq).collect(),
        floors: heads
            .iter()
            .filter(|head| head.conversation.kind == ConversationKind::Group && head.joined_seq > Seq::ZERO)
            .map(|head| (head.conversation.id, head.joined_seq))
            .collect(),
        mine: heads
            .iter()
            .map(|head| (head.conversation.id, head.mine))
            .filter(|(_, mine)| !mine.is_default())
            .collect(),
        mentions: heads
            .iter()
            .map(|head| (head.conversation.id, head.mentions))
            .filter(|(_, mentions)| *mentions > 0)
            .collect(),
        conversations: Vec::new(),
    };
    let chosen = choose(&snapshot);
    let chosen = heads.into_iter().map(|head| head.conversation).filter(|one| chosen.contains(&one.id));
    snapshot.conversations = chosen.collect();
    conversations::with_members(on, snapshot.conversations.iter_mut()).await?;
    Ok(snapshot)
}

/// Moves the read mark forward. Writes nothing where it stands already; none where there is more to change than it.
pub(super) async fn read_mark(
    client: Object,
    viewer: UserId,
    conversation: ConversationId,
    mark: Seq,
) -> Result<Option<Seq>, StoreError> {
    let row = one(&client, MARK, &[&conversation.0, &viewer.0, &mark.0]).await?;
    Ok(row.map(|row| seq(&row, 0)).transpose()?)
}
