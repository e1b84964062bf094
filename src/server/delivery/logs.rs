//! The next seq of each followed log, and what to do with an event that comes. Pure.
//!
//! Nodes that post into one conversation hear each other's events a little out of order: their own at once, the others'
//! a moment later. What comes early is held back for that moment, so that not each of these gaps costs a read of the
//! store. A gap that stays, or is too large to hold what follows it, is filled from there.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::protocol::{Seq, Stream};

/// How long what is missing may take: ten times what a message takes between two nodes that are busy.
pub(super) const LATE: Duration = Duration::from_millis(50);
/// Events of one log that are held back, and how far ahead they may be.
const HELD: usize = 64;

/// One followed log.
#[derive(Debug, Default)]
struct Log {
    /// What must be delivered next; unknown until the store was asked.
    next: Option<Seq>,
    /// The highest seq that was heard of.
    heard: Seq,
    /// What was to be delivered next when the page was asked for that is on its way from the store.
    filling: Option<Seq>,
}

impl Log {
    fn behind(&self) -> Option<Seq> {
        self.next.filter(|next| self.heard >= *next)
    }
}

/// What to do about an event, or about news of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<E> {
    /// It is the next one. [`Logs::early`] may have what follows it.
    Deliver(E),
    /// It was delivered before, or is held back, or will come from the store, or nobody follows its log.
    Leave,
    /// It is held back, and the first one: call [`Logs::overdue`] after [`LATE`].
    Wait,
    /// Read the events after this one from the store.
    Fill(Seq),
}

/// Events of a log that came before their turn.
#[derive(Debug)]
struct Early<E> {
    events: BTreeMap<Seq, E>,
    /// What was missing when the wait began.
    missing: Seq,
}

#[derive(Debug)]
pub(super) struct Logs<E> {
    logs: HashMap<Stream, Log>,
    /// Of the few logs that have a gap just now.
    early: HashMap<Stream, Early<E>>,
}

impl<E> Default for Logs<E> {
    fn default() -> Self {
        Self { logs: HashMap::new(), early: HashMap::new() }
    }
}

impl<E> Logs<E> {
    pub(super) fn is_followed(&self, stream: Stream) -> bool {
        self.logs.contains_key(&stream)
    }

    /// Follows a log whose place is not known yet.
    pub(super) fn follow(&mut self, stream: Stream) {
        self.logs.entry(stream).or_default();
    }

    /// Follows a log of which everything up to `last` is known; where its place is known already, it stays.
    pub(super) fn place(&mut self, stream: Stream, last: Seq) {
        self.logs.entry(stream).or_default().next.get_or_insert(last.next());
    }

    pub(super) fn forget(&mut self, stream: Stream) {
        self.logs.remove(&stream);
        self.early.remove(&stream);
    }

    pub(super) fn next(&self, stream: Stream) -> Option<Seq> {
        self.logs.get(&stream)?.next
    }

    /// The logs whose place is known.
    pub(super) fn placed(&self) -> Vec<Stream> {
        self.logs.iter().filter(|(_, log)| log.next.is_some()).map(|(stream, _)| *stream).collect()
    }

    /// An event came.
    pub(super) fn arrive(&mut self, stream: Stream, seq: Seq, event: E) -> Step<E> {
        let Some(log) = self.logs.get_mut(&stream) else { return Step::Leave };
        let Some(next) = log.next else { return self.hear(stream, seq) };
        // At once, even while a page is on its way, which may bring it, too: in another log, what came later is told.
        if next == seq {
            log.heard = log.heard.max(seq);
            log.next = Some(seq.next());
            return Step::Deliver(event);
        }
        if seq < next {
            return Step::Leave;
        }
        let filling = log.filling.is_some();
        let held = self.early.get_mut(&stream);
        let ahead = usize::try_from(seq.0 - next.0).unwrap_or(usize::MAX);
        if ahead > HELD || held.as_ref().is_some_and(|held| held.events.len() >= HELD) {
            return self.hear(stream, seq);
        }
        log.heard = log.heard.max(seq);
        match held {
            Some(held) => {
                held.events.insert(seq, event);
                Step::Leave
            }
            None => {
                self.early.insert(stream, Early { events: BTreeMap::from([(seq, event)]), missing: next });
                // A page that is on its way brings what is missing.
                if filling { Step::Leave } else { Step::Wait }
            }
        }
    }

    /// What was held back and is next now.
    pub(super) fn early(&mut self, stream: Stream) -> Option<(Seq, E)> {
        if self.early.is_empty() {
            return None;
        }
        let (held, log) = (self.early.get_mut(&stream)?, self.logs.get_mut(&stream)?);
        let next = log.next?;
        while held.events.first_key_value().is_some_and(|(seq, _)| *seq < next) {
            held.events.pop_first();
        }
        let first = held.events.first_entry().filter(|first| *first.key() == next)?;
        log.next = Some(next.next());
        Some(first.remove_entry())
    }

    /// What was held back has waited [`LATE`].
    pub(super) fn overdue(&mut self, stream: Stream) -> Step<E> {
        let Some(held) = self.early.get_mut(&stream) else { return Step::Leave };
        let next = self.logs.get(&stream).and_then(|log| log.next);
        match next {
            Some(next) if held.events.is_empty() || next > held.missing => {
                if held.events.is_empty() {
                    self.early.remove(&stream);
                    return Step::Leave;
                }
                // That gap was closed; this is another.
                held.missing = next;
                Step::Wait
            }
            _ => self.fill(stream),
        }
    }

    /// The log is known to have come as far as `seq`.
    pub(super) fn hear(&mut self, stream: Stream, seq: Seq) -> Step<E> {
        let Some(log) = self.logs.get_mut(&stream) else { return Step::Leave };
        log.heard = log.heard.max(seq);
        self.fill(stream)
    }

    fn fill(&mut self, stream: Stream) -> Step<E> {
        let Some(log) = self.logs.get_mut(&stream) else { return Step::Leave };
        match log.behind() {
            Some(next) if log.filling.is_none() => {
                log.filling = Some(next);
                Step::Fill(Seq(next.0 - 1))
            }
            _ => Step::Leave,
        }
    }

    /// An event of a page from the store: whether it is the next one.
    pub(super) fn take(&mut self, stream: Stream, seq: Seq) -> bool {
        let Some(log) = self.logs.get_mut(&stream) else { return false };
        let is_next = log.next == Some(seq);
        if is_next {
            log.next = Some(seq.next());
        }
        is_next
    }

    /// A page has been taken in, and what was held back after it. Where nothing has come since it was asked for, or where
    /// it could not be read, the next message or the watch tries again.
    pub(super) fn filled(&mut self, stream: Stream) -> Step<E> {
        let Some(log) = self.logs.get_mut(&stream) else { return Step::Leave };
        let progress = log.filling.take() < log.next;
        if !progress || self.early.get(&stream).is_some_and(|held| held.events.is_empty()) {
            // What was held back is in the store, too.
            self.early.remove(&stream);
        }
        if progress { self.fill(stream) } else { Step::Leave }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::UserId;

    const LOG: Stream = Stream::Inbox(UserId(1));

    fn at(last: i64) -> Logs<()> {
        let mut logs = Logs::default();
        logs.place(LOG, Seq(last));
        logs
    }

    /// What happens to a log, and in answer what is done, one word each.
    ///
    /// `5` comes; `h5` is heard of; `p5-7` is the page that was read; `p` one that brings nothing; `late` the time is up.
    fn told(last: i64, story: &str) -> String {
        let mut logs: Logs<i64> = Logs::default();
        logs.place(LOG, Seq(last));
        let number = |text: &str| text.parse::<i64>().unwrap();
        let mut told = Vec::new();
        for happens in story.split(' ') {
            let mut delivered = Vec::new();
            let step = if happens == "late" {
                logs.overdue(LOG)
            } else if let Some(seq) = happens.strip_prefix('h') {
                logs.hear(LOG, Seq(number(seq)))
            } else if let Some(page) = happens.strip_prefix('p') {
                let (first, last) = page.split_once('-').map_or((1, 0), |(one, other)| (number(one), number(other)));
                delivered.extend((first..=last).filter(|seq| logs.take(LOG, Seq(*seq))));
                delivered.extend(std::iter::from_fn(|| logs.early(LOG)).map(|(_, event)| event));
                logs.filled(LOG)
            } else {
                logs.arrive(LOG, Seq(number(happens)), number(happens))
            };
            let step = match step {
                Step::Deliver(event) => {
                    delivered.push(event);
                    delivered.extend(std::iter::from_fn(|| logs.early(LOG)).map(|(_, event)| event));
                    String::new()
                }
                Step::Leave => "-".into(),
                Step::Wait => "wait".into(),
                Step::Fill(after) => format!("fill>{}", after.0),
            };
            let delivered: Vec<String> = delivered.iter().map(ToString::to_string).collect();
            told.push(format!("{}{step}", delivered.join(",")));
        }
        told.join(" ")
    }

    #[test]
    fn what_is_done_with_what_comes() {
        // (last delivered, what happens, what is done)
        let cases: &[(i64, &str, &str)] = &[
            // In order, and again.
            (0, "1 2 3", "1 2 3"),
            (5, "5 4 6 6", "- - 6 -"),
            // A gap of a moment costs nothing.
            (5, "8 7 6 9", "wait - 6,7,8 9"),
            (5, "7 7 6 late", "wait - 6,7 -"),
            // One that stays is filled.
            (5, "8 late 9 p6-8", "wait fill>5 - 6,7,8,9-"),
            // What is next does not wait for the page.
            (5, "8 late 6 7 p6-7 9", "wait fill>5 6 7,8 - 9"),
            (5, "h7 6 7 p6-7 8", "fill>5 6 7 - 8"),
            (5, "9 late 6 p6-7 p8-9", "wait fill>5 6 7fill>7 8,9-"),
            (5, "8 10 late p6-8 p9-10 11", "wait - fill>5 6,7,8fill>8 9,10- 11"),
            // Closed, and another has opened since: that one has its time, too.
            (5, "7 6 9 late late", "wait 6,7 - wait fill>7"),
            (5, "7 6 late 9 late", "wait 6,7 - wait fill>7"),
            // Too large to hold.
            (5, "70", "wait"),
            (5, "71", "fill>5"),
            (
                5,
                "8 71 6 p6-71",
                "wait fill>5 6 7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71-",
            ),
            // What the store says is not waited for.
            (5, "h7 8 p6-7 late", "fill>5 - 6,7,8- -"),
            (5, "8 h8 late p6-8 late", "wait fill>5 - 6,7,8- -"),
            // A page that brings nothing is not asked for in a circle; the next message and the watch try again.
            (5, "7 late p late 8 late", "wait fill>5 - - wait fill>5"),
            (5, "7 late p h7", "wait fill>5 - fill>5"),
        ];
        for (last, story, expected) in cases {
            assert_eq!(told(*last, story), *expected, "{last}: {story}");
        }
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut logs = at(0);
        for seq in 2..=65 {
            assert_ne!(logs.arrive(LOG, Seq(seq), ()), Step::Fill(Seq(0)), "{seq}");
        }
        assert_eq!(logs.early[&LOG].events.len(), HELD);
        assert_eq!(logs.arrive(LOG, Seq(64), ()), Step::Fill(Seq(0)));
        logs.forget(LOG);
        assert!(logs.early.is_empty());
    }

    #[test]
    fn a_log_without_a_place_waits_for_one() {
        let mut logs = Logs::default();
        assert_eq!(logs.arrive(LOG, Seq(3), ()), Step::Leave, "nobody follows it");
        logs.follow(LOG);
        assert_eq!(logs.arrive(LOG, Seq(3), ()), Step::Leave);
        logs.place(LOG, Seq(2));
        assert_eq!(logs.hear(LOG, Seq(1)), Step::Fill(Seq(2)), "what came meanwhile is not forgotten");
        logs.place(LOG, Seq(9));
        assert_eq!(logs.next(LOG), Some(Seq(3)), "a known place stays");
    }
}
