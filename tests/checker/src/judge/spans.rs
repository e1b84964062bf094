//! When people were in a group, by its log.

use std::collections::HashMap;

use super::log::Log;
use crate::history::{Conversation, Entry};

/// From coming to going, both of which are theirs to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) last: u32,
    /// They are in it still.
    pub(super) is_open: bool,
}

impl Span {
    pub(super) fn holds(&self, seq: u32) -> bool {
        (self.first..=self.last).contains(&seq)
    }
}

/// Of those who come and go.
#[derive(Debug, Default)]
pub(super) struct Spans(HashMap<u32, Vec<Span>>);

impl Spans {
    pub(super) fn new(conversation: &Conversation, log: &Log) -> Self {
        let founding = Span { first: log.baseline + 1, last: log.last(), is_open: true };
        let mut spans: HashMap<u32, Vec<Span>> =
            conversation.comers.iter().map(|comer| (*comer, vec![founding])).collect();
        if spans.is_empty() {
            return Self::default();
        }
        for (seq, entry) in log.numbered() {
            let Entry::Member { person, is_in } = entry else { continue };
            let Some(spans) = spans.get_mut(&person) else { continue };
            match (spans.last_mut(), is_in) {
                (Some(span), false) if span.is_open => (span.last, span.is_open) = (seq, false),
                (Some(span), true) if !span.is_open => {
                    spans.push(Span { first: seq, last: log.last(), is_open: true });
                }
                // Found where moves are judged.
                _ => {}
            }
        }
        Self(spans)
    }

    /// Nothing for somebody who is in it from beginning to end.
    pub(super) fn of(&self, person: u32) -> Option<&[Span]> {
        self.0.get(&person).map(Vec::as_slice)
    }

    /// Since when they are in it; nothing where they are not.
    pub(super) fn open(&self, person: u32) -> Option<Span> {
        self.of(person)?.last().copied().filter(|span| span.is_open)
    }

    /// Those who come and go and are in it at the end, ascending.
    pub(super) fn present(&self) -> Vec<u32> {
        let mut present: Vec<u32> = self.0.keys().copied().filter(|person| self.open(*person).is_some()).collect();
        present.sort_unstable();
        present
    }
}
