//! `last_seq` and `unread` of lists and of READY against the log.

use std::collections::HashSet;

use super::log::Log;
use super::operations::op;
use super::spans::Spans;
use super::{Verdict, named, person};
use crate::History;
use crate::history::{Conversation, Count, Entry, Text, ViewKind};

/// Unread messages are counted so far, and no further (DESIGN §4).
const UNREAD_MAX: i64 = 1_000;

pub(super) fn judge(history: &History, logs: &[Option<Log>], spans: &[Spans], verdict: &mut Verdict) {
    // What is deleted is not unread.
    let gone: Vec<HashSet<u32>> = history.conversations.iter().map(gone).collect();
    for count in &history.counts {
        let index = usize::try_from(count.conversation).unwrap_or(usize::MAX);
        let Some(log) = logs.get(index).and_then(Option::as_ref) else { continue };
        let by = if count.by_ready { "READY" } else { "conversation-list" };
        let whose = || format!("{} in the {by} of {}", named(history, index), person(history, count.person));
        if count.last_seq != i64::from(log.last()) {
            let told = count.last_seq;
            verdict.miscounted.add(|| format!("{}: last_seq is {told}, the log ends at {}", whose(), log.last()));
        }
        if count.read_seq < i64::from(count.marked) || count.read_seq > count.last_seq {
            let Count { read_seq, marked, .. } = count;
            verdict.miscounted.add(|| format!("{}: read_seq is {read_seq}, acknowledged was {marked}", whose()));
        }
        let joined = spans[index].open(count.person).map_or(0, |span| span.first);
        if count.read_seq < i64::from(joined) && joined > log.baseline + 1 {
            let read_seq = count.read_seq;
            verdict.miscounted.add(|| format!("{}: read_seq is {read_seq}, and they came at {joined}", whose()));
            continue;
        }
        // Of what was before the run nothing is known but that it was marked as read.
        if count.read_seq < i64::from(log.baseline) {
            continue;
        }
        let unread = unread(history, log, count, &gone[index]).min(UNREAD_MAX);
        if count.unread != unread {
            let told = count.unread;
            verdict.miscounted.add(|| {
                format!("{}: unread is {told}, the log has {unread} of others after seq {}", whose(), count.read_seq)
            });
        }
    }
}

/// Messages of which nothing is left, as `message-list` says.
fn gone(conversation: &Conversation) -> HashSet<u32> {
    let lists = conversation.views.iter().filter(|view| view.kind == ViewKind::Messages);
    let states = lists.flat_map(|view| &view.states);
    states.filter(|(_, state)| state.text == Text::Gone).map(|(seq, _)| *seq).collect()
}

/// Others' messages after the read mark.
fn unread(history: &History, log: &Log, count: &Count, gone: &HashSet<u32>) -> i64 {
    let first = u32::try_from(count.read_seq + 1).unwrap_or(u32::MAX).max(log.baseline + 1);
    let of_others = |entry: Entry| match entry {
        Entry::Membership { .. } | Entry::Change { .. } | Entry::Member { .. } => false,
        Entry::Foreign { .. } => true,
        Entry::Message(id) | Entry::Altered { op: id, .. } => {
            let writer = usize::try_from(id.writer).ok().and_then(|writer| history.writers.get(writer));
            op(history, id).is_none() || writer.is_none_or(|writer| writer.person != count.person)
        }
    };
    let after = (first..=log.last()).filter(|seq| !gone.contains(seq)).filter_map(|seq| log.at(seq));
    after.filter(|entry| of_others(*entry)).take(usize::try_from(UNREAD_MAX).unwrap_or(usize::MAX)).count() as i64
}
