//! What members were shown, in lists and live, against the log.

use std::collections::BTreeMap;

use super::log::Log;
use super::operations::{Places, op};
use super::seen::Seen;
use super::{Verdict, named, person};
use crate::History;
use crate::history::{Conversation, Entry, Outcome, View, ViewKind};

/// Judges all views of a conversation.
pub(super) fn judge(history: &History, index: usize, log: &Log, places: &Places, verdict: &mut Verdict) {
    for view in &history.conversations[index].views {
        let name = Name { history, index, view };
        Walk { name, conversation: &history.conversations[index], log, places, verdict }.run();
    }
}

/// Says whose view it is, in an example.
#[derive(Clone, Copy)]
struct Name<'a> {
    history: &'a History,
    index: usize,
    view: &'a View,
}

impl Name<'_> {
    fn at(&self, seq: u32) -> String {
        let who = person(self.history, self.view.person);
        let how = match self.view.kind {
            ViewKind::Live { reader } => format!("live reader {reader} ({who})"),
            ViewKind::Events => format!("the event-list of {who}"),
            ViewKind::Messages => format!("the message-list of {who}"),
        };
        format!("{} seq {seq} in {how}", named(self.history, self.index))
    }
}

struct Walk<'a> {
    name: Name<'a>,
    conversation: &'a Conversation,
    log: &'a Log,
    places: &'a Places,
    verdict: &'a mut Verdict,
}

impl Walk<'_> {
    fn run(mut self) {
        // What was seen rightly in any epoch, and what was seen at all in each.
        let mut right = Seen::default();
        let mut epochs: BTreeMap<u32, Seen> = BTreeMap::new();
        for stretch in &self.name.view.stretches {
            let seen = epochs.entry(stretch.epoch).or_default();
            let last = stretch.first.saturating_add(stretch.length - 1);
            if stretch.other.is_none() && self.log.agrees(stretch) && seen.append(stretch.first, last) {
                if !right.append(stretch.first, last) {
                    for seq in stretch.first..=last {
                        right.add(seq);
                    }
                }
                continue;
            }
            for seq in stretch.first..=last {
                let booked =
                    || self.conversation.index(seq).and_then(|i| self.conversation.book.get(i).copied().flatten());
                let Some(entry) = stretch.other.or_else(booked) else { continue };
                if self.is_right(seq, entry) {
                    right.add(seq);
                }
                let (name, end) = (self.name, seen.last().max(self.log.baseline));
                if seen.add(seq) || seq <= self.log.baseline {
                    self.verdict.doubled.add(|| format!("{}: it was there already", name.at(seq)));
                } else if seq < end {
                    self.verdict.reordered.add(|| format!("{}: after seq {end}", name.at(seq)));
                }
            }
        }
        self.missing(&right);
    }

    /// Whether the log has this entry there; a finding when it has not.
    fn is_right(&mut self, seq: u32, entry: Entry) -> bool {
        let there = self.log.at(seq);
        if there == Some(entry) {
            return true;
        }
        let name = self.name;
        let id = match entry {
            // Before the baseline nothing is known: a sighting there is doubled and no more.
            _ if seq <= self.log.baseline => return false,
            Entry::Message(id) => id,
            Entry::Altered { op, .. } => {
                self.verdict.phantom.add(|| format!("{}: {op} with another text or author", name.at(seq)));
                // It is there, if not as it was.
                return matches!(there, Some(Entry::Message(id)) if id == op);
            }
            Entry::Foreign { .. } | Entry::Membership { .. } => {
                self.verdict.phantom.add(|| format!("{}: something that the log does not have there", name.at(seq)));
                return false;
            }
        };
        // A log whose entry was altered shows an honest view: the log is what is wrong, and was found.
        if matches!(there, Some(Entry::Altered { op, .. }) if op == id) {
            return true;
        }
        match (self.places.of(id), op(name.history, id).map(|op| op.outcome)) {
            // Found with its acknowledgement.
            (None, Some(Outcome::Acknowledged { .. })) => {}
            (None, None) => self.verdict.phantom.add(|| format!("{}: {id}, which was never invoked", name.at(seq))),
            (None, Some(Outcome::Failed { .. })) => {
                self.verdict.phantom.add(|| format!("{}: {id}, which was refused", name.at(seq)));
            }
            (place, _) => self.verdict.lost.add(|| {
                let place = place.map_or_else(|| "nowhere".to_owned(), |place| format!("at seq {place}"));
                format!("{}: {id} was shown there, and is {place} in the log", name.at(seq))
            }),
        }
        false
    }

    /// What the log has and the view has not.
    fn missing(&mut self, right: &Seen) {
        let messages_only = self.name.view.kind == ViewKind::Messages;
        let shows = |seq: &u32| match self.log.at(*seq) {
            None => false,
            Some(Entry::Membership { .. }) => !messages_only,
            Some(_) => true,
        };
        for (first, last) in right.missing(self.log.baseline + 1, self.log.last()) {
            let Some(example) = (first..=last).find(shows) else { continue };
            let count = (first..=last).filter(shows).count() as u64;
            let name = self.name;
            self.verdict.lost.add_many(count, || format!("{}: missing, {count} in a row", name.at(example)));
        }
    }
}
