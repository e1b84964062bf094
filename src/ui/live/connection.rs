//! The connection to the gateway as a pure machine: what happened goes in, what to do comes out.
//!
//! offline → connecting → identifying → ready, plus waiting (PROTOCOL "The client"). It owns when to
//! connect, heartbeat, probe, give up and come back; it never touches a socket, a clock or chance, all of
//! which it is given. Times are milliseconds of a clock that only goes forward. After
//! [`Output::CloseSocket`] the driver passes on nothing more of that socket, and after [`Output::FetchToken`] the
//! answer to that question only. The driver adds the cursors to [`Output::SendIdentify`].

mod ends;
#[cfg(test)]
mod tests;
mod words;

pub use words::{Heard, Input, Output, TokenFailure};

use super::Link;
use super::backoff::part_ms;
use crate::protocol::limits::HEARTBEAT_MS;

/// From asking for a token to the first frame, and from there between two frames until READY: a network that
/// swallows everything says nothing by itself.
const CONNECT_MS: i64 = 15_000;
/// How long a probe may stay without an ACK.
const PROBE_MS: i64 = 5_000;
/// Two probes are at least so far apart: switching tabs quickly must not look like a flood.
const PROBE_GAP_MS: i64 = 2_000;
/// Tries while the browser says that it is offline, which it also says of a server on this very machine.
const OFFLINE_MS: i64 = 30_000;
/// A READY that lasts so long is a connection; one that dies sooner counts as one more failure.
const STEADY_MS: i64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Idle,
    AwaitingToken { give_up_ms: i64 },
    Connecting { token: String, give_up_ms: i64 },
    Identifying { give_up_ms: i64 },
    Ready,
    Waiting { until_ms: i64 },
    Ended,
}

/// The machine.
#[derive(Debug)]
pub struct Connection {
    phase: Phase,
    link: Link,
    offline: bool,
    /// Whether this page has tried before: only the first try takes the token that the page came with.
    tried: bool,
    /// Since the last READY that lasted.
    failures: u32,
    /// Of the failures, how often it fell behind: that says nothing against coming back at once, once.
    fell_behind: u32,
    ready_ms: i64,
    /// Whether a new token was asked for after one was refused; since the last READY.
    renewed: bool,
    heartbeat_ms: i64,
    beat_at_ms: i64,
    /// When the heartbeat that is not acknowledged makes this socket a dead one.
    ack_by_ms: Option<i64>,
    probed_ms: Option<i64>,
    /// When a probe is due that came too soon after another.
    probe_at_ms: Option<i64>,
    /// Until then the server asked to be left alone.
    not_before_ms: i64,
    out: Vec<Output>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            link: Link::Offline,
            offline: false,
            tried: false,
            failures: 0,
            fell_behind: 0,
            ready_ms: 0,
            renewed: false,
            heartbeat_ms: i64::from(HEARTBEAT_MS),
            beat_at_ms: 0,
            ack_by_ms: None,
            probed_ms: None,
            probe_at_ms: None,
            not_before_ms: 0,
            out: Vec::new(),
        }
    }
}

impl Connection {
    /// Takes what happened and says what to do, in order. `random` in 0..1, new each time.
    pub fn step(&mut self, input: Input, now_ms: i64, random: f64) -> Vec<Output> {
        match input {
            Input::Start if self.phase == Phase::Idle => self.connect(now_ms),
            _ if matches!(self.phase, Phase::Idle | Phase::Ended) => {}
            Input::Start => {}
            Input::Token(answer) => self.token(answer, now_ms, random),
            Input::Opened => self.opened(),
            Input::Frame(heard) => self.frame(heard, now_ms, random),
            Input::Closed(code) => self.closed(code, now_ms, random),
            Input::Tick => self.tick(now_ms, random),
            Input::Online => {
                self.offline = false;
                if matches!(self.phase, Phase::AwaitingToken { .. }) || (self.has_socket() && !self.is_ready()) {
                    self.set_link(Link::Connecting);
                }
                self.hasten(now_ms);
                self.wake(now_ms);
            }
            Input::Offline => {
                self.offline = true;
                self.lose(now_ms, random);
            }
            Input::Visible => self.wake(now_ms),
            Input::ClockJump => {
                self.hasten(now_ms);
                self.wake(now_ms);
            }
        }
        std::mem::take(&mut self.out)
    }

    /// When the next [`Input::Tick`] is due.
    #[must_use]
    pub fn due(&self) -> Option<i64> {
        match self.phase {
            Phase::Idle | Phase::Ended => None,
            Phase::AwaitingToken { give_up_ms } | Phase::Connecting { give_up_ms, .. } => Some(give_up_ms),
            Phase::Identifying { give_up_ms } => Some(give_up_ms),
            Phase::Ready => [self.ack_by_ms, self.probe_at_ms].into_iter().flatten().chain([self.beat_at_ms]).min(),
            Phase::Waiting { until_ms } => Some(until_ms),
        }
    }

    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }

    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// A token opens the gateway for a minute at most: each try but the first asks for one of its own, which also
    /// tells whether the server is there, and the session still alive.
    fn connect(&mut self, now_ms: i64) {
        let renew = std::mem::replace(&mut self.tried, true);
        self.phase = Phase::AwaitingToken { give_up_ms: now_ms + CONNECT_MS };
        self.set_link(Link::Connecting);
        self.out.push(Output::FetchToken { renew });
    }

    fn token(&mut self, answer: Result<String, TokenFailure>, now_ms: i64, random: f64) {
        let Phase::AwaitingToken { give_up_ms } = self.phase else { return };
        match answer {
            Ok(token) => {
                self.phase = Phase::Connecting { token, give_up_ms };
                self.out.push(Output::OpenSocket);
            }
            Err(TokenFailure::Ended) => self.end(),
            Err(TokenFailure::Unreachable) => self.lose(now_ms, random),
        }
    }

    fn opened(&mut self) {
        let Phase::Connecting { token, give_up_ms } = &mut self.phase else { return };
        let token = std::mem::take(token);
        self.phase = Phase::Identifying { give_up_ms: *give_up_ms };
        self.out.push(Output::SendIdentify(token));
    }

    fn frame(&mut self, heard: Heard, now_ms: i64, random: f64) {
        if !self.has_socket() {
            return;
        }
        if let Phase::Identifying { give_up_ms } = &mut self.phase {
            // READY may come in many parts: while they come, the network swallows nothing.
            *give_up_ms = now_ms + CONNECT_MS;
        }
        match heard {
            Heard::Hello { heartbeat_ms } => {
                self.heartbeat_ms = i64::from(heartbeat_ms).max(1_000);
            }
            Heard::Ready if matches!(self.phase, Phase::Identifying { .. }) => {
                self.phase = Phase::Ready;
                self.ready_ms = now_ms;
                self.renewed = false;
                self.not_before_ms = 0;
                self.ack_by_ms = None;
                self.probe_at_ms = None;
                self.beat_at_ms = now_ms + part_ms(self.heartbeat_ms, random);
                self.offline = false;
                self.set_link(Link::Ready);
                self.out.push(Output::Resumed);
            }
            Heard::HeartbeatAck => self.ack_by_ms = None,
            Heard::Reconnect { after_ms } => {
                let after_ms = i64::from(after_ms);
                self.forgive(now_ms);
                self.drop_socket();
                self.not_before_ms = now_ms + after_ms + part_ms(after_ms, random);
                self.wait(self.not_before_ms);
            }
            Heard::InvalidCreds => self.refused(now_ms),
            Heard::Error { retry_after_ms } => {
                self.not_before_ms = self.not_before_ms.max(now_ms + retry_after_ms.map_or(0, i64::from));
            }
            Heard::Ready | Heard::Other => {}
        }
    }

    fn tick(&mut self, now_ms: i64, random: f64) {
        if self.due().is_none_or(|due| due > now_ms) {
            return;
        }
        match self.phase {
            Phase::Waiting { .. } => self.connect(now_ms),
            Phase::Ready if self.ack_by_ms.is_some_and(|by| by <= now_ms) => self.lose(now_ms, random),
            Phase::Ready if self.probe_at_ms.is_some_and(|at| at <= now_ms) => self.probe(now_ms),
            Phase::Ready => self.beat(now_ms, self.heartbeat_ms),
            _ => self.lose(now_ms, random),
        }
    }

    /// Something says that the world may have changed: find out now whether the connection lives.
    fn wake(&mut self, now_ms: i64) {
        match self.phase {
            Phase::Waiting { .. } if now_ms >= self.not_before_ms => self.connect(now_ms),
            // The ACK of a probe just before says nothing of what happened since: one more, when it may be.
            Phase::Ready => match self.probed_ms.map(|at| at + PROBE_GAP_MS) {
                Some(from_ms) if now_ms < from_ms => self.probe_at_ms = Some(from_ms),
                _ => self.probe(now_ms),
            },
            _ => {}
        }
    }

    fn probe(&mut self, now_ms: i64) {
        self.probed_ms = Some(now_ms);
        self.probe_at_ms = None;
        self.beat(now_ms, PROBE_MS);
    }

    /// The network is another one, or stood still: what was begun over it need not be waited for as long as usual.
    fn hasten(&mut self, now_ms: i64) {
        if let Phase::AwaitingToken { give_up_ms }
        | Phase::Connecting { give_up_ms, .. }
        | Phase::Identifying { give_up_ms } = &mut self.phase
        {
            *give_up_ms = (*give_up_ms).min(now_ms + PROBE_MS);
        }
    }

    fn beat(&mut self, now_ms: i64, ack_in_ms: i64) {
        let ack_by_ms = now_ms + ack_in_ms;
        self.ack_by_ms = Some(self.ack_by_ms.map_or(ack_by_ms, |by| by.min(ack_by_ms)));
        self.beat_at_ms = now_ms + self.heartbeat_ms;
        self.out.push(Output::SendHeartbeat);
    }
}
