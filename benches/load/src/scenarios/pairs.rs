//! 200 users in pairs, each posting to the other with a number of messages in flight.
//!
//! A lane is one message in flight: it posts its next once its last is acknowledged. In a closed loop it does so at
//! once, in an open one when its time has come; then the latency runs from that time, however late the lane was free.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, in_time};
use crate::engine::{Arrival, Link, Sends};
use crate::order::{Faults, Order};
use crate::peer::{Heard, Peer, Post, Target, User};
use crate::stats::{Syncs, Window, figure, percentile_ms};
use crate::{Error, Result, mark};

pub const USERS: u32 = 200;
const WARM_UP: Duration = Duration::from_secs(1);
/// Who has not begun by then never will.
const SLOWEST_START: Duration = Duration::from_secs(60);
/// What is still under way at the end is lost once nothing arrived for so long.
const DRAIN: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Lane {
    user: User,
    link: Link,
    /// In an open loop: when the messages that wait were due.
    due: VecDeque<Instant>,
    busy: bool,
    next: u32,
    /// Number and intended time of what the receiver has not got.
    out: VecDeque<(u32, Instant)>,
    received: Order,
}

struct Pairs<'a> {
    peer: &'a dyn Peer,
    tokens: &'a [String],
    in_flight: usize,
    open: bool,
    stopped: bool,
    lanes: Vec<Lane>,
    /// The lane whose requests go over a link.
    lane_of: Vec<usize>,
    sent: u64,
    acknowledged: u64,
    received: u64,
    faults: Faults,
    latencies: Vec<Duration>,
}

impl Pairs<'_> {
    fn send(&mut self, sends: &mut Sends, number: usize, intended: Instant) {
        let lane = &mut self.lanes[number];
        let content = mark::content(number, lane.next);
        lane.out.push_back((lane.next, intended));
        lane.next += 1;
        lane.busy = true;
        self.sent += 1;
        // The other one of the pair: 1 and 2, 3 and 4, …
        let partner = Target::User(((lane.user - 1) ^ 1) + 1);
        let own = u32::try_from(number % self.in_flight).expect("few lanes");
        match self.peer.post(lane.user, &self.tokens[lane.user as usize - 1], partner, &content, own) {
            Post::Request(request) => sends.request(lane.link, &request),
            Post::Text(text) => sends.text(lane.link, &text),
        }
    }

    fn all_begun(&self) -> bool {
        self.lanes.iter().all(|lane| lane.next > 1)
    }

    fn acknowledge(&mut self, sends: &mut Sends, number: usize) {
        self.acknowledged += 1;
        let lane = &mut self.lanes[number];
        lane.busy = false;
        if !self.peer.delivers()
            && let Some((_, intended)) = lane.out.pop_front()
        {
            self.received += 1;
            self.latencies.push(intended.elapsed());
        }
        let next = if self.open { lane.due.pop_front() } else { Some(Instant::now()) };
        if let (false, Some(intended)) = (self.stopped, next) {
            self.send(sends, number, intended);
        }
    }

    fn receive(&mut self, sends: &mut Sends, user: User, text: &[u8]) -> Result<()> {
        let (number, count) = mark::read(text)?;
        let lane = self.lanes.get_mut(number).ok_or("a message of no lane")?;
        // One's own echo is not a delivery.
        if lane.user == user || !lane.received.take(count, &mut self.faults) {
            return Ok(());
        }
        self.received += 1;
        if let Some(at) = lane.out.iter().position(|(number, _)| *number == count)
            && let Some((_, intended)) = lane.out.remove(at)
        {
            self.latencies.push(intended.elapsed());
        }
        if !self.peer.acknowledges() {
            self.acknowledge(sends, number);
        }
        Ok(())
    }

    fn handle(&mut self, sends: &mut Sends, users: &[User], link: Link, arrival: Arrival<'_>) -> Result<()> {
        match arrival {
            Arrival::Answer { status: 200, .. } => self.acknowledge(sends, self.lane_of[link]),
            Arrival::Answer { status, body, .. } => {
                let body = String::from_utf8_lossy(body);
                return Err(Error::from(format!("a post was answered with {status}: {body}")));
            }
            Arrival::Text(text) => match self.peer.heard(text) {
                Heard::Message => self.receive(sends, users[link], text)?,
                Heard::Acknowledged(own) => {
                    let number = (users[link] as usize - 1) * self.in_flight + own as usize;
                    self.acknowledge(sends, number);
                }
                Heard::Reply(reply) => sends.text(link, reply),
                _ => {}
            },
            Arrival::Opened => {}
        }
        Ok(())
    }
}

/// What a run is for.
pub enum Loop {
    /// As fast as it goes.
    Closed,
    /// So many messages a second in all.
    Open(f64),
    /// As fast as it goes while the server's syncs are counted, which slows it: nothing else is told of it.
    Syncs,
}

pub fn run(peer: &dyn Peer, in_flight: usize, kind: &Loop, measured: Duration) -> Result<()> {
    let rate = if let Loop::Open(rate) = kind { Some(*rate) } else { None };
    let mut crowd = Crowd::gather(peer, USERS, peer.delivers())?;
    let by_request = matches!(peer.post(1, "", Target::User(2), "", 0), Post::Request(_));
    let mut lanes = Vec::new();
    let mut lane_of = vec![0; crowd.users.len()];
    for user in 1..=USERS {
        for _ in 0..in_flight {
            let link = if by_request { crowd.request_link()? } else { crowd.sockets[user as usize - 1] };
            lane_of.resize(crowd.users.len(), lanes.len());
            lanes.push(Lane { user, link, ..Lane::default() });
        }
    }
    let Crowd { mut engine, tokens, users, .. } = crowd;
    let mut pairs = Pairs {
        peer,
        tokens: &tokens,
        in_flight,
        open: rate.is_some(),
        stopped: false,
        lanes,
        lane_of,
        sent: 0,
        acknowledged: 0,
        received: 0,
        faults: Faults::default(),
        latencies: Vec::new(),
    };
    if rate.is_none() {
        for lane in 0..pairs.lanes.len() {
            pairs.send(engine.sends(), lane, Instant::now());
        }
    }
    let began = Instant::now();
    let (mut window, mut syncs) = (None, None);
    let (mut scheduled, mut before) = (0_u64, 0);
    loop {
        let now = Instant::now();
        // In a closed loop every lane has had its first turn by then, and so every connection stands.
        if window.is_none() && now - began >= WARM_UP && (rate.is_some() || pairs.all_begun()) {
            if let Loop::Syncs = kind {
                syncs = Some(Syncs::count(peer.process().id())?);
            }
            window = Some(Window::open(peer.process())?);
            before = pairs.received;
            pairs.latencies.clear();
        }
        if window.as_ref().is_some_and(|window: &Window| window.age() >= measured) {
            break;
        }
        if window.is_none() {
            in_time(began + SLOWEST_START, "the first message of every lane")?;
        }
        if let Some(rate) = rate {
            while scheduled as f64 / rate <= (now - began).as_secs_f64() {
                let lane = scheduled as usize % pairs.lanes.len();
                let intended = began + Duration::from_secs_f64(scheduled as f64 / rate);
                if pairs.lanes[lane].busy {
                    pairs.lanes[lane].due.push_back(intended);
                } else {
                    pairs.send(engine.sends(), lane, intended);
                }
                scheduled += 1;
            }
        }
        let timeout = Duration::from_millis(if rate.is_some() { 1 } else { 50 });
        engine.turn(timeout, |sends, link, arrival| pairs.handle(sends, &users, link, arrival))?;
    }
    let use_ = window.ok_or("nothing was measured")?.close(peer.process())?;
    let messages = pairs.received - before;
    let syncs = syncs.map(Syncs::end).transpose()?;
    let mut latencies = std::mem::take(&mut pairs.latencies);
    pairs.stopped = true;
    let (mut arrived, mut last) = (0, Instant::now());
    while pairs.acknowledged.min(pairs.received) < pairs.sent && last.elapsed() < DRAIN {
        if pairs.acknowledged + pairs.received > arrived {
            (arrived, last) = (pairs.acknowledged + pairs.received, Instant::now());
        }
        engine.turn(Duration::from_millis(50), |sends, link, arrival| pairs.handle(sends, &users, link, arrival))?;
    }
    latencies.sort_unstable();
    let name = match rate {
        None => format!("pairs-{in_flight}"),
        Some(rate) => format!("open-{rate:.0}"),
    };
    let figure = |what: &str, value: f64| figure(peer.name(), &format!("{name} {what}"), value);
    if let Some(syncs) = syncs {
        figure("syncs a message", syncs as f64 / messages as f64);
        return Ok(());
    }
    figure("messages/s", messages as f64 / use_.took_s);
    figure("p50 ms", percentile_ms(&latencies, 0.5));
    figure("p99 ms", percentile_ms(&latencies, 0.99));
    figure("CPU µs", use_.server_cpu_s * 1e6 / messages as f64);
    use_.tell(peer.name(), &name);
    let lost = pairs.sent - pairs.received.min(pairs.sent);
    let Faults { doubled, out_of_order } = pairs.faults;
    if lost + doubled + out_of_order > 0 {
        return Err(format!("{name}: lost {lost}, doubled {doubled}, out of order {out_of_order}").into());
    }
    Ok(())
}
