//! Sending a change of a message until its outcome is known.

use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::sync::watch;

use super::back_off::BackOff;
use super::counters::count;
use super::replica::agree;
use super::shared::{Phase, Shared, abandons, locked, seq};
use super::shown::Effect;
use super::targets::Job;
use crate::client::{Client, Outcome as Answered, decoded};
use crate::frames::{Edits, Message, MessagePage};
use crate::history::{Change, Contradiction, Kind, Outcome};
use crate::http::{Answer, field};
use crate::stamp::{ChangeId, EMOJI};

/// Every so many-th message that was deleted is looked for where it might still be.
const LOOKED_FOR: usize = 2;

/// Changes a message. Where the plan says so, a change that is left without an answer is not tried again.
pub(super) async fn change(
    shared: &Shared,
    client: &mut Client,
    phases: &mut watch::Receiver<Phase>,
    writer: usize,
    conversation: u32,
    job: Job,
) {
    let (number, mut change) = shared.invoke_change(writer, conversation, &job);
    let (function, form) = form(shared, number, &change);
    let mut back_off = BackOff::new(&shared.plan);
    loop {
        match client.ask(function, &form).await {
            Answered::Answered(answer) if answer.status == 200 => {
                if let Ok(message) = decoded::<Message>(&answer) {
                    acknowledged(shared, &mut change, writer, &message);
                    break;
                }
                change.is_retried = true;
                count(&shared.tally.unknown);
            }
            Answered::Answered(Answer { status: 429, .. }) => count(&shared.tally.limited),
            Answered::Answered(Answer { status, .. }) => {
                change.answered_us = shared.now_us();
                change.refused = Some(status);
                change.outcome = if change.is_retried { Outcome::Abandoned } else { Outcome::Failed { status } };
                break;
            }
            Answered::Unknown(_) => {
                count(&shared.tally.unknown);
                if !change.is_retried && abandons(shared) {
                    change.outcome = Outcome::Abandoned;
                    break;
                }
                change.is_retried = true;
            }
            Answered::Away(_) => {}
        }
        if let Phase::Draining(until) = *phases.borrow()
            && Instant::now() >= until
        {
            break;
        }
        back_off.wait(phases).await;
    }
    let is_acknowledged = matches!(change.outcome, Outcome::Acknowledged { .. });
    let sure = !change.is_retried && is_acknowledged;
    locked(&shared.changes[writer])[number.n as usize] = change;
    locked(&shared.targets[conversation as usize]).settle(writer, &job, sure);
    if job.kind == Kind::Delete
        && is_acknowledged
        && shared.deleted.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOKED_FOR)
    {
        look_for(shared, client, writer, &change).await;
    }
}

fn form(shared: &Shared, number: ChangeId, change: &Change) -> (&'static str, String) {
    let id = locked(&shared.conversations[change.conversation as usize]).id;
    let mut form = format!("conversation_id={id}&seq={}", change.of);
    let function = match change.kind {
        Kind::Edit => {
            field(&mut form, "content", &shared.stamp.edited(change.target, number));
            "message-edit"
        }
        Kind::Delete => "message-delete",
        Kind::React { emoji, on } => {
            field(&mut form, "emoji", EMOJI[usize::from(emoji)]);
            if on { "reaction-add" } else { "reaction-remove" }
        }
    };
    (function, form)
}

/// The answer is the message as it stands then: one more view of that version.
fn acknowledged(shared: &Shared, change: &mut Change, writer: usize, message: &Message) {
    let version = seq(message.version);
    change.answered_us = shared.now_us();
    change.outcome = Outcome::Acknowledged { seq: version, at_us: change.answered_us };
    count(&shared.tally.changed);
    match shared.listed(message).effect {
        Effect::Stands { of, state } if of == change.of => {
            // The judge finds one that is none.
            if state.version > of {
                agree(shared, change.conversation, of, state, seq(writer as i64));
            }
        }
        _ => {
            let person = seq(writer as i64);
            let how = "the answer to a change of another message";
            let shown = Contradiction::Shown { conversation: change.conversation, person, how };
            locked(&shared.contradictions).push(shown);
        }
    }
}

/// What is deleted is in no list and in no history any more.
async fn look_for(shared: &Shared, client: &mut Client, writer: usize, change: &Change) {
    let Change { conversation, of, .. } = *change;
    let id = locked(&shared.conversations[conversation as usize]).id;
    let around = format!("conversation_id={id}&around={of}&limit=2");
    let mut is_there = false;
    if let Answered::Answered(answer) = client.ask("message-list", &around).await
        && let Ok(page) = decoded::<MessagePage>(&answer)
    {
        is_there |= page.messages.iter().any(|m| seq(m.seq) == of && !(m.deleted && m.content.is_empty()));
    }
    if let Answered::Answered(answer) = client.ask("message-history", &format!("conversation_id={id}&seq={of}")).await
        && let Ok(history) = decoded::<Edits>(&answer)
    {
        is_there |= history.edits.iter().any(|edit| !edit.content.is_empty());
    }
    if is_there {
        let person = seq(writer as i64);
        locked(&shared.contradictions).push(Contradiction::Revived { conversation, of, person });
    }
}
