//! Joining, while connected.
//!
//! The store says where the membership begins. What the log has told here since is read for them; once level with the
//! log, and in the same step, they are entered in the index and follow it with the others. So it does not matter
//! which of the commit's events comes first, nor whether anybody here followed the conversation before. Of a membership
//! that has ended meanwhile they are read what is theirs, and never follow.

use super::Task;
use super::inbox::{Entry, READS, Waits, hand};
use crate::protocol::{ConversationKind, Seq, Stream, UserId};
use crate::server::delivery::fetch::Part;
use crate::server::store::StoreError;

/// A join that is being read.
#[derive(Debug)]
pub(super) struct Join {
    /// The inbox's entry that says so.
    entry: Seq,
    /// A group: nothing of before they joined is theirs.
    is_group: bool,
    /// Where they joined, once the store has said so.
    first: Option<Seq>,
    /// What the user is told next, then.
    next: Seq,
    reads: u32,
}

/// Where a membership begins, and the log from there on.
pub(in crate::server::delivery) type Joined = (Seq, Part);

impl Join {
    pub(super) fn new(entry: &Entry) -> Self {
        let created = entry.frame.created();
        let is_group = created.is_some_and(|conversation| conversation.kind == ConversationKind::Group);
        Self { entry: entry.seq, is_group, first: None, next: Seq::ZERO, reads: 0 }
    }
}

impl Task {
    /// Where a membership begins is known, and the log from there on is here.
    pub(super) async fn joined(&mut self, user: UserId, number: u64, found: Result<Joined, StoreError>) {
        let Some(hold) = self.holds.get(user, number) else { return };
        let Waits::Joining(join) = &mut hold.waits else { return };
        let part = found.map(|(first, part)| {
            (join.first, join.next) = (Some(first), first);
            part
        });
        self.read_on(user, number, part).await;
    }

    /// The next events are here of a conversation that a user joined or left.
    pub(super) async fn read_on(&mut self, user: UserId, number: u64, part: Result<Part, StoreError>) {
        let Some(hold) = self.holds.get(user, number) else { return };
        let id = hold.conversation;
        let join = match &mut hold.waits {
            Waits::Leaving(_) => return self.left_over(user, number, part.map(|part| part.events)).await,
            Waits::Joining(join) => join,
        };
        join.reads += 1;
        let (stream, is_last) = (Stream::Conversation(id), join.reads >= READS);
        let Part { events, end } = match (part, join.first) {
            (Ok(part), _) => part,
            (Err(error), first) => {
                tracing::warn!(%error, "a joined conversation could not be read");
                return match first {
                    _ if is_last => self.joined_unread(user, number).await,
                    Some(_) => self.fetches.log(user, id, number, join.next, Some(join.entry)),
                    None => self.fetches.joined(user, id, join.entry, number),
                };
            }
        };
        let last = events.last().map_or(Seq(join.next.0 - 1), |event| event.seq);
        // A log that nobody followed begins here; one that somebody follows stays where it is.
        self.logs.place(stream, last);
        let floor = join.first.filter(|_| join.is_group).unwrap_or_default();
        // All that is theirs of a membership that is over; else up to where they follow with the others.
        let theirs = end.unwrap_or_else(|| Seq(self.logs.next(stream).unwrap_or(join.next).0 - 1));
        for event in events.iter().filter(|event| event.seq <= theirs) {
            if event.seq >= join.next {
                join.next = event.seq.next();
                hand(&self.chatters, user, event, floor);
            }
        }
        if join.next <= theirs && !is_last {
            return self.fetches.log(user, id, number, join.next, Some(join.entry));
        }
        if end.is_none() {
            self.index.join(user, id, join.next);
            self.index.begin(user, id, floor);
            // What was heard of while the log had no place, or was just read beyond it, is filled for all.
            let step = self.logs.hear(stream, last);
            self.take(stream, step);
        }
        self.go_on(user).await;
    }

    /// The user follows the log from where it stands here, if anybody knows.
    async fn joined_unread(&mut self, user: UserId, number: u64) {
        let Some(hold) = self.holds.get(user, number) else { return };
        let (id, Waits::Joining(join)) = (hold.conversation, &hold.waits) else { return };
        if let Some(next) =
            self.logs.next(Stream::Conversation(id)).map(|next| join.first.map_or(next, |first| next.max(first)))
        {
            self.index.join(user, id, next);
            // Where they joined may not be known, and is not after this.
            self.index.begin(user, id, if join.is_group { next } else { Seq::ZERO });
        }
        self.go_on(user).await;
    }
}
