//! Joining and leaving, while connected.
//!
//! A join is read back: the conversation's latest page shows where the user joined it, and they are told
//! everything from there on, whichever of the commit's events came first and whether or not anybody here
//! followed the conversation before. Then, and in the same step, they are entered in the index.

use super::Task;
use crate::protocol::{ConversationId, Event, EventBody, Seq, Stream, UserId};
use crate::server::chatters::{Frame, Outgoing};
use crate::server::store::StoreError;

/// A conversation may go on while its page is read; after so many tries the user follows it from now on, and the
/// client asks for the rest by seq.
const TRIES: u32 = 8;

impl Task {
    /// The inbox says that a conversation is now theirs.
    pub(super) async fn join(&mut self, user: UserId, conversation: ConversationId) {
        if self.index.follows(user, conversation) || !self.index.contains(user) {
            return;
        }
        self.hear_topic(Stream::Conversation(conversation)).await;
        if self.joining.insert((user, conversation), 1).is_none() {
            self.fetches.joined(user, conversation);
        }
    }

    /// The inbox says that a conversation is theirs no longer.
    pub(super) async fn leave(&mut self, user: UserId, conversation: ConversationId) {
        self.joining.remove(&(user, conversation));
        self.index.leave(user, conversation);
        self.release(Stream::Conversation(conversation)).await;
    }

    /// The latest page of a conversation that a user joined is here.
    pub(super) async fn joined(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        page: Result<Vec<Event>, StoreError>,
    ) {
        let Some(tries) = self.joining.get(&(user, conversation)).copied() else { return };
        let stream = Stream::Conversation(conversation);
        let page = match page {
            Ok(page) => page,
            Err(error) if tries < TRIES => {
                tracing::warn!(%error, "a joined conversation could not be read yet");
                return self.read_back_again(user, conversation, tries);
            }
            Err(error) => {
                tracing::error!(%error, "a joined conversation could not be read");
                self.joining.remove(&(user, conversation));
                return self.release(stream).await;
            }
        };
        let last = page.last().map_or(Seq::ZERO, |event| event.seq);
        self.logs.place(stream, last);
        let next = self.logs.next(stream).unwrap_or(last.next());
        if last.next() < next && tries < TRIES {
            // Others were told of later events while this page was read.
            return self.read_back_again(user, conversation, tries);
        }
        self.joining.remove(&(user, conversation));
        let from = first_told(user, &page);
        for event in page.iter().filter(|event| (from..next).contains(&event.seq)) {
            let frame = Frame::from(event.encode());
            self.chatters.send(user, &Outgoing { position: Some((stream, event.seq)), frame });
        }
        self.index.join(user, conversation, from);
        // What was heard of while the log had no place, or what the page shows beyond it, is filled for all.
        let step = self.logs.hear(stream, last);
        self.fill(stream, step);
    }

    fn read_back_again(&mut self, user: UserId, conversation: ConversationId, tries: u32) {
        self.joining.insert((user, conversation), tries + 1);
        self.fetches.joined(user, conversation);
    }
}

/// The first event that somebody who joined is told: that of their joining; the first of all in a conversation
/// that began with them; what comes next where neither is on the page.
fn first_told(user: UserId, page: &[Event]) -> Seq {
    let is_joining = |event: &&Event| matches!(&event.body, EventBody::MemberAdd(member) if member.id == user);
    if let Some(joined) = page.iter().rev().find(is_joining) {
        return joined.seq;
    }
    match page {
        [.., last] if page[0].seq != Seq(1) => last.seq.next(),
        _ => Seq(1),
    }
}
