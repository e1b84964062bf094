//! `last_seq` and `unread` of lists and of READY against the log.

use super::log::Log;
use super::operations::op;
use super::{Verdict, named, person};
use crate::History;
use crate::history::{Count, Entry};

/// Unread messages are counted so far, and no further (DESIGN §4).
const UNREAD_MAX: i64 = 1_000;

pub(super) fn judge(history: &History, logs: &[Option<Log>], verdict: &mut Verdict) {
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
        // Of what was before the run nothing is known but that it was marked as read.
        if count.read_seq < i64::from(log.baseline) {
            continue;
        }
        let unread = unread(history, log, count).min(UNREAD_MAX);
        if count.unread != unread {
            let told = count.unread;
            verdict.miscounted.add(|| {
                format!("{}: unread is {told}, the log has {unread} of others after seq {}", whose(), count.read_seq)
            });
        }
    }
}

/// Others' messages after the read mark.
fn unread(history: &History, log: &Log, count: &Count) -> i64 {
    let first = u32::try_from(count.read_seq + 1).unwrap_or(u32::MAX).max(log.baseline + 1);
    let of_others = |entry: Entry| match entry {
        Entry::Membership { .. } => false,
        Entry::Foreign { .. } => true,
        Entry::Message(id) | Entry::Altered { op: id, .. } => {
            let writer = usize::try_from(id.writer).ok().and_then(|writer| history.writers.get(writer));
            op(history, id).is_none() || writer.is_none_or(|writer| writer.person != count.person)
        }
    };
    let after = (first..=log.last()).filter_map(|seq| log.at(seq));
    after.filter(|entry| of_others(*entry)).take(usize::try_from(UNREAD_MAX).unwrap_or(usize::MAX)).count() as i64
}
