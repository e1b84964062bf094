//! What nearly every scenario needs: a host, people with sessions, a load of the checker's, and its verdict.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::faults::program::{Host, PATIENCE, Program};
use crate::faults::report::Outcome;
use crate::faults::{Error, Result};
use crate::history::Blocks;
use crate::{Counters, History, Load, Person, Plan, Site, judge};

/// The whole run, as a scenario sees it.
#[derive(Debug, Clone)]
pub struct World {
    /// Each scenario has a folder below it.
    pub root: PathBuf,
    pub program: PathBuf,
    pub seed: u64,
    pub is_short: bool,
    /// Acknowledged messages that the soak still has to bring.
    pub wanted: u64,
}

impl World {
    /// One of two figures: of the long run, and of the short one.
    pub fn pick<T>(&self, long: T, short: T) -> T {
        if self.is_short { short } else { long }
    }

    /// Random numbers of one scenario, the same for the same seed.
    #[must_use]
    pub fn rng(&self, name: &str) -> fastrand::Rng {
        let name = name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        fastrand::Rng::with_seed(self.seed ^ name)
    }
}

/// The room of [`Stage::new`] that everybody is in.
pub const ROOM: i64 = 1;

pub struct Stage {
    pub host: Host,
    pub people: Vec<Person>,
    pub site: Site,
}

impl Stage {
    /// A fresh folder, `people` users with sessions, and one room with all of them. The program does not run yet.
    pub fn new(world: &World, name: &str, people: usize) -> Result<Self> {
        Self::at(world, name, people, "127.0.0.1")
    }

    /// The same at another address than loopback.
    pub fn at(world: &World, name: &str, people: usize, ip: &str) -> Result<Self> {
        let host = Host::new(&world.root.join(name), &world.program, ip)?;
        Self::on(host, people)
    }

    /// The same on a host that is prepared.
    pub fn on(host: Host, people: usize) -> Result<Self> {
        let names: Vec<String> = (1..=people).map(|n| format!("p{n}")).collect();
        let cookies = host.people(&names)?;
        host.command(&["room", "add", "Everybody", "--all"])?;
        let person = |(name, cookie): (String, String)| Person { name, cookie: format!("session={cookie}") };
        let people = names.into_iter().zip(cookies).map(person).collect();
        Ok(Self { site: Site::new(host.address.clone()), host, people })
    }

    pub async fn load(&self, plan: Plan) -> Result<Load> {
        Ok(Load::start(self.site.clone(), self.people.clone(), plan).await?)
    }

    /// Ends the load and the program, and takes the verdict and the program's own opinion of its data.
    pub async fn end(&self, outcome: &mut Outcome, load: Load, program: Program) -> Result<()> {
        self.end_counted(outcome, load, program).await.map(drop)
    }

    /// The same, with the load's counters as they are at the end.
    pub async fn end_counted(&self, outcome: &mut Outcome, load: Load, program: Program) -> Result<Counters> {
        let (history, counters) = load.stop_counted().await;
        take_verdict(outcome, &history);
        self.end_program(outcome, program).await?;
        Ok(counters)
    }

    /// Ends the program properly and asks `chatter doctor`.
    pub async fn end_program(&self, outcome: &mut Outcome, mut program: Program) -> Result<()> {
        program.terminate()?;
        let ended = program.ended().await?;
        outcome.expect(ended.code == Some(0), || format!("the program ended with {:?} at last", ended.code));
        if let Err(e) = self.host.command(&["doctor"]) {
            outcome.finding(format!("after it all: {e}"));
        }
        Ok(())
    }
}

/// Adds what the judge found.
pub fn take_verdict(outcome: &mut Outcome, history: &History) {
    let verdict = judge(history);
    outcome.acknowledged += verdict.acknowledged;
    outcome.unknown += verdict.unknown;
    outcome.lost += verdict.lost.count;
    outcome.doubled += verdict.doubled.count;
    outcome.reordered += verdict.reordered.count;
    outcome.phantom += verdict.phantom.count;
    outcome.changed += verdict.changed;
    outcome.moved += verdict.moved;
    outcome.blocks = outcome.blocks.into_iter().chain(verdict.blocks).reduce(Blocks::plus);
    outcome.expect(verdict.acknowledged > 0, || "the load got nothing acknowledged".to_owned());
    outcome.expect(verdict.changed > 0, || "the load changed nothing".to_owned());
    for (class, findings) in verdict.findings() {
        if findings.count > 0 {
            outcome.finding(format!("{class}: {}, for instance: {}", findings.count, findings.examples.join(" / ")));
        }
    }
}

/// Waits until the load has `more` new acknowledgements; answers how long that took.
pub async fn acknowledged(load: &Load, more: u64) -> Result<Duration> {
    let (began, from) = (Instant::now(), load.acknowledged());
    while load.acknowledged() < from + more {
        if began.elapsed() > PATIENCE {
            return Err(Error::from(format!("no {more} new acknowledgements in {PATIENCE:?}")));
        }
        sleep(Duration::from_millis(2)).await;
    }
    Ok(began.elapsed())
}
