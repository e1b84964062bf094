//! Somebody who comes to a group and goes from it, writes while they are in it, and looks from outside in between.
//!
//! One after the other, so that it is known where they are: a move is tried until it is answered. A request that was left
//! without an answer may still be carried out later; it does no harm while nothing else moves the person, so they rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::back_off::BackOff;
use super::counters::count;
use super::places::{Group, Standing};
use super::shared::{Phase, Shared, is_draining, locked, seq};
use super::writer::Lane;
use crate::client::{Client, Outcome};
use crate::history::{Contradiction, Move};
use crate::http::{Answer, field};
use crate::socket::Socket;

/// Longer than a machine may sleep with a request that it has taken, and wake up.
pub(super) const REST: Duration = Duration::from_secs(150);

pub(super) struct Comer {
    shared: Arc<Shared>,
    group: Group,
    id: i64,
    person: usize,
    own: Client,
    manager: Client,
    lane: Lane,
    phases: watch::Receiver<Phase>,
    /// Their first post of this time.
    own_from: u32,
    rests_until: Option<Instant>,
}

impl Comer {
    pub(super) fn new(shared: Arc<Shared>, group: &Group, person: usize) -> Self {
        let id = locked(&shared.conversations[group.conversation as usize]).id;
        let (own, manager) = (shared.client(person), shared.client(group.manager));
        let (lane, phases) = (Lane::new(shared.clone(), person), shared.phase.subscribe());
        let group = group.clone();
        Self { shared, group, id, person, own, manager, lane, phases, own_from: 0, rests_until: None }
    }

    pub(super) async fn run(mut self) {
        let every = self.shared.plan.move_every;
        loop {
            tokio::select! {
                () = tokio::time::sleep(every.mul_f64(0.5 + fastrand::f64())) => {}
                // The sender lives as long as the run.
                _ = self.phases.wait_for(|phase| is_draining(*phase)) => break,
            }
            let phase = self.phases.wait_for(|phase| *phase != Phase::Paused).await.map(|phase| *phase);
            if !phase.is_ok_and(|phase| phase == Phase::Writing) {
                break;
            }
            if !self.shared.is_told(self.person) || self.rests_until.is_some_and(|until| Instant::now() < until) {
                continue;
            }
            if self.stands() == Standing::In {
                for _ in 0..fastrand::u8(0..3) {
                    self.lane.act(Some((self.group.conversation, self.own_from))).await;
                }
                self.go().await;
            } else {
                self.come().await;
            }
            if self.stands() == Standing::Unsure {
                break;
            }
        }
        self.lane.end().await;
    }

    fn stands(&self) -> Standing {
        self.shared.stands(self.group.conversation, self.person)
    }

    /// Leaves, or is removed.
    async fn go(&mut self) {
        let user = locked(&self.shared.ids)[self.person];
        let form = format!("conversation_id={}&user_id={user}", self.id);
        let by_manager = fastrand::bool();
        if self.moves(by_manager, "member-remove", &form, false).await {
            self.look_from_outside().await;
        }
    }

    async fn come(&mut self) {
        let mut form = format!("conversation_id={}", self.id);
        field(&mut form, "members", &self.shared.people[self.person].name);
        self.own_from = seq(locked(&self.shared.ops[self.person]).len() as i64);
        self.moves(true, "member-add", &form, true).await;
    }

    /// Moves the person and notes where they are then; whether that was acknowledged.
    async fn moves(&mut self, by_manager: bool, function: &str, form: &str, is_in: bool) -> bool {
        let (conversation, person) = (self.group.conversation, self.person);
        let mut back_off = BackOff::new(&self.shared.plan);
        let (mut unsure, mut refused, mut is_acknowledged) = (false, None, false);
        loop {
            let client = if by_manager { &mut self.manager } else { &mut self.own };
            match client.ask(function, form).await {
                Outcome::Answered(Answer { status: 200, .. }) => {
                    is_acknowledged = true;
                    break;
                }
                Outcome::Answered(Answer { status: 429, .. }) => count(&self.shared.tally.limited),
                // Whoever has left already is no member that could leave.
                Outcome::Answered(Answer { status: 404, .. }) if unsure && !is_in && !by_manager => {
                    is_acknowledged = true;
                    break;
                }
                Outcome::Answered(Answer { status, .. }) => {
                    refused = Some(status);
                    break;
                }
                Outcome::Unknown(_) => {
                    count(&self.shared.tally.unknown);
                    unsure = true;
                }
                Outcome::Away(_) => {}
            }
            if let Phase::Draining(until) = *self.phases.borrow()
                && Instant::now() >= until
            {
                break;
            }
            back_off.wait(&mut self.phases).await;
        }
        let standing = match (is_acknowledged, is_in) {
            (false, _) => Standing::Unsure,
            (true, true) => Standing::In,
            (true, false) => Standing::Out,
        };
        self.rests_until = unsure.then(|| Instant::now() + REST);
        locked(&self.shared.standings).insert((conversation, person), standing);
        let person = seq(person as i64);
        let read_seq = match self.own.conversation(self.id).await {
            Ok(found) if standing == Standing::In => Some(found.read_seq),
            _ => None,
        };
        locked(&self.shared.moves).push(Move { conversation, person, is_in, is_acknowledged, refused, read_seq });
        if is_acknowledged {
            count(&self.shared.tally.moved);
        }
        is_acknowledged
    }

    /// Who is not in it finds nothing of it, whatever they ask.
    async fn look_from_outside(&mut self) {
        let id = self.id;
        let nonce = format!("outside-{:08x}-{:016x}", self.shared.stamp.0, fastrand::u64(..));
        let asks = [
            ("message-list", String::new()),
            ("event-list", "&after=0".to_owned()),
            ("member-list", String::new()),
            ("conversation", String::new()),
            ("reader-list", String::new()),
            ("read-mark", "&seq=1".to_owned()),
            ("message-post", format!("&content=outside&nonce={nonce}")),
        ];
        for (function, rest) in asks {
            let answer = self.own.ask(function, &format!("conversation_id={id}{rest}")).await;
            if matches!(answer, Outcome::Answered(Answer { status, .. }) if status != 404 && status != 429) {
                return self.shown(function);
            }
        }
        let (address, source) = (self.shared.site.address(fastrand::usize(..1 << 16)), self.shared.source());
        let silence = self.shared.plan.socket_silence;
        if let Ok((_socket, ready)) = Socket::open(&mut self.own, &address, source, None, silence, false).await
            && ready.marks.iter().any(|(named, ..)| *named == id)
        {
            self.shown("READY");
        }
    }

    fn shown(&self, how: &'static str) {
        let (conversation, person) = (self.group.conversation, seq(self.person as i64));
        locked(&self.shared.contradictions).push(Contradiction::Shown { conversation, person, how });
    }
}
