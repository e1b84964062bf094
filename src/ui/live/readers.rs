//! How far the others have read the open conversation. Pure. What was fetched and what comes live may overtake each
//! other: of each reader the highest mark counts.

use crate::protocol::{ConversationId, Seq, Sorted, UserId, UserRef};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readers {
    conversation: Option<ConversationId>,
    marks: Sorted<UserId, Seq>,
}

/// Who has read a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadBy {
    /// Every other member has.
    pub all: bool,
    /// As they are shown.
    pub names: Vec<String>,
}

impl Readers {
    /// Another conversation is open.
    pub fn open(&mut self, conversation: Option<ConversationId>) {
        if self.conversation != conversation {
            *self = Self { conversation, marks: Sorted::default() };
        }
    }

    #[must_use]
    pub fn conversation(&self) -> Option<ConversationId> {
        self.conversation
    }

    /// Somebody read up to there. Whether that is news.
    pub fn read(&mut self, conversation: ConversationId, user: UserId, seq: Seq) -> bool {
        if self.conversation != Some(conversation) {
            return false;
        }
        let mark = self.marks.or_insert(user, Seq::ZERO);
        let news = seq > *mark;
        *mark = seq.max(*mark);
        news
    }

    /// Who of these members but `me` has read the message `seq`.
    #[must_use]
    pub fn of(&self, seq: Seq, members: &[UserRef], me: UserId) -> ReadBy {
        let mut read = ReadBy { all: true, names: Vec::new() };
        for member in members.iter().filter(|member| member.id != me) {
            if self.marks.get(&member.id).is_some_and(|mark| *mark >= seq) {
                read.names.push(member.shown().to_owned());
            } else {
                read.all = false;
            }
        }
        read.all &= !read.names.is_empty();
        read
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn read_by_one_and_by_all() {
        let (here, me) = (ConversationId(1), UserId(1));
        let members: Vec<_> = (1..=3).map(|id| UserRef::new(UserId(id), format!("u{id}"))).collect();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut readers = Readers::default();
        readers.open(Some(here));
        assert_eq!(readers.of(Seq(1), &members, me), ReadBy::default(), "nothing is known yet");
        assert!(readers.read(here, UserId(2), Seq(5)));
        assert!(!readers.read(here, UserId(2), Seq(3)), "what comes late changes nothing");
        assert!(!readers.read(ConversationId(2), UserId(3), Seq(9)), "another conversation");
        assert_eq!(readers.of(Seq(5), &members, me), ReadBy { all: false, names: names(&["u2"]) });
        assert_eq!(readers.of(Seq(6), &members, me), ReadBy::default());
        assert!(readers.read(here, UserId(3), Seq(9)));
        assert_eq!(readers.of(Seq(5), &members, me), ReadBy { all: true, names: names(&["u2", "u3"]) });
        assert_eq!(readers.of(Seq(5), &members[..1], me), ReadBy::default(), "nobody else reads what one notes");
        readers.open(Some(here));
        assert!(readers.of(Seq(5), &members, me).all, "it stays while it is open");
        readers.open(None);
        assert_eq!(readers.of(Seq(5), &members, me), ReadBy::default());
    }

    proptest! {
        #[test]
        fn what_was_fetched_and_what_came_live_end_as_a_fresh_fetch(
            steps in proptest::collection::vec((0_u8..6, any::<u8>(), any::<u8>()), 0..80),
        ) {
            let here = ConversationId(1);
            let mut store = Sorted::<UserId, Seq>::default();
            let mut readers = Readers::default();
            readers.open(Some(here));
            // Both may arrive in any order; an update may be lost with its connection.
            let (mut wire, mut answers) = (Vec::new(), Vec::new());
            for (kind, pick, by) in steps {
                let pick = usize::from(pick);
                match kind {
                    0 | 1 => {
                        let mark = store.or_insert(UserId(2 + i64::from(by % 3)), Seq::ZERO);
                        *mark = Seq(mark.0 + 1 + i64::from(by % 4));
                        wire.push((UserId(2 + i64::from(by % 3)), *mark));
                    }
                    2 if !wire.is_empty() => {
                        let (user, seq) = wire.remove(pick % wire.len());
                        readers.read(here, user, seq);
                    }
                    3 => answers.push(store.clone()),
                    4 if !answers.is_empty() => {
                        let read = answers.remove(pick % answers.len());
                        read.iter().for_each(|(user, seq)| _ = readers.read(here, *user, *seq));
                    }
                    5 => {
                        wire.clear();
                        answers.push(store.clone());
                    }
                    _ => {}
                }
                prop_assert!(readers.marks.iter().all(|(user, seq)| store.get(user).is_some_and(|mark| mark >= seq)));
            }
            for read in answers {
                read.iter().for_each(|(user, seq)| _ = readers.read(here, *user, *seq));
            }
            for (user, seq) in wire {
                readers.read(here, user, seq);
            }
            prop_assert_eq!(readers.marks, store);
        }
    }
}
