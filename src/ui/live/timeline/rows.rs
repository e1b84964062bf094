//! The rows of a timeline: days, the "New" divider, and messages grouped by author.

use super::{MessageRow, ReactionRow, Row, SendState, Timeline};
use crate::protocol::{Message, Reaction, Seq, UserId, UserRef};

/// Messages of one author within this time of the first of them stand under one name.
const GROUP_MS: i64 = 5 * 60 * 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const MINUTE_MS: i64 = 60 * 1_000;

impl Timeline {
    /// What is shown, oldest first: the log's messages by seq, then own pending ones in the order of
    /// sending. `offset_minutes` says how far east of UTC the viewer was at a moment: not always where they are now,
    /// as most zones change their clocks twice a year. With `new_after`, one [`Row::New`] stands before the first message of others after that seq.
    #[must_use]
    pub fn rows(&self, me: UserId, offset_minutes: impl Fn(i64) -> i32, new_after: Option<Seq>) -> Vec<Row> {
        let local = |ms: i64| ms + i64::from(offset_minutes(ms)) * MINUTE_MS;
        let mut rows =
            Rows { list: Vec::with_capacity(self.messages.len() + self.pending.len() + 2), day: None, lead: None };
        let mut new_after = new_after;
        for message in self.messages.values() {
            rows.day(local(message.created_ms));
            if message.author.id != me && new_after.is_some_and(|after| message.seq > after) {
                new_after = None;
                rows.separate(Row::New);
            }
            rows.message(self.message_row(message, me));
        }
        for pending in &self.pending {
            rows.day(local(pending.created_ms));
            rows.message(MessageRow {
                key: key(&pending.author, &pending.nonce),
                conversation: self.conversation,
                seq: None,
                nonce: pending.nonce.clone(),
                author: pending.author.clone(),
                content: pending.content.clone(),
                created_ms: pending.created_ms,
                own: true,
                state: pending.state.clone(),
                deleted: false,
                edited_ms: None,
                pinned: false,
                reactions: Vec::new(),
                reply: pending.reply_to.map(|seq| self.quote_of(seq)),
                leads: false,
            });
        }
        rows.list
    }
}

fn key(author: &UserRef, nonce: &str) -> String {
    format!("{}-{nonce}", author.id)
}

impl Timeline {
    /// How the message of this number is shown now, but for whether it leads its author's; and in which version.
    #[must_use]
    pub fn row_of(&self, seq: Seq, me: UserId) -> Option<MessageRow> {
        self.messages.get(&seq).map(|message| self.message_row(message, me))
    }

    /// All that decides how the message of this number is shown: its version, and that of what it answers.
    #[must_use]
    pub fn versions_of(&self, seq: Seq) -> Option<(Seq, Option<Seq>)> {
        let message = self.messages.get(&seq)?;
        let answered = message.reply_to.and_then(|seq| self.messages.get(&seq).or_else(|| self.quoted.get(&seq)));
        Some((message.version, answered.map(|answered| answered.version)))
    }

    fn message_row(&self, message: &Message, me: UserId) -> MessageRow {
        MessageRow {
            key: key(&message.author, &message.nonce),
            conversation: self.conversation,
            seq: Some(message.seq),
            nonce: message.nonce.clone(),
            author: message.author.clone(),
            content: message.content.clone(),
            created_ms: message.created_ms,
            own: message.author.id == me,
            state: SendState::Sent,
            deleted: message.deleted,
            edited_ms: message.edited_ms,
            pinned: message.pinned,
            reactions: message.reactions.iter().map(|reaction| reaction_row(reaction, me)).collect(),
            reply: message.reply_to.map(|seq| self.quote_of(seq)),
            leads: false,
        }
    }
}

fn reaction_row(reaction: &Reaction, me: UserId) -> ReactionRow {
    ReactionRow { emoji: reaction.emoji.clone(), users: reaction.users.clone(), mine: reaction.users.contains(&me) }
}

/// Rows in the making.
struct Rows {
    list: Vec<Row>,
    day: Option<i64>,
    /// Author and time of the group's first message; none after a separator.
    lead: Option<(UserId, i64)>,
}

impl Rows {
    /// Days only go forward: a clock that was set back does not begin yesterday again.
    fn day(&mut self, local_ms: i64) {
        let day = local_ms.div_euclid(DAY_MS);
        if self.day.is_none_or(|shown| day > shown) {
            self.day = Some(day);
            self.separate(Row::Day { local_midnight_ms: day * DAY_MS });
        }
    }

    fn separate(&mut self, row: Row) {
        self.lead = None;
        self.list.push(row);
    }

    fn message(&mut self, mut row: MessageRow) {
        row.leads =
            self.lead.is_none_or(|(author, since_ms)| author != row.author.id || row.created_ms - since_ms >= GROUP_MS);
        if row.leads {
            self.lead = Some((row.author.id, row.created_ms));
        }
        self.list.push(Row::Message(Box::new(row)));
    }
}
