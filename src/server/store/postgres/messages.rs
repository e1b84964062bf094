//! Paging through a conversation's messages.

use deadpool_postgres::GenericClient;

use super::conversations::{self, Access};
use super::rows::{all, message, message_columns, one};
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, Message, MessageList, Seq, UserId};
use crate::server::store::agreed::{self, cut};
use crate::server::store::{Page, StoreError};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages m JOIN users a ON a.id = m.author_id WHERE m.conversation_id = $1 AND ",
            $rest
        )
    };
}

const ONE: &str = select!("m.seq = $2");
const OLDER: &str = select!("m.seq >= $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4");
const PINNED: &str = select!("m.pinned AND m.seq >= $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4");
const EACH: &str = select!("m.seq = ANY($2) ORDER BY m.seq");
const NEWER: &str = select!("m.seq >= $2 ORDER BY m.seq LIMIT $3");

pub(super) async fn one_message(
    on: &impl GenericClient,
    conversation: ConversationId,
    seq: Seq,
) -> Result<Option<Message>, StoreError> {
    one(on, ONE, &[&conversation.0, &seq.0]).await?.map(|row| message(&row, 0)).transpose()
}

pub(super) async fn list(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
    page: Page,
    limit: u32,
) -> Result<Option<MessageList>, StoreError> {
    let Some(Access { last_seq, floor, .. }) = conversations::access(on, viewer, conversation).await? else {
        return Ok(None);
    };
    let limit = limit.min(LIST_MAX);
    let mut is_newer = false;
    let (messages, more) = match page {
        Page::Latest => older(on, conversation, floor, Seq(i64::MAX), limit).await?,
        Page::Before(seq) => older(on, conversation, floor, seq, limit).await?,
        Page::After(seq) => newer(on, conversation, floor, Seq(seq.0.saturating_add(1)), limit).await?,
        Page::Around(seq) => {
            let (mut messages, more) = older(on, conversation, floor, seq, limit / 2).await?;
            let rest = limit - u32::try_from(messages.len()).unwrap_or(limit);
            let (mut from_here, further) = newer(on, conversation, floor, seq, rest).await?;
            messages.append(&mut from_here);
            is_newer = further;
            (messages, more)
        }
    };
    Ok(Some(
        whole(
            on,
            conversation,
            floor,
            MessageList { messages, quoted: Vec::new(), as_of: last_seq, more, newer: is_newer },
        )
        .await?,
    ))
}

/// Those that are pinned, in ascending seq; `more` speaks of older ones.
pub(super) async fn pinned(
    on: &impl GenericClient,
    viewer: UserId,
    conversation: ConversationId,
    before: Option<Seq>,
    limit: u32,
) -> Result<Option<MessageList>, StoreError> {
    let Some(Access { last_seq, floor, .. }) = conversations::access(on, viewer, conversation).await? else {
        return Ok(None);
    };
    let end = before.unwrap_or(Seq(i64::MAX));
    let (messages, more) = backwards(on, PINNED, conversation, floor, end, limit.min(LIST_MAX)).await?;
    Ok(Some(
        whole(
            on,
            conversation,
            floor,
            MessageList { messages, quoted: Vec::new(), as_of: last_seq, more, newer: false },
        )
        .await?,
    ))
}

/// With what its messages answer and is not among them.
async fn whole(
    on: &impl GenericClient,
    conversation: ConversationId,
    floor: Seq,
    mut list: MessageList,
) -> Result<MessageList, StoreError> {
    let quoted: Vec<i64> = agreed::quoted(&list.messages, floor).into_iter().map(|seq| seq.0).collect();
    if !quoted.is_empty() {
        let rows = all(on, EACH, &[&conversation.0, &quoted]).await?;
        list.quoted = rows.iter().map(|row| message(row, 0)).collect::<Result<_, _>>()?;
    }
    Ok(list)
}

/// The last `limit` before `end`, in ascending seq; whether there are older ones, for which one too many is asked.
async fn older(
    on: &impl GenericClient,
    conversation: ConversationId,
    floor: Seq,
    end: Seq,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    backwards(on, OLDER, conversation, floor, end, limit).await
}

async fn backwards(
    on: &impl GenericClient,
    sql: &str,
    conversation: ConversationId,
    floor: Seq,
    end: Seq,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let rows = all(on, sql, &[&conversation.0, &floor.0, &end.0, &i64::from(limit + 1)]).await?;
    let (mut messages, more) = cut(rows.iter().map(|row| message(row, 0)).collect::<Result<_, _>>()?, limit);
    messages.reverse();
    Ok((messages, more))
}

/// The first `limit` from `start` on; whether there are newer ones.
async fn newer(
    on: &impl GenericClient,
    conversation: ConversationId,
    floor: Seq,
    start: Seq,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let rows = all(on, NEWER, &[&conversation.0, &floor.max(start).0, &i64::from(limit + 1)]).await?;
    Ok(cut(rows.iter().map(|row| message(row, 0)).collect::<Result<_, _>>()?, limit))
}
