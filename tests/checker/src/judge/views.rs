//! What members were shown, in lists and live, against the log.

use std::collections::BTreeMap;

use super::log::Log;
use super::operations::{Places, op};
use super::seen::Seen;
use super::spans::{Span, Spans};
use super::{Verdict, named, person};
use crate::History;
use crate::history::{Conversation, Entry, Outcome, SpellEnd, View, ViewKind};

/// Judges all views of a conversation. Answers whose are wrong.
pub(super) fn judge(
    history: &History,
    index: usize,
    log: &Log,
    places: &Places,
    spans: &Spans,
    verdict: &mut Verdict,
) -> Vec<u32> {
    let conversation = &history.conversations[index];
    let mut wrong = Vec::new();
    for view in &conversation.views {
        let before = count(verdict);
        let name = Name { history, index, view };
        Walk { name, conversation, log, places, spans: spans.of(view.person), verdict }.run();
        if count(verdict) != before {
            wrong.push(view.person);
        } else if let (Some(members), Some(_)) = (&view.members, spans.open(view.person)) {
            let comers: Vec<u32> = members.iter().copied().filter(|m| conversation.comers.contains(m)).collect();
            if comers != spans.present() {
                let who = person(history, view.person);
                let place = named(history, index);
                verdict.diverged.add(|| format!("{place}: to {who} there are others in it than by its log"));
            }
        }
    }
    wrong
}

fn count(verdict: &Verdict) -> u64 {
    verdict.findings().iter().map(|(_, findings)| findings.count).sum()
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
    /// When its owner was in it, where they come and go.
    spans: Option<&'a [Span]>,
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
            let is_theirs = self.is_theirs(stretch.first, last);
            if stretch.other.is_none() && self.log.agrees(stretch) && is_theirs && seen.append(stretch.first, last) {
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
        match self.spans {
            None => self.missing(&right, self.log.baseline + 1, self.log.last()),
            Some(spans) => self.missing_of(spans, &right, &epochs),
        }
    }

    /// Whether these numbers are of one time in which its owner was in it; for a list, of now.
    fn is_theirs(&self, first: u32, last: u32) -> bool {
        let is_list = !matches!(self.name.view.kind, ViewKind::Live { .. });
        let holds = |span: &Span| span.holds(first) && span.holds(last) && (span.is_open || !is_list);
        self.spans.is_none_or(|spans| spans.iter().any(holds))
    }

    /// What somebody who comes and goes should have seen: of now, all; of a time that ended while they were connected,
    /// all, with what ended it.
    fn missing_of(&mut self, spans: &[Span], right: &Seen, epochs: &BTreeMap<u32, Seen>) {
        let name = self.name;
        let open = spans.last().filter(|span| span.is_open);
        if !matches!(name.view.kind, ViewKind::Live { .. }) {
            if let Some(span) = open {
                self.missing(right, span.first, span.last);
            }
            return;
        }
        let who = person(name.history, name.view.person);
        let place = named(name.history, name.index);
        for spell in &name.view.spells {
            let seen = epochs.get(&spell.epoch);
            let first = seen.and_then(Seen::first);
            let of_first = || spans.iter().find(|span| first.is_some_and(|first| span.holds(first)));
            let span = open.filter(|_| spell.end == SpellEnd::Open).or_else(of_first);
            match (spell.end, span) {
                (SpellEnd::Away, _) => {}
                (SpellEnd::Told, None) => {
                    self.verdict.lost.add(|| format!("{place}: {who} was told that it is not theirs, and not why"));
                }
                (SpellEnd::Open, None) => {}
                (_, Some(span)) => {
                    let nothing = Seen::default();
                    self.missing(seen.unwrap_or(&nothing), span.first, span.last);
                    if spell.end == SpellEnd::Open && !span.is_open {
                        self.verdict.lost.add(|| format!("{place}: {who} was never told of going, at {}", span.last));
                    }
                }
            }
        }
        let holds = name.view.spells.last().is_some_and(|spell| spell.end == SpellEnd::Open);
        if let (Some(span), false) = (open, holds) {
            self.verdict.lost.add(|| format!("{place}: {who} was never told of coming, at {}", span.first));
        }
    }

    /// Whether the log has this entry there; a finding when it has not.
    fn is_right(&mut self, seq: u32, entry: Entry) -> bool {
        let there = self.log.at(seq);
        let name = self.name;
        if seq > self.log.baseline && !self.is_theirs(seq, seq) {
            self.verdict.leaked.add(|| format!("{}: they are not in it then", name.at(seq)));
            return false;
        }
        if there == Some(entry) {
            return true;
        }
        let id = match entry {
            // Before the baseline nothing is known: a sighting there is doubled and no more.
            _ if seq <= self.log.baseline => return false,
            Entry::Message(id) => id,
            Entry::Altered { op, .. } => {
                self.verdict.phantom.add(|| format!("{}: {op} with another text or author", name.at(seq)));
                // It is there, if not as it was.
                return matches!(there, Some(Entry::Message(id)) if id == op);
            }
            Entry::Foreign { .. } | Entry::Membership { .. } | Entry::Change { .. } | Entry::Member { .. } => {
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

    /// What the log has between these numbers, and the view has not.
    fn missing(&mut self, right: &Seen, from: u32, to: u32) {
        let messages_only = self.name.view.kind == ViewKind::Messages;
        let shows = |seq: &u32| self.log.at(*seq).is_some_and(|entry| entry.is_message() || !messages_only);
        for (first, last) in right.missing(from, to) {
            let Some(example) = (first..=last).find(shows) else { continue };
            let count = (first..=last).filter(shows).count() as u64;
            let name = self.name;
            self.verdict.lost.add_many(count, || format!("{}: missing, {count} in a row", name.at(example)));
        }
    }
}
