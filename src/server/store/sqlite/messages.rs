//! Messages: storing one, and paging through a conversation's.

use rusqlite::Error::FromSqlConversionFailure;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::conversations;
use super::users::user_at;
use crate::protocol::limits::LIST_MAX;
use crate::protocol::{ConversationId, Message, MessageList, Seq, SharedPage, UserId};
use crate::server::kept::{Era, Kept};
use crate::server::store::agreed::{self, cut, reactions_of};
use crate::server::store::{NewMessage, Page, StoreError};

pub(super) const INSERT: &str = "INSERT INTO messages
    (conversation_id, seq, version, author_id, content, nonce, reply_to, created_ms)
    VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7)";
pub(super) const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM messages WHERE conversation_id = ?1 AND seq = ?2)";

/// A message's columns, in the order in which [`message_at`] reads them: of `m`, and of its author `a`.
macro_rules! message_columns {
    () => {
        "m.seq, m.version, a.id, a.name, a.display_name, m.content, m.created_ms, m.nonce, m.reply_to, m.edited_ms,
            m.pinned, m.deleted, m.reactions"
    };
}
pub(super) use message_columns;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages m JOIN users a ON a.id = m.author_id WHERE m.conversation_id = ?1 AND ",
            $rest
        )
    };
}

pub(super) const ONE: &str = select!("m.seq = ?2");
pub(super) const OLDER: &str = select!("m.seq >= ?2 AND m.seq < ?3 ORDER BY m.seq DESC LIMIT ?4");
/// Named, as the planner would walk through all that was said.
pub(super) const PINNED: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages m INDEXED BY messages_pinned JOIN users a ON a.id = m.author_id
    WHERE m.conversation_id = ?1 AND m.pinned = 1 AND m.seq >= ?2 AND m.seq < ?3 ORDER BY m.seq DESC LIMIT ?4"
);
pub(super) const NEWER: &str = select!("m.seq >= ?2 ORDER BY m.seq LIMIT ?3");

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    message_at(row, 0)
}

/// From [`message_columns`].
pub(super) fn message_at(row: &Row<'_>, at: usize) -> rusqlite::Result<Message> {
    let reactions = reactions_of(row.get::<_, Option<String>>(at + 12)?.as_deref());
    Ok(Message {
        seq: row.get(at)?,
        version: row.get(at + 1)?,
        author: user_at(row, at + 2)?,
        content: row.get(at + 5)?,
        created_ms: row.get(at + 6)?,
        nonce: row.get(at + 7)?,
        reply_to: row.get(at + 8)?,
        edited_ms: row.get(at + 9)?,
        pinned: row.get(at + 10)?,
        deleted: row.get(at + 11)?,
        reactions: reactions.map_err(|wrong| FromSqlConversionFailure(at + 12, Type::Text, wrong.into()))?,
    })
}

pub(super) fn insert(
    connection: &Connection,
    new: &NewMessage,
    conversation: ConversationId,
    seq: Seq,
) -> Result<(), StoreError> {
    let values = params![conversation, seq, new.author, new.content, new.nonce, new.reply_to, new.now_ms];
    connection.prepare_cached(INSERT)?.execute(values)?;
    Ok(())
}

pub(super) fn exists(connection: &Connection, conversation: ConversationId, seq: Seq) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached(EXISTS)?.query_row(params![conversation, seq], |row| row.get(0))?)
}

pub(super) fn one(
    connection: &Connection,
    conversation: ConversationId,
    seq: Seq,
) -> Result<Option<Message>, StoreError> {
    Ok(connection.prepare_cached(ONE)?.query_row(params![conversation, seq], message).optional()?)
}

/// Latest pages that were read before, by conversation, first seq that is theirs to see, and limit. What a log says up to
/// a number never changes, so a page that is as of the log's last number is the latest still; but when somebody is shown
/// by another name, all of them are forgotten.
pub(super) type LatestPages = Kept<(ConversationId, Seq, u32), SharedPage>;

/// Bytes of latest pages, of the younger half.
pub(super) const LATEST_BYTES: usize = 8 * 1024 * 1024;

/// The latest page, from where it is kept if the log has not moved since. `era`: of before the read began.
pub(super) fn latest(
    connection: &Connection,
    (kept, era): (&LatestPages, Era),
    viewer: UserId,
    conversation: ConversationId,
    limit: u32,
) -> Result<Option<SharedPage>, StoreError> {
    let Some(access) = conversations::access(connection, viewer, conversation)? else { return Ok(None) };
    let key = (conversation, access.floor, limit);
    if let Some(page) = kept.find(&key).filter(|page| page.as_of == access.last_seq) {
        return Ok(Some(page));
    }
    let reading = Reading { connection, conversation, floor: access.floor };
    let (messages, more) = reading.older(Seq(i64::MAX), limit.min(LIST_MAX))?;
    let page = SharedPage::from(reading.list(messages, access.last_seq, more)?);
    kept.keep_of(era, key, page.clone(), page.weight());
    Ok(Some(page))
}

pub(super) fn list(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
    page: Page,
    limit: u32,
) -> Result<Option<MessageList>, StoreError> {
    let Some(access) = conversations::access(connection, viewer, conversation)? else { return Ok(None) };
    let reading = Reading { connection, conversation, floor: access.floor };
    let limit = limit.min(LIST_MAX);
    let mut is_newer = false;
    let (messages, more) = match page {
        Page::Latest => reading.older(Seq(i64::MAX), limit)?,
        Page::Before(seq) => reading.older(seq, limit)?,
        Page::After(seq) => reading.newer(Seq(seq.0.saturating_add(1)), limit)?,
        Page::Around(seq) => {
            let (mut messages, more) = reading.older(seq, limit / 2)?;
            let rest = limit - u32::try_from(messages.len()).unwrap_or(limit);
            let (mut from_here, further) = reading.newer(seq, rest)?;
            messages.append(&mut from_here);
            is_newer = further;
            (messages, more)
        }
    };
    let list = reading.list(messages, access.last_seq, more)?;
    Ok(Some(MessageList { newer: is_newer, ..list }))
}

/// Those that are pinned, the latest first in time and last in the list; `more` speaks of older ones.
pub(super) fn pinned(
    connection: &Connection,
    viewer: UserId,
    conversation: ConversationId,
    before: Option<Seq>,
    limit: u32,
) -> Result<Option<MessageList>, StoreError> {
    let Some(access) = conversations::access(connection, viewer, conversation)? else { return Ok(None) };
    let reading = Reading { connection, conversation, floor: access.floor };
    let (messages, more) = reading.backwards(PINNED, before.unwrap_or(Seq(i64::MAX)), limit.min(LIST_MAX))?;
    reading.list(messages, access.last_seq, more).map(Some)
}

/// One viewer's read of one conversation. Each page asks for one message too many, to learn whether there is more.
struct Reading<'c> {
    connection: &'c Connection,
    conversation: ConversationId,
    floor: Seq,
}

impl Reading<'_> {
    /// With what they answer and is not among them.
    fn list(&self, messages: Vec<Message>, as_of: Seq, more: bool) -> Result<MessageList, StoreError> {
        let mut quoted = Vec::new();
        for seq in agreed::quoted(&messages, self.floor) {
            quoted.extend(one(self.connection, self.conversation, seq)?);
        }
        Ok(MessageList { messages, quoted, as_of, more, newer: false })
    }

    /// The last `limit` before `end`, in ascending seq; whether there are older ones.
    fn older(&self, end: Seq, limit: u32) -> Result<(Vec<Message>, bool), StoreError> {
        self.backwards(OLDER, end, limit)
    }

    fn backwards(&self, sql: &str, end: Seq, limit: u32) -> Result<(Vec<Message>, bool), StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![self.conversation, self.floor, end, limit + 1], message)?;
        let (mut messages, more) = cut(rows.collect::<Result<_, _>>()?, limit);
        messages.reverse();
        Ok((messages, more))
    }

    /// The first `limit` from `start` on; whether there are newer ones.
    fn newer(&self, start: Seq, limit: u32) -> Result<(Vec<Message>, bool), StoreError> {
        let mut statement = self.connection.prepare_cached(NEWER)?;
        let rows = statement.query_map(params![self.conversation, self.floor.max(start), limit + 1], message)?;
        Ok(cut(rows.collect::<Result<_, _>>()?, limit))
    }
}
