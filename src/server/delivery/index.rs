//! Which connected users follow which conversation, and from which event on. Pure.

use std::collections::{HashMap, HashSet};

use crate::protocol::{ConversationId, Seq, UserId};

#[derive(Debug, Default)]
pub(super) struct Index {
    users: HashMap<UserId, HashSet<ConversationId>>,
    /// With the first event that the user may be told.
    conversations: HashMap<ConversationId, HashMap<UserId, Seq>>,
    /// Of groups, those who came to them, and the first number that is theirs to see.
    floors: HashMap<ConversationId, HashMap<UserId, Seq>>,
}

impl Index {
    /// Enters a user who follows no conversation yet.
    pub(super) fn enter(&mut self, user: UserId) {
        self.users.entry(user).or_default();
    }

    pub(super) fn contains(&self, user: UserId) -> bool {
        self.users.contains_key(&user)
    }

    pub(super) fn users(&self) -> impl Iterator<Item = UserId> {
        self.users.keys().copied()
    }

    /// From `from` on, an entered user is told of this conversation.
    pub(super) fn join(&mut self, user: UserId, conversation: ConversationId, from: Seq) {
        if let Some(conversations) = self.users.get_mut(&user) {
            conversations.insert(conversation);
            self.conversations.entry(conversation).or_default().entry(user).or_insert(from);
        }
    }

    /// The first event that a follower may be told.
    pub(super) fn first(&self, user: UserId, conversation: ConversationId) -> Option<Seq> {
        self.conversations.get(&conversation)?.get(&user).copied()
    }

    /// A follower of this group may see it from `floor` on.
    pub(super) fn begin(&mut self, user: UserId, conversation: ConversationId, floor: Seq) {
        if self.follows(user, conversation) && floor > Seq::ZERO {
            self.floors.entry(conversation).or_default().insert(user, floor);
        }
    }

    /// Whether there is something in this conversation that not all of its followers may see.
    pub(super) fn has_floors(&self, conversation: ConversationId) -> bool {
        self.floors.contains_key(&conversation)
    }

    /// The first number of the conversation that is the user's to see.
    pub(super) fn floor(&self, user: UserId, conversation: ConversationId) -> Seq {
        self.floors.get(&conversation).and_then(|users| users.get(&user)).copied().unwrap_or_default()
    }

    pub(super) fn follows(&self, user: UserId, conversation: ConversationId) -> bool {
        self.users.get(&user).is_some_and(|conversations| conversations.contains(&conversation))
    }

    pub(super) fn leave(&mut self, user: UserId, conversation: ConversationId) {
        if let Some(conversations) = self.users.get_mut(&user) {
            conversations.remove(&conversation);
        }
        self.forget(user, conversation);
    }

    /// The conversation's event `seq` took the user out, unless they joined again after it.
    pub(super) fn removed(&mut self, user: UserId, conversation: ConversationId, seq: Seq) {
        let from = self.conversations.get(&conversation).and_then(|users| users.get(&user));
        if from.is_some_and(|from| *from <= seq) {
            self.leave(user, conversation);
        }
    }

    /// Takes a user out. Answers what they followed.
    pub(super) fn remove(&mut self, user: UserId) -> HashSet<ConversationId> {
        let conversations = self.users.remove(&user).unwrap_or_default();
        for conversation in &conversations {
            self.forget(user, *conversation);
        }
        conversations
    }

    fn forget(&mut self, user: UserId, conversation: ConversationId) {
        if let Some(users) = self.floors.get_mut(&conversation) {
            users.remove(&user);
            if users.is_empty() {
                self.floors.remove(&conversation);
            }
        }
        if let Some(users) = self.conversations.get_mut(&conversation) {
            users.remove(&user);
            if users.is_empty() {
                self.conversations.remove(&conversation);
            }
        }
    }

    /// Whether anybody here follows it.
    pub(super) fn is_followed(&self, conversation: ConversationId) -> bool {
        self.conversations.contains_key(&conversation)
    }

    /// How many users here follow it.
    pub(super) fn followers(&self, conversation: ConversationId) -> usize {
        self.conversations.get(&conversation).map_or(0, HashMap::len)
    }

    /// Who is told of its event `seq`; of what has no seq, everybody.
    pub(super) fn told(&self, conversation: ConversationId, seq: Option<Seq>) -> impl Iterator<Item = &UserId> {
        let users = self.conversations.get(&conversation).into_iter().flatten();
        users.filter(move |(_, from)| seq.is_none_or(|seq| seq >= **from)).map(|(user, _)| user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(1);
    const BOB: UserId = UserId(2);
    const ROOM: ConversationId = ConversationId(5);

    fn told(index: &Index, seq: Option<i64>) -> Vec<i64> {
        let mut users: Vec<i64> = index.told(ROOM, seq.map(Seq)).map(|user| user.0).collect();
        users.sort_unstable();
        users
    }

    #[test]
    fn users_are_told_from_where_they_joined() {
        let mut index = Index::default();
        index.enter(ADA);
        index.enter(BOB);
        index.join(ADA, ROOM, Seq(1));
        index.join(BOB, ROOM, Seq(7));
        assert_eq!((index.followers(ROOM), index.followers(ConversationId(9))), (2, 0));
        assert_eq!(told(&index, Some(6)), [1]);
        assert_eq!(told(&index, Some(7)), [1, 2]);
        assert_eq!(told(&index, None), [1, 2]);
        index.removed(BOB, ROOM, Seq(6));
        assert_eq!(told(&index, Some(7)), [1, 2], "a removal of before they joined again");
        index.removed(ADA, ROOM, Seq(6));
        assert_eq!(told(&index, Some(7)), [2]);
        assert!(index.is_followed(ROOM) && index.contains(ADA) && !index.follows(ADA, ROOM));
        assert_eq!(index.remove(BOB), HashSet::from([ROOM]));
        assert!(!index.is_followed(ROOM) && !index.contains(BOB));
    }

    #[test]
    fn who_came_sees_from_there_on_until_they_go() {
        let mut index = Index::default();
        index.enter(ADA);
        index.begin(ADA, ROOM, Seq(5));
        assert!(!index.has_floors(ROOM), "nobody follows it");
        index.join(ADA, ROOM, Seq(7));
        index.begin(ADA, ROOM, Seq(0));
        assert!(!index.has_floors(ROOM), "all of it is theirs");
        index.begin(ADA, ROOM, Seq(5));
        assert_eq!((index.floor(ADA, ROOM), index.floor(BOB, ROOM)), (Seq(5), Seq(0)));
        index.removed(ADA, ROOM, Seq(8));
        assert!(!index.has_floors(ROOM));
    }

    #[test]
    fn who_was_not_entered_cannot_join() {
        let mut index = Index::default();
        index.join(ADA, ROOM, Seq(1));
        assert!(!index.is_followed(ROOM));
    }
}
