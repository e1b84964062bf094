//! A lane of a writer: one post under way after the other, each until its outcome is known.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::back_off::BackOff;
use super::changing;
use super::counters::count;
use super::shared::{Phase, Shared, abandons, is_draining, locked, seq};
use crate::client::{Client, Outcome, decoded};
use crate::frames::Posted;
use crate::history::Op;
use crate::http::{Answer, field};
use crate::stamp::OpId;

/// After so long a post that is doubled on purpose is sent once more.
const LATER: Duration = Duration::from_secs(1);

/// How it ended for one of the requests that carry a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Acknowledged,
    /// With this 4xx, and no try of a valid post was left without an answer before.
    Refused(u16),
    /// Unknown, and not tried any more.
    Abandoned,
    /// Tried until the run's patience ended.
    Unanswered,
}

/// A post and the form that carries it.
struct Draft {
    id: OpId,
    op: Op,
    form: String,
}

pub(super) struct Lane {
    shared: Arc<Shared>,
    writer: usize,
    client: Client,
    /// Carries what is sent twice at once; opened with the first.
    second: Option<Client>,
    /// What is sent once more, and when.
    later: VecDeque<(Instant, Draft)>,
    phases: watch::Receiver<Phase>,
}

impl Lane {
    pub(super) fn new(shared: Arc<Shared>, writer: usize) -> Self {
        let (client, phases) = (shared.client(writer), shared.phase.subscribe());
        Self { shared, writer, client, second: None, later: VecDeque::new(), phases }
    }

    /// Writes until the run drains, a post each `interval` where there is one.
    pub(super) async fn run(mut self, interval: Option<Duration>) {
        if self.shared.memberships[self.writer].is_empty() {
            return;
        }
        let mut due = Instant::now() + interval.unwrap_or_default().mul_f64(fastrand::f64());
        loop {
            if let Some(interval) = interval {
                tokio::select! {
                    () = tokio::time::sleep_until(due.into()) => {}
                    _ = self.phases.wait_for(|phase| is_draining(*phase)) => {}
                }
                // What was missed while the server was away is not made up for.
                due = (due + interval).max(Instant::now());
            }
            let phase = self.phases.wait_for(|phase| *phase != Phase::Paused).await.map(|phase| *phase);
            if !phase.is_ok_and(|phase| phase == Phase::Writing) {
                break;
            }
            self.act(None).await;
        }
        self.end().await;
    }

    /// One operation: a post, or a change of a message, to `conversation` or to one of the writer's. In a conversation
    /// that they came to, of their own messages from `own_from` on alone.
    pub(super) async fn act(&mut self, into: Option<(u32, u32)>) {
        if self.later.front().is_some_and(|(at, _)| *at <= Instant::now())
            && let Some((_, draft)) = self.later.pop_front()
        {
            self.send_again(&draft).await;
        }
        if fastrand::f64() < self.shared.plan.change_share && self.change(into).await {
            return;
        }
        self.post(into.map(|(conversation, _)| conversation)).await;
    }

    /// Changes a message; whether there was one to change.
    async fn change(&mut self, into: Option<(u32, u32)>) -> bool {
        let theirs = &self.shared.memberships[self.writer];
        let conversation =
            into.map_or_else(|| theirs[fastrand::usize(..theirs.len())], |(conversation, _)| conversation);
        let own_from = into.map(|(_, own_from)| own_from);
        let job = locked(&self.shared.targets[conversation as usize]).take(self.writer, own_from);
        let Some(job) = job else { return false };
        changing::change(&self.shared, &mut self.client, &mut self.phases, self.writer, conversation, job).await;
        true
    }

    /// Sends again what is still to be sent again.
    pub(super) async fn end(&mut self) {
        while let Some((_, draft)) = self.later.pop_front() {
            self.send_again(&draft).await;
        }
    }

    /// Sends what was acknowledged once more.
    async fn send_again(&mut self, draft: &Draft) {
        let settled = send(&self.shared, &mut self.client, &mut self.phases, draft, false).await;
        if let Settled::Refused(status) = settled {
            self.shared.contradicted(draft.id, status);
        }
    }

    async fn post(&mut self, conversation: Option<u32>) {
        let plan = &self.shared.plan;
        let (id, op) = self.shared.invoke(self.writer, conversation);
        let doubled = plan.duplicate_every > 0 && (id.n + 1).is_multiple_of(plan.duplicate_every);
        let draft = self.draft(id, op);
        let settled = if doubled {
            let second = self.second.get_or_insert_with(|| self.shared.client(self.writer));
            let mut phases = self.phases.clone();
            let (one, other) = tokio::join!(
                send(&self.shared, &mut self.client, &mut self.phases, &draft, false),
                send(&self.shared, second, &mut phases, &draft, false)
            );
            [one, other]
        } else {
            let one = send(&self.shared, &mut self.client, &mut self.phases, &draft, true).await;
            [one, one]
        };
        match settled {
            [Settled::Refused(_), Settled::Refused(status)] => {
                self.shared.failed(id, status);
                let tally = &self.shared.tally;
                count(if op.must_be_refused { &tally.refused_rightly } else { &tally.refused });
            }
            [Settled::Refused(status), _] | [_, Settled::Refused(status)] => self.shared.contradicted(id, status),
            _ => {}
        }
        if settled.contains(&Settled::Abandoned) {
            self.shared.abandoned(id);
        }
        if doubled && !op.must_be_refused && settled.contains(&Settled::Acknowledged) {
            self.later.push_back((Instant::now() + LATER, draft));
        }
    }

    fn draft(&self, id: OpId, op: Op) -> Draft {
        let stamp = self.shared.stamp;
        let content = if op.must_be_refused { stamp.invalid_content(id) } else { stamp.content(id) };
        let conversation = locked(&self.shared.conversations[op.conversation as usize]).id;
        let mut form = String::with_capacity(content.len() * 2 + 96);
        field(&mut form, "conversation_id", &conversation.to_string());
        field(&mut form, "nonce", &stamp.nonce(id));
        field(&mut form, "content", &content);
        Draft { id, op, form }
    }
}

/// Sends a post until its outcome is known. Where the plan says so and `may_abandon`, one that was left without an
/// answer is not tried again.
async fn send(
    shared: &Shared,
    client: &mut Client,
    phases: &mut watch::Receiver<Phase>,
    draft: &Draft,
    may_abandon: bool,
) -> Settled {
    let mut back_off = BackOff::new(&shared.plan);
    let mut unsure = false;
    loop {
        match client.ask("message-post", &draft.form).await {
            Outcome::Answered(answer) if answer.status == 200 => {
                if let Ok(Posted { conversation_id, seq: at, nonce }) = decoded(&answer) {
                    shared.acknowledged(draft.id, &draft.op, conversation_id, &nonce, seq(at));
                    return Settled::Acknowledged;
                }
                unsure = true;
                count(&shared.tally.unknown);
            }
            Outcome::Answered(Answer { status: 429, .. }) => count(&shared.tally.limited),
            // It may be in the log by then. What must be refused may not, however often it was tried.
            Outcome::Answered(Answer { status, .. }) if unsure && !draft.op.must_be_refused => {
                shared.contradicted(draft.id, status);
                return Settled::Abandoned;
            }
            Outcome::Answered(Answer { status, .. }) => return Settled::Refused(status),
            Outcome::Unknown(_) => {
                count(&shared.tally.unknown);
                if !unsure && may_abandon && !draft.op.must_be_refused && abandons(shared) {
                    return Settled::Abandoned;
                }
                unsure = true;
            }
            Outcome::Away(_) => {}
        }
        if let Phase::Draining(until) = *phases.borrow()
            && Instant::now() >= until
        {
            return Settled::Unanswered;
        }
        back_off.wait(phases).await;
    }
}
