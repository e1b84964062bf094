//! Whom messages call, so that others' calls after a read mark can be counted.

use deadpool_postgres::GenericClient;

use super::house::Broken;
use super::rows::run;
use crate::protocol::{ConversationId, Seq, UserId};
use crate::server::store::{Called, StoreError};

/// Where there is somebody of that name, or where it calls everybody; one does not call oneself.
pub(super) const ENTER: &str = "INSERT INTO mentions (conversation_id, user_id, seq)
    SELECT n.conversation_id, coalesce(u.id, 0), n.seq
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) AS n (conversation_id, seq, author_id, folded)
    LEFT JOIN users u ON u.folded = n.folded WHERE n.folded IS NULL OR u.id <> n.author_id";
const FORGET: &str = "DELETE FROM mentions WHERE conversation_id = $1 AND seq = $2";

/// The columns of [`ENTER`].
#[derive(Default)]
pub(super) struct Calls {
    pub(super) conversations: Vec<i64>,
    pub(super) seqs: Vec<i64>,
    pub(super) authors: Vec<i64>,
    /// None: everybody.
    pub(super) names: Vec<Option<String>>,
}

impl Calls {
    pub(super) fn add(&mut self, conversation: ConversationId, seq: Seq, author: UserId, called: &Called) {
        let names: Vec<_> = match called {
            Called::Everybody => vec![None],
            Called::Names(names) => names.iter().cloned().map(Some).collect(),
        };
        for name in names {
            self.conversations.push(conversation.0);
            self.seqs.push(seq.0);
            self.authors.push(author.0);
            self.names.push(name);
        }
    }
}

pub(super) async fn enter(
    on: &impl GenericClient,
    conversation: ConversationId,
    seq: Seq,
    author: UserId,
    called: &Called,
) -> Result<(), Broken> {
    let mut calls = Calls::default();
    calls.add(conversation, seq, author, called);
    if !calls.seqs.is_empty() {
        run(on, ENTER, &[&calls.conversations, &calls.seqs, &calls.authors, &calls.names]).await?;
    }
    Ok(())
}

pub(super) async fn forget(on: &impl GenericClient, conversation: ConversationId, seq: Seq) -> Result<(), StoreError> {
    run(on, FORGET, &[&conversation.0, &seq.0]).await?;
    Ok(())
}
