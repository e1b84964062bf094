//! Half an hour at a steady load while others come and go: what the server holds must not grow.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::engine::{Arrival, Engine, Link};
use crate::lanes::{Pairs, USERS};
use crate::peer::chatter::Chatter;
use crate::peer::{Heard, Peer, User};
use crate::stats::percentile_ms;
use crate::{Error, Result};

/// Users beside the pairs, who come and go.
const VISITORS: u32 = 400;
/// One comes so often,
const EVERY: Duration = Duration::from_millis(50);
/// and leaves after so long.
const STAY: Duration = Duration::from_secs(5);
const HEARTBEAT: Duration = Duration::from_secs(40);
/// A line of the table.
const SAMPLE: Duration = Duration::from_secs(60);
const LANES: usize = 4;

enum Step {
    Asks(User),
    Enters(User, String),
    Ready,
}

#[derive(Default)]
struct Visitors {
    /// By link; the pairs' own links are none of theirs.
    steps: std::collections::HashMap<Link, Step>,
    /// Who holds a token now and goes on to the gateway.
    holding: Vec<(User, String)>,
    /// Links that have served, and those to close at a time.
    done: Vec<Link>,
    leaving: VecDeque<(Instant, Link)>,
    came: u64,
}

impl Visitors {
    /// Whether the arrival was a visitor's.
    fn handle(
        &mut self,
        chatter: &Chatter,
        engine: &mut crate::engine::Sends,
        link: Link,
        arrival: &Arrival<'_>,
    ) -> Result<bool> {
        let Some(step) = self.steps.get_mut(&link) else { return Ok(false) };
        match (&*step, arrival) {
            (Step::Asks(user), Arrival::Answer { status: 200, head, body }) => {
                self.holding.push((*user, chatter.token(head, body)?));
                self.done.push(link);
            }
            (_, Arrival::Answer { status, .. }) => {
                return Err(Error::from(format!("a visitor was answered with {status}")));
            }
            (Step::Enters(user, token), Arrival::Text(text)) => match chatter.heard(text) {
                Heard::Asked => engine.text(link, &chatter.identify(*user, token)),
                Heard::Ready => {
                    *step = Step::Ready;
                    self.came += 1;
                    self.leaving.push_back((Instant::now() + STAY, link));
                }
                _ => {}
            },
            _ => {}
        }
        Ok(true)
    }

    fn all_leave(self, engine: &mut Engine) {
        self.steps.into_keys().for_each(|link| engine.close(link));
    }

    fn come_and_go(&mut self, chatter: &Chatter, engine: &mut Engine) -> Result<()> {
        for link in self.done.drain(..) {
            self.steps.remove(&link);
            engine.close(link);
        }
        while let Some((_, link)) = self.leaving.front().copied().filter(|(when, _)| *when <= Instant::now()) {
            self.leaving.pop_front();
            self.steps.remove(&link);
            engine.close(link);
        }
        for (user, token) in self.holding.drain(..) {
            let link = engine.connect(Some(&chatter.upgrade(user)))?;
            self.steps.insert(link, Step::Enters(user, token));
        }
        Ok(())
    }
}

pub fn run(rate: f64, minutes: u32) -> Result<()> {
    let chatter = Chatter::start(USERS + VISITORS)?;
    let (mut engine, mut pairs) = Pairs::gather(&chatter, LANES, true)?;
    let sockets: Vec<Link> = pairs.sockets().collect();
    let mut visitors = Visitors::default();
    println!(
        "| minute | messages | visits | p50 ms | p99 ms | PSS MiB | descriptors | threads | write-ahead log MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let began = Instant::now();
    let (mut minute, mut asked) = (0, 0_u32);
    let (mut next_visitor, mut next_heartbeat) = (began, began + HEARTBEAT);
    while minute < minutes {
        let now = Instant::now();
        pairs.schedule(engine.sends(), began, rate);
        if now >= next_visitor {
            let user = USERS + 1 + asked % VISITORS;
            let link = engine.connect(chatter.token_request(user).as_deref())?;
            visitors.steps.insert(link, Step::Asks(user));
            (asked, next_visitor) = (asked + 1, next_visitor + EVERY);
        }
        if now >= next_heartbeat {
            sockets.iter().for_each(|link| engine.sends().text(*link, r#"{"op":"HEARTBEAT"}"#));
            next_heartbeat += HEARTBEAT;
        }
        engine.turn(Duration::from_millis(1), |sends, link, arrival| {
            if visitors.handle(&chatter, sends, link, &arrival)? { Ok(()) } else { pairs.handle(sends, link, arrival) }
        })?;
        visitors.come_and_go(&chatter, &mut engine)?;
        if began.elapsed() >= SAMPLE * (minute + 1) {
            minute += 1;
            let mut latencies = std::mem::take(&mut pairs.latencies);
            latencies.sort_unstable();
            let process = chatter.process();
            println!(
                "| {minute} | {} | {} | {:.2} | {:.2} | {:.1} | {} | {} | {:.1} |",
                pairs.received,
                visitors.came,
                percentile_ms(&latencies, 0.5),
                percentile_ms(&latencies, 0.99),
                process.pss_kib()? as f64 / 1_024.0,
                process.descriptors()?,
                process.threads()?,
                log_bytes(&process.folder().join("data"))? as f64 / 1_048_576.0
            );
        }
    }
    visitors.all_leave(&mut engine);
    pairs.drain(&mut engine)
}

fn log_bytes(data: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with("-wal") {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}
