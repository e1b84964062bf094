//! The log of a conversation, from what its members were shown of it.

use crate::history::{Conversation, Entry, Stretch, View, ViewKind};

/// Holes at a log's end that are looked at one by one; `as_of` may be any number.
const TAIL: u32 = 100_000;

/// A conversation's log after the run.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) baseline: u32,
    /// At `baseline + 1 + index`.
    pub(super) entries: Vec<Option<Entry>>,
    /// Indices at which the book has something else, ascending.
    pub(super) misbooked: Vec<u32>,
}

impl Log {
    /// What most members saw at each number; nothing when no `event-list` could be read.
    pub(super) fn of(conversation: &Conversation) -> Option<Self> {
        let lists: Vec<&View> = conversation.views.iter().filter(|view| view.kind == ViewKind::Events).collect();
        let last = lists.iter().map(|view| end(view, conversation.baseline)).max()?;
        let length = usize::try_from(last.saturating_sub(conversation.baseline)).ok()?;
        let mut columns: Vec<Vec<Option<Entry>>> = lists.iter().map(|view| shown(conversation, view, length)).collect();
        let first = columns.remove(0);
        let entries: Vec<Option<Entry>> = if columns.iter().all(|column| *column == first) {
            first
        } else {
            columns.insert(0, first);
            (0..length).map(|index| most(columns.iter().filter_map(|column| column[index]))).collect()
        };
        let booked = |index: usize| conversation.book.get(index).copied().flatten();
        let misbooked = (0_u32..)
            .zip(&entries)
            .filter(|(index, entry)| usize::try_from(*index).is_ok_and(|index| booked(index) != **entry))
            .map(|(index, _)| index);
        let misbooked = misbooked.collect();
        Some(Self { baseline: conversation.baseline, entries, misbooked })
    }

    pub(super) fn last(&self) -> u32 {
        self.baseline + u32::try_from(self.entries.len()).unwrap_or(u32::MAX - self.baseline)
    }

    /// What stands at a number, if it is one of this run's log.
    pub(super) fn at(&self, seq: u32) -> Option<Entry> {
        let index = seq.checked_sub(self.baseline)?.checked_sub(1)?;
        self.entries.get(usize::try_from(index).ok()?).copied().flatten()
    }

    /// Entries with their numbers.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, Entry)> + '_ {
        (self.baseline + 1..).zip(&self.entries).filter_map(|(seq, entry)| Some((seq, (*entry)?)))
    }

    /// Whether the book agrees with the log at all numbers of a stretch.
    pub(super) fn agrees(&self, stretch: &Stretch) -> bool {
        let end = u64::from(stretch.first) + u64::from(stretch.length);
        if stretch.first <= self.baseline || end > u64::from(self.last()) + 1 {
            return false;
        }
        let first = stretch.first - self.baseline - 1;
        let at = self.misbooked.partition_point(|index| *index < first);
        self.misbooked.get(at).is_none_or(|index| index - first >= stretch.length)
    }
}

/// The last number that a list speaks of.
fn end(view: &View, baseline: u32) -> u32 {
    let seen = view.stretches.iter().map(|s| s.first.saturating_add(s.length - 1)).max().unwrap_or(baseline);
    view.end.clamp(seen, seen.saturating_add(TAIL))
}

/// A list as a column of entries: the first that it shows at each number.
fn shown(conversation: &Conversation, view: &View, length: usize) -> Vec<Option<Entry>> {
    let mut column = vec![None; length];
    for stretch in &view.stretches {
        for seq in stretch.first..=stretch.first.saturating_add(stretch.length - 1) {
            let Some(index) = conversation.index(seq).filter(|index| *index < length) else { continue };
            let booked = || conversation.book.get(index).copied().flatten();
            let entry = stretch.other.or_else(booked);
            column[index] = column[index].or(entry);
        }
    }
    column
}

/// The entry that occurs most often, the first of those that occur as often.
fn most(entries: impl Iterator<Item = Entry>) -> Option<Entry> {
    let mut counted: Vec<(Entry, usize)> = Vec::new();
    for entry in entries {
        match counted.iter_mut().find(|(known, _)| *known == entry) {
            Some((_, count)) => *count += 1,
            None => counted.push((entry, 1)),
        }
    }
    // The last of the greatest is what `max_by_key` answers.
    counted.into_iter().rev().max_by_key(|(_, count)| *count).map(|(entry, _)| entry)
}
