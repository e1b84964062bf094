//! Telling the server what was read. Pure: it decides, the driver acts.
//!
//! Reading scrolls through many numbers; the server hears the last one, about once a second and one at a
//! time. A mark only goes forward.

use super::backoff::backoff_ms;
use crate::protocol::{ConversationId, Seq, Sorted};

/// Two calls are at least so far apart.
const GAP_MS: i64 = 1_000;

/// What the driver has to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Tell(ConversationId, Seq),
    /// Nothing before then; ask again at that time.
    Wait {
        until_ms: i64,
    },
}

/// The marks that are to be told.
#[derive(Debug, Default)]
pub struct Marks {
    wanted: Sorted<ConversationId, Seq>,
    told: Sorted<ConversationId, Seq>,
    in_flight: Option<(ConversationId, Seq)>,
    not_before_ms: i64,
    failures: u32,
}

impl Marks {
    /// The reader saw everything up to `seq`. Whether that is news.
    pub fn saw(&mut self, conversation: ConversationId, seq: Seq) -> bool {
        let known = [&self.wanted, &self.told].into_iter().filter_map(|m| m.get(&conversation)).max();
        let news = known.is_none_or(|known| seq > *known);
        if news {
            self.wanted.insert(conversation, seq);
        }
        news
    }

    /// The log, which ends at `last`, may be another one: what was told of that says nothing of this one, nor does
    /// what was seen beyond its end.
    pub fn forget(&mut self, conversation: ConversationId, last: Seq) {
        if self.wanted.get(&conversation).is_some_and(|seq| *seq > last) {
            self.wanted.remove(&conversation);
        }
        self.told.remove(&conversation);
    }

    /// The page may be about to go: what is wanted does not wait for its turn, unless the server does not answer.
    pub fn hurry(&mut self) {
        if self.failures == 0 {
            self.not_before_ms = 0;
        }
    }

    /// What to do now. What it hands out counts as on its way until [`Marks::answered`].
    pub fn next(&mut self, now_ms: i64) -> Option<Action> {
        if self.in_flight.is_some() || self.wanted.is_empty() {
            return None;
        }
        if now_ms < self.not_before_ms {
            return Some(Action::Wait { until_ms: self.not_before_ms });
        }
        let (conversation, seq) = self.wanted.pop_first()?;
        self.told.insert(conversation, seq);
        self.in_flight = Some((conversation, seq));
        self.not_before_ms = now_ms + GAP_MS;
        Some(Action::Tell(conversation, seq))
    }

    /// `again`: whether it was not done but may be later.
    pub fn answered(&mut self, again: bool, now_ms: i64, random: f64) {
        let Some((conversation, seq)) = self.in_flight.take() else { return };
        if again {
            self.wanted.or_insert(conversation, seq);
            self.not_before_ms = now_ms + GAP_MS + backoff_ms(self.failures, random);
            self.failures = self.failures.saturating_add(1);
        } else {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ConversationId = ConversationId(1);

    #[test]
    fn one_at_a_time_forward_and_a_second_apart() {
        let mut marks = Marks::default();
        assert_eq!(marks.next(0), None);
        assert!(marks.saw(HERE, Seq(5)));
        assert_eq!(marks.next(0), Some(Action::Tell(HERE, Seq(5))));
        assert!(!marks.saw(HERE, Seq(5)), "told");
        assert!(marks.saw(HERE, Seq(6)) && marks.saw(HERE, Seq(9)));
        assert!(!marks.saw(HERE, Seq(8)), "back");
        assert_eq!(marks.next(2_000), None, "one is on its way");
        marks.answered(false, 100, 1.0);
        assert_eq!(marks.next(999), Some(Action::Wait { until_ms: 1_000 }));
        assert_eq!(marks.next(1_000), Some(Action::Tell(HERE, Seq(9))));
        marks.answered(false, 1_000, 1.0);
        assert_eq!(marks.next(9_000), None);
    }

    #[test]
    fn a_log_that_begins_anew_is_told_anew() {
        let mut marks = Marks::default();
        marks.saw(HERE, Seq(9));
        marks.next(0);
        marks.answered(false, 0, 1.0);
        assert!(!marks.saw(HERE, Seq(3)));
        marks.forget(HERE, Seq(3));
        assert!(marks.saw(HERE, Seq(3)));
        marks.forget(HERE, Seq(3));
        assert_eq!(marks.next(1_000), Some(Action::Tell(HERE, Seq(3))), "not told yet, and not beyond the end");
        marks.answered(false, 1_000, 1.0);
        marks.saw(HERE, Seq(4));
        marks.forget(HERE, Seq(3));
        assert_eq!(marks.next(9_000), None);
    }

    #[test]
    fn a_page_that_goes_tells_at_once() {
        let mut marks = Marks::default();
        marks.saw(HERE, Seq(5));
        marks.next(0);
        marks.answered(false, 0, 1.0);
        marks.saw(HERE, Seq(6));
        assert_eq!(marks.next(1), Some(Action::Wait { until_ms: 1_000 }));
        marks.hurry();
        assert_eq!(marks.next(1), Some(Action::Tell(HERE, Seq(6))));
        marks.hurry();
        assert_eq!(marks.next(1), None, "one at a time");
        marks.answered(true, 1, 1.0);
        marks.hurry();
        assert!(matches!(marks.next(2), Some(Action::Wait { .. })), "the server does not answer");
    }

    #[test]
    fn what_was_not_done_is_told_again_unless_there_is_newer() {
        for (newer, expected) in [(None, 5), (Some(7), 7)] {
            let mut marks = Marks::default();
            marks.saw(HERE, Seq(5));
            marks.next(0);
            if let Some(seq) = newer {
                marks.saw(HERE, Seq(seq));
            }
            marks.answered(true, 0, 1.0);
            assert_eq!(marks.next(0), Some(Action::Wait { until_ms: 1_500 }));
            assert_eq!(marks.next(1_500), Some(Action::Tell(HERE, Seq(expected))));
        }
    }
}
