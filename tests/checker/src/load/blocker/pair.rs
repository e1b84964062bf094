//! The two between whom it is, and what they ask for until it is answered.

use std::sync::Arc;
use std::time::Instant;

use serde::de::DeserializeOwned;
use tokio::sync::watch::Receiver;

use super::written::{Kind, Written};
use super::{BLOCKED, BLOCKER};
use crate::client::{Client, Outcome, decoded};
use crate::frames::{MessagePage, Posted};
use crate::history::{Blocking, Contradiction};
use crate::http::{Answer, field};
use crate::load::back_off::BackOff;
use crate::load::counters::count;
use crate::load::shared::{Phase, Shared, locked, seq};

/// Who of the two asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Blocker,
    Other,
}

pub(super) struct Pair {
    shared: Arc<Shared>,
    pub(super) blocker: Client,
    other: Client,
    phases: Receiver<Phase>,
    /// Messages that the other has written.
    written: u32,
}

/// Notes what went wrong between the two.
pub(super) fn found(shared: &Shared, fault: Blocking) {
    let (blocker, other) = (seq(BLOCKER as i64), seq(BLOCKED as i64));
    locked(&shared.contradictions).push(Contradiction::Blocking { blocker, other, fault });
}

impl Pair {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let (blocker, other) = (shared.client(BLOCKER), shared.client(BLOCKED));
        let phases = shared.phase.subscribe();
        Self { shared, blocker, other, phases, written: 0 }
    }

    pub(super) fn found(&self, fault: Blocking) {
        found(&self.shared, fault);
    }

    pub(super) fn found_refused(&self, function: &'static str, refused: Option<u16>) {
        if let Some(status) = refused {
            self.found(Blocking::Refused { function, status });
        }
    }

    /// Asks until it is answered; with it, whether a try before was left without an answer. Or why there is none: it was
    /// refused with this 4xx, or the run's patience ended.
    pub(super) async fn tried<T: DeserializeOwned>(
        &mut self,
        side: Side,
        function: &'static str,
        form: &str,
    ) -> Result<(T, bool), Option<u16>> {
        let mut back_off = BackOff::new(&self.shared.plan);
        let mut is_unsure = false;
        loop {
            let client = if side == Side::Blocker { &mut self.blocker } else { &mut self.other };
            let mut is_limited = false;
            match client.ask(function, form).await {
                Outcome::Answered(answer) if answer.status == 200 => {
                    if let Ok(answer) = decoded(&answer) {
                        return Ok((answer, is_unsure));
                    }
                    is_unsure = true;
                    count(&self.shared.tally.unknown);
                }
                Outcome::Answered(Answer { status: 429, .. }) => {
                    is_limited = true;
                    count(&self.shared.tally.limited);
                }
                Outcome::Answered(Answer { status, .. }) => return Err(Some(status)),
                Outcome::Unknown(_) => {
                    is_unsure = true;
                    count(&self.shared.tally.unknown);
                }
                Outcome::Away(_) => {}
            }
            if let Phase::Draining(until) = *self.phases.borrow()
                && Instant::now() >= until
            {
                // Told to wait to the end is answered, too.
                if !is_limited {
                    self.found(Blocking::Unanswered { function });
                }
                return Err(None);
            }
            back_off.wait(&mut self.phases).await;
        }
    }

    /// The other writes to the blocker. With it, where that is.
    pub(super) async fn write(&mut self, kind: Kind) -> Option<(Written, i64)> {
        let n = self.written;
        self.written += 1;
        let mut message = Written::new(self.shared.stamp, kind, n);
        let mut form = String::new();
        field(&mut form, "target_id", &self.shared.people[BLOCKER].name);
        field(&mut form, "nonce", &message.nonce);
        field(&mut form, "content", &message.content);
        match self.tried::<Posted>(Side::Other, "message-post", &form).await {
            Ok((posted, _)) => {
                message.seq = posted.seq;
                Some((message, posted.conversation_id))
            }
            Err(refused) => {
                self.found_refused("message-post", refused);
                None
            }
        }
    }

    /// The other writes for the first time, so that there is a conversation: which one, and who the other is there.
    pub(super) async fn open(&mut self) -> Option<(i64, i64)> {
        let (first, conversation) = self.write(Kind::Heard).await?;
        let form = format!("conversation_id={conversation}&after={}&limit=1", first.seq - 1);
        // The other asks: the blocker may have blocked them since a run before.
        match self.tried::<MessagePage>(Side::Other, "message-list", &form).await {
            Ok((page, _)) => page.messages.first().map(|message| (conversation, message.author.id)),
            Err(refused) => {
                self.found_refused("message-list", refused);
                None
            }
        }
    }
}
