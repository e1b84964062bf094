//! What a user's inbox says, told in its order. Of a conversation that they join or leave they are told exactly what is
//! theirs: CONVERSATION_CREATE, its log from where the membership begins up to where it ends, CONVERSATION_DELETE. The
//! store says where that is, whatever the bus brought first: see [`Store::membership_edges`].
//!
//! While that is read, whatever else the inbox says waits; but nobody who leaves meanwhile follows on.
//!
//! [`Store::membership_edges`]: crate::server::store::Store::membership_edges

use std::collections::{HashMap, VecDeque};

use super::Task;
use super::joins::Join;
use super::leaves::Leave;
use crate::protocol::{ConversationId, Event, Seq, Stream, UserId};
use crate::server::bus::MembershipChange;
use crate::server::chatters::{Chatters, Frame, Outgoing};

/// Reads for one who joins or leaves: a conversation may go on meanwhile, but hardly faster than pages of it are read.
/// After so many they go on without, and the client asks for the rest by seq.
pub(super) const READS: u32 = 64;

/// An event of an inbox.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) seq: Seq,
    pub(super) frame: Frame,
    pub(super) change: Option<MembershipChange>,
}

/// An inbox that waits for what is read of a conversation's log.
#[derive(Debug)]
pub(super) struct Hold {
    /// Tells answers to earlier questions from those to this one's.
    number: u64,
    pub(super) conversation: ConversationId,
    pub(super) waits: Waits,
    /// What the inbox has said since.
    since: VecDeque<Entry>,
}

#[derive(Debug)]
pub(super) enum Waits {
    /// For what was said since they joined.
    Joining(Join),
    /// For what is left of it that is theirs, before they are told that it is theirs no longer.
    Leaving(Leave),
}

#[derive(Debug, Default)]
pub(super) struct Holds {
    users: HashMap<UserId, Hold>,
    numbers: u64,
}

impl Holds {
    /// What a user's inbox waits for, if it is still what was asked about.
    pub(super) fn get(&mut self, user: UserId, number: u64) -> Option<&mut Hold> {
        self.users.get_mut(&user).filter(|hold| hold.number == number)
    }

    pub(super) fn concern(&self, conversation: ConversationId) -> bool {
        self.users.values().any(|hold| hold.conversation == conversation)
    }

    pub(super) fn remove(&mut self, user: UserId) -> Option<Hold> {
        self.users.remove(&user)
    }

    fn begin(&mut self, user: UserId, conversation: ConversationId, waits: Waits, since: VecDeque<Entry>) -> u64 {
        self.numbers += 1;
        self.users.insert(user, Hold { number: self.numbers, conversation, waits, since });
        self.numbers
    }
}

/// Tells one user an event of a conversation that was read for them, of which they may see what is from `floor` on.
pub(super) fn hand(chatters: &Chatters, user: UserId, event: &Event, floor: Seq) {
    let frame = Frame::from(event.clone().seen_from(floor).encode());
    chatters.send(user, &Outgoing { position: Some((event.stream, event.seq)), frame });
}

impl Task {
    /// An event of an inbox, whose turn it is.
    pub(super) async fn inbox(&mut self, user: UserId, entry: Entry) {
        if !self.holds.users.contains_key(&user) {
            return self.heed(user, [entry].into()).await;
        }
        self.foresee(user, entry.change).await;
        if let Some(hold) = self.holds.users.get_mut(&user) {
            hold.since.push_back(entry);
        }
    }

    /// Something that the inbox says is known before its turn. A leaving is heeded at once: in another log, what came later
    /// may be told meanwhile.
    pub(super) async fn foresee(&mut self, user: UserId, change: Option<MembershipChange>) {
        if let Some(MembershipChange::Left(id)) = change {
            self.stop(user, id);
            self.release(Stream::Conversation(id)).await;
        }
    }

    /// The inbox waits for what is read of a conversation.
    async fn hold(&mut self, user: UserId, id: ConversationId, waits: Waits, since: VecDeque<Entry>) -> u64 {
        for entry in &since {
            self.foresee(user, entry.change).await;
        }
        self.holds.begin(user, id, waits, since)
    }

    /// Tells what the inbox says, up to what has to wait.
    async fn heed(&mut self, user: UserId, mut entries: VecDeque<Entry>) {
        while let Some(entry) = entries.pop_front() {
            let seq = entry.seq;
            match entry.change {
                Some(MembershipChange::Joined(id)) if self.index.contains(user) && !self.index.follows(user, id) => {
                    self.hear_topic(Stream::Conversation(id)).await;
                    let join = Join::new(&entry);
                    self.say(user, entry);
                    let number = self.hold(user, id, Waits::Joining(join), entries).await;
                    return self.fetches.joined(user, id, seq, number);
                }
                Some(MembershipChange::Left(id)) => {
                    self.stop(user, id);
                    let Some(rest) = self.rests.remove(&(user, id)) else {
                        self.say(user, entry);
                        continue;
                    };
                    let leave = Leave::new(entry, rest);
                    let number = self.hold(user, id, Waits::Leaving(leave), entries).await;
                    return self.fetches.ends(user, seq, number);
                }
                _ => self.say(user, entry),
            }
        }
    }

    fn say(&mut self, user: UserId, entry: Entry) {
        let outgoing = Outgoing { position: Some((Stream::Inbox(user), entry.seq)), frame: entry.frame };
        self.chatters.send(user, &outgoing);
        if entry.change.is_some() {
            self.met(user, false);
        }
    }

    /// What the inbox waited for is done.
    pub(super) async fn go_on(&mut self, user: UserId) {
        let Some(hold) = self.holds.remove(user) else { return };
        if let Waits::Leaving(leave) = hold.waits {
            self.say(user, leave.entry);
        }
        self.release(Stream::Conversation(hold.conversation)).await;
        self.heed(user, hold.since).await;
    }
}
