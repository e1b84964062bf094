//! Who types, and how often it is told that one types oneself. Pure: time is passed in, in milliseconds.

use crate::protocol::limits::{TYPING_EVERY_MS, TYPING_MS};
use crate::protocol::{ConversationId, UserId, UserRef};

/// Typists who are remembered, the latest: a page shows three of a conversation at most.
const TYPISTS: usize = 256;
/// Conversations in which one types at once: more are not told, so that the gateway never hears too much.
const PLACES: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Typist {
    conversation: ConversationId,
    user: UserRef,
    until_ms: i64,
}

/// The others who type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typing(Vec<Typist>);

impl Typing {
    /// Somebody types, or goes on.
    pub fn starts(&mut self, conversation: ConversationId, user: UserRef, now_ms: i64) {
        let until_ms = now_ms + i64::from(TYPING_MS);
        let same = |typist: &&mut Typist| typist.conversation == conversation && typist.user.id == user.id;
        if let Some(known) = self.0.iter_mut().find(same) {
            known.until_ms = until_ms;
            known.user = user;
            return;
        }
        if self.0.len() >= TYPISTS {
            self.0.remove(0);
        }
        self.0.push(Typist { conversation, user, until_ms });
    }

    /// Their message is here. Answers whether that changes anything.
    pub fn ends(&mut self, conversation: ConversationId, user: UserId) -> bool {
        self.keep(|typist| typist.conversation != conversation || typist.user.id != user)
    }

    /// The same, of those who went on for too long without a word.
    pub fn expire(&mut self, now_ms: i64) -> bool {
        self.keep(|typist| typist.until_ms > now_ms)
    }

    /// Somebody is shown by another name. Whether one types whom that concerns.
    pub fn renamed(&mut self, user: &UserRef) -> bool {
        let mut found = false;
        for typist in self.0.iter_mut().filter(|typist| typist.user.id == user.id) {
            typist.user.clone_from(user);
            found = true;
        }
        found
    }

    fn keep(&mut self, stays: impl Fn(&Typist) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(stays);
        self.0.len() != before
    }

    /// When the next one expires.
    #[must_use]
    pub fn due_ms(&self) -> Option<i64> {
        self.0.iter().map(|typist| typist.until_ms).min()
    }

    /// Who types there, in the order in which they began.
    #[must_use]
    pub fn names(&self, conversation: ConversationId) -> Vec<String> {
        let there = self.0.iter().filter(|typist| typist.conversation == conversation);
        there.map(|typist| typist.user.shown().to_owned()).collect()
    }
}

/// How often it is told that one types oneself.
#[derive(Debug, Default)]
pub struct Pace(Vec<(ConversationId, i64)>);

impl Pace {
    /// Whether it is to be told now.
    pub fn tells(&mut self, conversation: ConversationId, now_ms: i64) -> bool {
        self.0.retain(|(_, at_ms)| at_ms + i64::from(TYPING_EVERY_MS) > now_ms);
        if self.0.len() >= PLACES || self.0.iter().any(|(told, _)| *told == conversation) {
            return false;
        }
        self.0.push((conversation, now_ms));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::limits::{FRAMES_BURST, FRAMES_PER_MINUTE};

    const HERE: ConversationId = ConversationId(1);
    const THERE: ConversationId = ConversationId(2);

    fn user(id: i64) -> UserRef {
        UserRef::new(UserId(id), format!("u{id}"))
    }

    #[test]
    fn typing_ends_with_a_message_or_after_six_seconds() {
        let mut typing = Typing::default();
        typing.starts(HERE, user(1), 0);
        typing.starts(HERE, user(2), 1_000);
        typing.starts(THERE, user(1), 2_000);
        typing.starts(HERE, user(1), 3_000);
        assert_eq!((typing.names(HERE), typing.names(THERE)), (vec!["u1".into(), "u2".into()], vec!["u1".into()]));
        assert_eq!(typing.due_ms(), Some(7_000));
        assert!(!typing.expire(6_999) && typing.expire(7_000));
        assert_eq!(typing.names(HERE), ["u1"]);
        assert!(typing.ends(HERE, UserId(1)) && !typing.ends(HERE, UserId(1)));
        assert_eq!((typing.names(HERE).len(), typing.names(THERE).len()), (0, 1));
        assert!(typing.expire(8_000));
        assert_eq!((typing.due_ms(), typing.clone()), (None, Typing::default()));
    }

    #[test]
    fn who_types_is_called_as_they_want_to_be_shown() {
        let shown = |display: &str| UserRef { display: Some(display.to_owned()), ..user(1) };
        let mut typing = Typing::default();
        typing.starts(HERE, user(1), 0);
        typing.starts(HERE, shown("Ada"), 1_000);
        assert_eq!((typing.names(HERE), typing.due_ms()), (vec!["Ada".to_owned()], Some(7_000)));
        assert!(typing.renamed(&shown("Ada L.")) && !typing.renamed(&user(2)));
        assert_eq!(typing.names(HERE), ["Ada L."]);
    }

    #[test]
    fn no_more_are_remembered_than_that() {
        let mut typing = Typing::default();
        (0..1_000).for_each(|id| typing.starts(HERE, user(id), id));
        let names = typing.names(HERE);
        assert_eq!((names.len(), names.last().unwrap().as_str()), (TYPISTS, "u999"));
    }

    #[test]
    fn one_tells_of_oneself_once_in_three_seconds() {
        let mut pace = Pace::default();
        // (ms, where, told)
        let cases = [(0, HERE, true), (1, HERE, false), (2, THERE, true), (2_999, HERE, false), (3_000, HERE, true)];
        for (ms, place, told) in cases {
            assert_eq!(pace.tells(place, ms), told, "{ms}");
        }
    }

    #[test]
    fn however_one_types_the_gateway_takes_it() {
        let mut pace = Pace::default();
        let told = (0..60_000).filter(|ms| pace.tells(ConversationId(ms % 100), *ms)).count();
        assert!(told <= (FRAMES_PER_MINUTE * 2 / 3) as usize, "{told}, and heartbeats and others beside them");
        assert!(PLACES < FRAMES_BURST as usize / 2);
    }
}
