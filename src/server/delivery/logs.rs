//! The next seq of each followed log, and what to do with an event that comes. Pure.

use std::collections::HashMap;

use crate::protocol::{Seq, Stream};

/// One followed log.
#[derive(Debug, Default)]
struct Log {
    /// What must be delivered next; unknown until the store was asked.
    next: Option<Seq>,
    /// The highest seq that was heard of.
    heard: Seq,
    /// Whether a page of it is on its way from the store. Until it is here, what comes by is left: it is in the
    /// store already, and read from there.
    filling: bool,
}

impl Log {
    fn behind(&self) -> Option<Seq> {
        self.next.filter(|next| self.heard >= *next)
    }
}

/// What to do about an event, or about news of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the next one.
    Deliver,
    /// It was delivered before, or will come from the store, or nobody follows its log.
    Leave,
    /// Read the events after this one from the store.
    Fill(Seq),
}

#[derive(Debug, Default)]
pub(super) struct Logs(HashMap<Stream, Log>);

impl Logs {
    pub(super) fn is_followed(&self, stream: Stream) -> bool {
        self.0.contains_key(&stream)
    }

    /// Follows a log whose place is not known yet.
    pub(super) fn follow(&mut self, stream: Stream) {
        self.0.entry(stream).or_default();
    }

    /// Follows a log of which everything up to `last` is known; where its place is known already, it stays.
    pub(super) fn place(&mut self, stream: Stream, last: Seq) {
        self.0.entry(stream).or_default().next.get_or_insert(last.next());
    }

    pub(super) fn forget(&mut self, stream: Stream) {
        self.0.remove(&stream);
    }

    pub(super) fn next(&self, stream: Stream) -> Option<Seq> {
        self.0.get(&stream)?.next
    }

    /// The logs whose place is known.
    pub(super) fn placed(&self) -> Vec<Stream> {
        self.0.iter().filter(|(_, log)| log.next.is_some()).map(|(stream, _)| *stream).collect()
    }

    /// An event came.
    pub(super) fn arrive(&mut self, stream: Stream, seq: Seq) -> Step {
        let Some(log) = self.0.get_mut(&stream) else { return Step::Leave };
        if log.next == Some(seq) && !log.filling {
            log.heard = log.heard.max(seq);
            log.next = Some(seq.next());
            return Step::Deliver;
        }
        self.hear(stream, seq)
    }

    /// The log is known to have come as far as `seq`.
    pub(super) fn hear(&mut self, stream: Stream, seq: Seq) -> Step {
        let Some(log) = self.0.get_mut(&stream) else { return Step::Leave };
        log.heard = log.heard.max(seq);
        match log.behind() {
            Some(next) if !log.filling => {
                log.filling = true;
                Step::Fill(Seq(next.0 - 1))
            }
            _ => Step::Leave,
        }
    }

    /// An event of a page from the store: whether it is the next one.
    pub(super) fn take(&mut self, stream: Stream, seq: Seq) -> bool {
        let Some(log) = self.0.get_mut(&stream) else { return false };
        let is_next = log.next == Some(seq);
        if is_next {
            log.next = Some(seq.next());
        }
        is_next
    }

    /// A page has been taken in; `progress` says whether it brought anything. Where it did not, or where it could
    /// not be read, the next message or the watch tries again.
    pub(super) fn filled(&mut self, stream: Stream, progress: bool) -> Step {
        let Some(log) = self.0.get_mut(&stream) else { return Step::Leave };
        log.filling = false;
        match log.behind() {
            Some(next) if progress => {
                log.filling = true;
                Step::Fill(Seq(next.0 - 1))
            }
            _ => Step::Leave,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::UserId;

    const LOG: Stream = Stream::Inbox(UserId(1));

    fn at(last: i64) -> Logs {
        let mut logs = Logs::default();
        logs.place(LOG, Seq(last));
        logs
    }

    #[test]
    fn next_is_delivered_lower_is_left_higher_is_filled() {
        // (last delivered, what comes, what is done)
        let cases: &[(i64, &[i64], &[Step])] = &[
            (0, &[1, 2, 3], &[Step::Deliver, Step::Deliver, Step::Deliver]),
            (5, &[5, 4, 6], &[Step::Leave, Step::Leave, Step::Deliver]),
            (5, &[6, 6], &[Step::Deliver, Step::Leave]),
            (5, &[8, 6, 7], &[Step::Fill(Seq(5)), Step::Leave, Step::Leave]),
        ];
        for (last, seqs, expected) in cases {
            let mut logs = at(*last);
            let steps: Vec<Step> = seqs.iter().map(|seq| logs.arrive(LOG, Seq(*seq))).collect();
            assert_eq!(steps, *expected, "{last} {seqs:?}");
        }
    }

    #[test]
    fn filling_goes_on_until_it_has_caught_up() {
        let mut logs = at(5);
        assert_eq!(logs.arrive(LOG, Seq(8)), Step::Fill(Seq(5)));
        assert_eq!(logs.arrive(LOG, Seq(9)), Step::Leave);
        assert!(logs.take(LOG, Seq(6)) && logs.take(LOG, Seq(7)) && !logs.take(LOG, Seq(7)));
        assert_eq!(logs.filled(LOG, true), Step::Fill(Seq(7)));
        assert!(logs.take(LOG, Seq(8)) && logs.take(LOG, Seq(9)) && logs.take(LOG, Seq(10)));
        assert_eq!(logs.filled(LOG, true), Step::Leave);
        assert_eq!(logs.arrive(LOG, Seq(10)), Step::Leave);
        assert_eq!(logs.arrive(LOG, Seq(11)), Step::Deliver);
    }

    #[test]
    fn a_page_that_brings_nothing_is_not_asked_for_in_a_circle() {
        let mut logs = at(5);
        assert_eq!(logs.arrive(LOG, Seq(7)), Step::Fill(Seq(5)));
        assert_eq!(logs.filled(LOG, false), Step::Leave);
        assert_eq!(logs.hear(LOG, Seq(7)), Step::Fill(Seq(5)), "the watch tries again");
    }

    #[test]
    fn a_log_without_a_place_waits_for_one() {
        let mut logs = Logs::default();
        assert_eq!(logs.arrive(LOG, Seq(3)), Step::Leave, "nobody follows it");
        logs.follow(LOG);
        assert_eq!(logs.arrive(LOG, Seq(3)), Step::Leave);
        logs.place(LOG, Seq(2));
        assert_eq!(logs.filled(LOG, true), Step::Fill(Seq(2)), "what came meanwhile is not forgotten");
        logs.place(LOG, Seq(9));
        assert_eq!(logs.next(LOG), Some(Seq(3)), "a known place stays");
    }
}
