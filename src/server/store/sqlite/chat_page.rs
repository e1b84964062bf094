//! What the chat page shows, in one read.

use rusqlite::Connection;

use super::messages::LatestPages;
use super::{messages, overview};
use crate::protocol::{ConversationId, ConversationSummary, Seq, SharedList, SharedPage, UserId};
use crate::server::store::{Page, StoreError};

/// Lists are kept of users with at most so many conversations: each of them is looked after.
const LISTED_MOST: usize = 1_000;

/// A list, and what is to be known for keeping it.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) list: SharedList,
    /// The first number that is theirs to see, of each conversation of the list.
    pub(super) floors: Vec<Seq>,
    /// All of the viewer's conversations; none where the list begins later, or where they are too many to keep.
    pub(super) all: Option<Vec<ConversationId>>,
}

/// The list, and the conversation that is open; most often it is in the list.
pub(super) fn read(
    connection: &Connection,
    kept: &LatestPages,
    viewer: UserId,
    after: Option<ConversationId>,
    listed: u32,
    open: Option<(ConversationId, Page)>,
    limit: u32,
) -> Result<(Listed, Option<(ConversationSummary, SharedPage)>), StoreError> {
    // Before the first statement, with which the read begins.
    let era = kept.era();
    let (list, floors) = overview::with_floors(connection, viewer, after, listed)?;
    let mut opened = None;
    let page = match open {
        Some((id, Page::Latest)) => {
            messages::latest(connection, (kept, era), viewer, id, limit)?.map(|page| (id, page))
        }
        Some((id, page)) => messages::list(connection, viewer, id, page, limit)?.map(|page| (id, page.into())),
        None => None,
    };
    if let Some((id, page)) = page {
        let listed = list.conversations.iter().find(|summary| summary.conversation.id == id);
        let summary =
            listed.map_or_else(|| overview::one(connection, viewer, id), |listed| Ok(Some(listed.clone())))?;
        opened = summary.map(|summary| (summary, page));
    }
    let all = match after {
        Some(_) => None,
        None if list.more => all_of(connection, viewer)?,
        None => Some(list.conversations.iter().map(|summary| summary.conversation.id).collect()),
    };
    Ok((Listed { list: list.into(), floors, all }, opened))
}

/// The viewer's conversations, up to [`LISTED_MOST`].
fn all_of(connection: &Connection, viewer: UserId) -> Result<Option<Vec<ConversationId>>, StoreError> {
    let mut statement = connection.prepare_cached(overview::MEMBERSHIPS)?;
    let ids = statement.query_map([viewer], |row| row.get(0))?.take(LISTED_MOST + 1).collect::<Result<Vec<_>, _>>()?;
    Ok((ids.len() <= LISTED_MOST).then_some(ids))
}
