//! Users in pairs and their lanes. A lane is one message in flight: it posts its next once its last is acknowledged. In a
//! closed loop it does so at once, in an open one when its time has come; then the latency runs from that time, however
//! late the lane was free.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, in_time};
use crate::engine::{Arrival, Engine, Link, Sends};
use crate::order::{Faults, Order};
use crate::peer::{Heard, Peer, Post, Target, User};
use crate::{Error, Result, mark};

pub const USERS: u32 = 200;
/// Who has not begun by then never will.
pub const SLOWEST_START: Duration = Duration::from_secs(60);
/// What is still under way is lost once nothing arrived for so long. A node looks every 10 s what its bus has lost.
const DRAIN: Duration = Duration::from_secs(15);

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

pub struct Pairs<'a> {
    peer: &'a dyn Peer,
    tokens: Vec<String>,
    in_flight: usize,
    open: bool,
    stopped: bool,
    /// Whose socket a link is.
    users: Vec<User>,
    lanes: Vec<Lane>,
    /// The lane whose requests go over a link.
    lane_of: Vec<usize>,
    /// Messages that an open loop has given to a lane.
    scheduled: u64,
    sent: u64,
    acknowledged: u64,
    pub received: u64,
    faults: Faults,
    pub latencies: Vec<Duration>,
}

impl<'a> Pairs<'a> {
    /// Connects the users and their lanes, and has each pair begin.
    pub fn gather(peer: &'a dyn Peer, in_flight: usize, open: bool) -> Result<(Engine, Self)> {
        let mut crowd = Crowd::gather(peer, USERS, peer.delivers())?;
        let by_request = matches!(peer.post(1, "", Target::User(2), "", 0), Post::Request(_));
        let mut lanes = Vec::new();
        let mut lane_of = vec![0; crowd.users.len()];
        for user in 1..=USERS {
            for _ in 0..in_flight {
                let link = if by_request { crowd.request_link(peer, user)? } else { crowd.sockets[user as usize - 1] };
                lane_of.resize(crowd.users.len(), lanes.len());
                lanes.push(Lane { user, link, ..Lane::default() });
            }
        }
        let Crowd { mut engine, tokens, users, .. } = crowd;
        let mut pairs = Self {
            peer,
            tokens,
            in_flight,
            open,
            stopped: false,
            users,
            lanes,
            lane_of,
            scheduled: 0,
            sent: 0,
            acknowledged: 0,
            received: 0,
            faults: Faults::default(),
            latencies: Vec::new(),
        };
        pairs.open_conversations(&mut engine)?;
        Ok((engine, pairs))
    }

    /// A message of each pair, alone: what is measured is talk, not how a conversation begins.
    fn open_conversations(&mut self, engine: &mut Engine) -> Result<()> {
        self.stopped = true;
        for lane in (0..self.lanes.len()).step_by(2 * self.in_flight) {
            self.send(engine.sends(), lane, Instant::now());
        }
        let began = Instant::now();
        while self.acknowledged.min(self.received) < self.sent {
            engine.turn(Duration::from_millis(50), |sends, link, arrival| self.handle(sends, link, arrival))?;
            in_time(began + SLOWEST_START, "the first message of every pair")?;
        }
        self.stopped = false;
        Ok(())
    }

    /// A closed loop: a message on every lane.
    pub fn begin(&mut self, sends: &mut Sends) {
        for lane in 0..self.lanes.len() {
            self.send(sends, lane, Instant::now());
        }
    }

    /// An open loop: what has become due since it began.
    pub fn schedule(&mut self, sends: &mut Sends, began: Instant, rate: f64) {
        while self.scheduled as f64 / rate <= began.elapsed().as_secs_f64() {
            let lane = self.scheduled as usize % self.lanes.len();
            let intended = began + Duration::from_secs_f64(self.scheduled as f64 / rate);
            if self.lanes[lane].busy {
                self.lanes[lane].due.push_back(intended);
            } else {
                self.send(sends, lane, intended);
            }
            self.scheduled += 1;
        }
    }

    /// Waits for what is under way; an error if anything was lost, doubled or misplaced.
    pub fn drain(mut self, engine: &mut Engine) -> Result<()> {
        self.stopped = true;
        let (mut arrived, mut last) = (0, Instant::now());
        while self.acknowledged.min(self.received) < self.sent && last.elapsed() < DRAIN {
            if self.acknowledged + self.received > arrived {
                (arrived, last) = (self.acknowledged + self.received, Instant::now());
            }
            engine.turn(Duration::from_millis(50), |sends, link, arrival| self.handle(sends, link, arrival))?;
        }
        let lost = self.sent - self.received.min(self.sent);
        let Faults { doubled, out_of_order } = self.faults;
        if lost + doubled + out_of_order > 0 {
            return Err(format!("lost {lost}, doubled {doubled}, out of order {out_of_order}").into());
        }
        Ok(())
    }

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

    /// The users' sockets.
    pub fn sockets(&self) -> impl Iterator<Item = Link> {
        self.users.iter().enumerate().filter(|(_, user)| **user > 0).map(|(link, _)| link)
    }

    pub fn all_begun(&self) -> bool {
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

    pub fn handle(&mut self, sends: &mut Sends, link: Link, arrival: Arrival<'_>) -> Result<()> {
        match arrival {
            Arrival::Answer { status: 200, .. } => self.acknowledge(sends, self.lane_of[link]),
            Arrival::Answer { status, body, .. } => {
                let body = String::from_utf8_lossy(body);
                return Err(Error::from(format!("a post was answered with {status}: {body}")));
            }
            Arrival::Text(text) => match self.peer.heard(text) {
                Heard::Message => self.receive(sends, self.users[link], text)?,
                Heard::Acknowledged(own) => {
                    let number = (self.users[link] as usize - 1) * self.in_flight + own as usize;
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
