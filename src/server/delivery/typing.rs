//! How often it is told that somebody types. Pure: time is passed in.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::protocol::limits::TYPING_EVERY_MS;
use crate::protocol::{ConversationId, UserId};

/// Half a second less than clients wait: one that came late and a next one that did not are nearer to each other here,
/// and who types on would else be told every other time, which is as long as it holds.
const EVERY: Duration = Duration::from_millis(TYPING_EVERY_MS as u64 - 500);
/// Typists who are remembered: beyond that, one who begins is not told. It is 0.3 MB.
const TYPISTS: usize = 10_000;

type Typist = (UserId, ConversationId);

/// Who was told to type a moment ago.
#[derive(Debug, Default)]
pub(super) struct Typing {
    lately: HashSet<Typist>,
    /// The earliest first.
    order: VecDeque<(Instant, Typist)>,
}

impl Typing {
    /// Whether it is to be told now.
    pub(super) fn admit(&mut self, now: Instant, user: UserId, conversation: ConversationId) -> bool {
        while let Some((_, typist)) = self.order.front().copied().filter(|(at, _)| *at + EVERY <= now) {
            self.order.pop_front();
            self.lately.remove(&typist);
        }
        let typist = (user, conversation);
        if self.lately.len() >= TYPISTS || !self.lately.insert(typist) {
            return false;
        }
        self.order.push_back((now, typist));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_three_seconds_for_each_user_and_conversation() {
        let began = Instant::now();
        let mut typing = Typing::default();
        // (ms, user, conversation, told)
        let cases = [
            (0, 1, 1, true),
            (1, 1, 1, false),
            (2, 2, 1, true),
            (3, 1, 2, true),
            (2_499, 1, 1, false),
            // A client that waited for three seconds, after a frame that was late.
            (2_900, 1, 1, true),
            (2_901, 2, 1, true),
            (5_399, 1, 1, false),
            (5_400, 1, 1, true),
        ];
        for (ms, user, conversation, told) in cases {
            let admitted = typing.admit(began + Duration::from_millis(ms), UserId(user), ConversationId(conversation));
            assert_eq!(admitted, told, "{ms} {user} {conversation}");
        }
    }

    #[test]
    fn so_many_are_remembered_and_then_forgotten() {
        let began = Instant::now();
        let mut typing = Typing::default();
        let admitted = |typing: &mut Typing, now| {
            (0..20_000).filter(|user| typing.admit(now, UserId(*user), ConversationId(1))).count()
        };
        assert_eq!(admitted(&mut typing, began), TYPISTS);
        assert_eq!(admitted(&mut typing, began + EVERY / 2), 0);
        assert_eq!(admitted(&mut typing, began + EVERY), TYPISTS);
        assert_eq!((typing.lately.len(), typing.order.len()), (TYPISTS, TYPISTS));
    }
}
