//! Paging through a conversation's messages.

use deadpool_postgres::GenericClient;

use super::conversations::{self, Access};
use super::rows::{all, message, one};
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, Message, MessageList, Seq, UserId};
use crate::server::store::agreed::cut;
use crate::server::store::{Page, StoreError};

/// A message's columns, in the order in which [`message`] reads them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT m.seq, m.version, u.id, u.name, m.content, m.created_ms, m.nonce, m.reply_to
             FROM messages m JOIN users u ON u.id = m.author_id WHERE m.conversation_id = $1 AND ",
            $rest
        )
    };
}

const ONE: &str = select!("m.seq = $2");
const OLDER: &str = select!("m.seq >= $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4");
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
    let (messages, more) = match page {
        Page::Latest => older(on, conversation, floor, Seq(i64::MAX), limit).await?,
        Page::Before(seq) => older(on, conversation, floor, seq, limit).await?,
        Page::After(seq) => newer(on, conversation, floor, Seq(seq.0.saturating_add(1)), limit).await?,
        Page::Around(seq) => {
            let (mut messages, more) = older(on, conversation, floor, seq, limit / 2).await?;
            let rest = limit - u32::try_from(messages.len()).unwrap_or(limit);
            messages.append(&mut newer(on, conversation, floor, seq, rest).await?.0);
            (messages, more)
        }
    };
    Ok(Some(MessageList { messages, as_of: last_seq, more }))
}

/// The last `limit` before `end`, in ascending seq; whether there are older ones, for which one too many is asked.
async fn older(
    on: &impl GenericClient,
    conversation: ConversationId,
    floor: Seq,
    end: Seq,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let rows = all(on, OLDER, &[&conversation.0, &floor.0, &end.0, &i64::from(limit + 1)]).await?;
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
