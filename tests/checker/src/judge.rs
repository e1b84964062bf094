//! What is wrong with a history. Pure: records in, findings out.
//!
//! The classes, stated so that each fault has one:
//!
//! - **lost**: a post that was acknowledged and is nowhere in the log; a number of the log at which nothing stands; an
//!   entry of the log that a member's list or a live reader's view lacks at the end; a post that was shown at a number
//!   and does not stand there in the end; what somebody wrote whom the reader had blocked, where it is missing once they
//!   are heard from again.
//! - **doubled**: a post at two numbers of a log; an entry that a list holds twice, or that a live reader got again
//!   though it had it (on one connection, or at or before the cursor that it resumed with); two acknowledgements of one
//!   post with different numbers.
//! - **reordered**: A was acknowledged before B was invoked, in one conversation, and stands after B (so a writer's
//!   posts, one after the other, stand in that order too); a view that goes back to a number that it had skipped.
//! - **phantom**: something in a log or a view that nobody invoked, that was refused, or that has another text or author
//!   or conversation than it was posted with; an acknowledgement of something else: of another conversation or nonce, or
//!   of a number at which something else stands while the post stands elsewhere.
//! - **refused**: a post that is valid and was refused for good, or refused when it was tried again, after an
//!   acknowledgement or a try without an answer; one that must be refused and was for another reason than itself, as
//!   that its session or its conversation are not there any more (401, 403, 404); one of somebody who was blocked.
//! - **unanswered**: a post that got no answer until the run's patience ended, though the load never gave up.
//! - **miscounted**: `last_seq` and `unread` of `conversation-list` or READY against the log and the read mark; a read
//!   mark behind one that was acknowledged, or of before its owner came back.
//! - **diverged**: a message that is another to two of those who see the same version of it; one whose version, text, marks
//!   or reactions in the end, as a live reader's events or a list make it, are not what the acknowledged changes leave;
//!   members of a group, by a list or by a live reader's events, that are not those of its log.
//! - **revived**: a deleted message that is shown with its text, after its deletion or in anything that was read after it.
//! - **leaked**: anything of a conversation that is shown to somebody who is not in it by then; in a group, of before they
//!   came, too; and of what is written by somebody whom they have blocked, or that there is anything.
//!
//! Changes of messages, and people's coming and going, are judged as posts are: what was acknowledged and is not in the log
//! is lost, what is in it twice is doubled, and so on.
//!
//! The log of a conversation is what `event-list` showed to its members; where they differ, what most of them saw.

mod blocking;
mod changes;
mod counts;
mod expected;
mod log;
mod moves;
mod operations;
mod seen;
mod spans;
#[cfg(test)]
mod tests;
mod verdict;
mod versions;
mod views;

pub use verdict::{EXAMPLES, Findings, Verdict};

use std::collections::HashSet;

use crate::History;
use crate::history::{Contradiction, Outcome, ViewKind};
use changes::Changes;
use log::Log;
use operations::Places;
use spans::Spans;

/// Judges.
#[must_use]
pub fn judge(history: &History) -> Verdict {
    let mut verdict = Verdict::default();
    for sentence in &history.unjudged {
        verdict.unjudged.add(|| sentence.clone());
    }
    for op in history.writers.iter().flat_map(|writer| &writer.ops) {
        verdict.invoked += 1;
        match op.outcome {
            Outcome::Acknowledged { .. } => verdict.acknowledged += 1,
            Outcome::Failed { .. } => verdict.failed += 1,
            Outcome::Unknown | Outcome::Abandoned => verdict.unknown += 1,
        }
    }
    for conversation in &history.conversations {
        for view in &conversation.views {
            let seen: u64 = view.stretches.iter().map(|stretch| u64::from(stretch.length)).sum();
            match view.kind {
                ViewKind::Live { .. } => verdict.seen_live += seen,
                ViewKind::Events | ViewKind::Messages => verdict.read_back += seen,
            }
        }
    }

    let logs: Vec<Option<Log>> = history.conversations.iter().map(Log::of).collect();
    let mut places = Places::new(history);
    for (index, log) in logs.iter().enumerate() {
        match log {
            Some(log) => places.enter(history, index, log, &mut verdict),
            None => verdict.unjudged.add(|| format!("{} could not be read", named(history, index))),
        }
    }
    operations::answers(history, &mut verdict);
    operations::acknowledgements(history, &logs, &places, &mut verdict);
    operations::contradictions(history, &mut verdict);
    let spans = history.conversations.iter().zip(&logs);
    let spans: Vec<Spans> =
        spans.map(|(of, log)| log.as_ref().map_or_else(Spans::default, |log| Spans::new(of, log))).collect();
    // Whose view of a conversation lacks something, or has too much: what they made of it says no more.
    let mut broken = HashSet::new();
    for ((index, log), spans) in logs.iter().enumerate().zip(&spans) {
        let Some(log) = log else { continue };
        operations::holes(history, index, log, &places, &mut verdict);
        operations::real_time(history, index, log, &mut verdict);
        let wrong = views::judge(history, index, log, &places, spans, &mut verdict);
        broken.extend(wrong.into_iter().map(|person| (u32::try_from(index).unwrap_or(u32::MAX), person)));
    }
    let bad_moves = moves::judge(history, &logs, &spans, &mut verdict);
    for contradiction in &history.contradictions {
        if let Contradiction::Shown { conversation, person: who, how } = *contradiction
            && !bad_moves.contains(&(conversation, who))
        {
            let place = named(history, usize::try_from(conversation).unwrap_or(usize::MAX));
            verdict.leaked.add(|| format!("{place}: {} was shown: {how}", person(history, who)));
        }
    }
    let mut changes = Changes::new(history, &logs);
    changes.judge_log(&logs, &mut verdict);
    changes.judge_versions(&mut verdict);
    changes.judge_states(&spans, &broken, &mut verdict);
    changes.contradictions(&broken, &mut verdict);
    counts::judge(history, &logs, &spans, &mut verdict);
    blocking::judge(history, &mut verdict);
    verdict
}

/// A conversation in an example.
fn named(history: &History, conversation: usize) -> String {
    history
        .conversations
        .get(conversation)
        .map_or_else(|| "a conversation".to_owned(), |c| format!("conversation {}", c.id))
}

/// A person in an example.
fn person(history: &History, index: u32) -> &str {
    usize::try_from(index).ok().and_then(|index| history.people.get(index)).map_or("somebody", String::as_str)
}
