//! Nodes of a cluster, its bus and its database are killed, stopped, cut off and replaced, under load.

use std::time::{Duration, Instant};

use chatter_services::Result as ServiceResult;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::faults::Result;
use crate::faults::cluster::{Cluster, Line, NODES};
use crate::faults::mark::Posting;
use crate::faults::probe::{Standstill, whole};
use crate::faults::report::{Outcome, percentile, said};
use crate::faults::stage::{ROOM, World, acknowledged};
use crate::{Load, Plan};

/// Each writes to a partner and to a room of all: what one node commits concerns the others.
fn plan() -> Plan {
    Plan { rooms: vec![ROOM], readers: 12, ..Plan::default() }
}

/// A cluster under load, and what was seen of it.
struct Run {
    cluster: Cluster,
    load: Load,
    posting: Posting,
    outcome: Outcome,
    standstill: Standstill,
    rng: fastrand::Rng,
}

impl Run {
    async fn begin(world: &World, name: &'static str) -> Result<Self> {
        Self::on(world, name, Cluster::start(world, name, 24).await?, plan()).await
    }

    async fn on(world: &World, name: &'static str, cluster: Cluster, plan: Plan) -> Result<Self> {
        let posting = Posting::default();
        whole(&cluster, &posting).await?;
        let load = cluster.load(plan).await?;
        acknowledged(&load, 50).await?;
        let standstill = Standstill::begin(&load);
        Ok(Self { cluster, load, posting, outcome: Outcome::new(name), standstill, rng: world.rng(name) })
    }

    async fn pass(&mut self, time: Duration) {
        self.standstill.watch(&self.load, time).await;
    }

    /// All is well again.
    async fn recovered(&mut self) -> Result<()> {
        let back = whole(&self.cluster, &self.posting).await?;
        self.outcome.recoveries.push(back);
        acknowledged(&self.load, 20).await?;
        Ok(())
    }

    fn stood_still(&mut self, what: &'static str) {
        let longest = self.standstill.take();
        self.outcome.figure(what, said(longest));
    }

    async fn end(mut self) -> Result<Outcome> {
        self.cluster.end(&mut self.outcome, self.load).await?;
        Ok(self.outcome)
    }

    async fn kill_node(&mut self) -> Result<()> {
        let node = self.rng.usize(0..NODES);
        if self.rng.bool() {
            acknowledged(&self.load, self.rng.u64(1..50)).await?;
        } else {
            let pause = Duration::from_micros(self.rng.u64(0..400_000));
            self.pass(pause).await;
        }
        self.cluster.nodes[node].running()?.kill()?;
        self.outcome.fault("kills of a node");
        let away = Duration::from_millis(self.rng.u64(0..1_500));
        self.pass(away).await;
        self.cluster.nodes[node].start().await?;
        self.recovered().await
    }

    async fn kill_bus(&mut self) -> Result<()> {
        block_in_place(|| self.cluster.bus.kill())?;
        self.outcome.fault("kills of NATS");
        let away = Duration::from_millis(self.rng.u64(0..4_000));
        self.pass(away).await;
        block_in_place(|| self.cluster.bus.start_again())?;
        self.recovered().await
    }

    async fn kill_database(&mut self) -> Result<()> {
        block_in_place(|| self.cluster.database.kill())?;
        self.outcome.fault("kills of PostgreSQL");
        let away = Duration::from_millis(self.rng.u64(0..2_000));
        self.pass(away).await;
        block_in_place(|| self.cluster.database.start_again())?;
        self.recovered().await
    }

    /// SIGSTOP for a while.
    async fn pause(&mut self, what: Paused, time: Duration) -> Result<()> {
        self.signal(what, Signal::SIGSTOP)?;
        self.outcome.fault(what.said());
        self.pass(time).await;
        self.signal(what, Signal::SIGCONT)?;
        self.recovered().await
    }

    fn signal(&mut self, what: Paused, signal: Signal) -> Result<()> {
        match what {
            Paused::Node(node) => {
                let pid = self.cluster.nodes[node].running()?.pid();
                kill(Pid::from_raw(i32::try_from(pid)?), signal)?;
            }
            Paused::Bus => frozen(&self.cluster.bus, signal)?,
            Paused::Database => self.cluster.database.signal_all(signal)?,
        }
        Ok(())
    }

    /// Cut off for a while.
    async fn cut(&mut self, node: usize, line: Line, time: Duration) -> Result<()> {
        self.cluster.nodes[node].cut(line)?;
        self.outcome.fault(match line {
            Line::Clients => "nodes cut off from their clients",
            Line::Database => "nodes cut off from PostgreSQL",
            Line::Bus => "nodes cut off from NATS",
        });
        self.pass(time).await;
        self.cluster.nodes[node].mend(line)?;
        self.recovered().await
    }

    /// SIGTERM: it takes leave while the others serve, and another program takes its place.
    async fn replace(&mut self, node: usize) -> Result<Duration> {
        let program = self.cluster.nodes[node].running()?;
        program.terminate()?;
        let began = Instant::now();
        while self.cluster.nodes[node].running()?.is_running()? {
            self.pass(Duration::from_millis(20)).await;
        }
        let ended = self.cluster.nodes[node].running()?.ended().await?;
        let took = began.elapsed();
        self.outcome.fault("nodes replaced");
        self.outcome.expect(ended.code == Some(0), || format!("SIGTERM ended with {:?}", ended.code));
        self.cluster.nodes[node].start().await?;
        Ok(took)
    }
}

#[derive(Debug, Clone, Copy)]
enum Paused {
    Node(usize),
    Bus,
    Database,
}

impl Paused {
    fn said(self) -> &'static str {
        match self {
            Self::Node(_) => "pauses of a node",
            Self::Bus => "pauses of NATS",
            Self::Database => "pauses of PostgreSQL",
        }
    }
}

fn frozen(bus: &chatter_services::nats::Nats, signal: Signal) -> ServiceResult<()> {
    if signal == Signal::SIGSTOP { bus.freeze() } else { bus.thaw() }
}

/// kill -9 of one node after the other, of NATS, and of PostgreSQL.
pub async fn kills(world: &World) -> Result<Outcome> {
    let mut run = Run::begin(world, "cluster-kill").await?;
    for _ in 0..world.pick(20, 2) {
        run.kill_node().await?;
    }
    run.stood_still("longest without an acknowledgement: node killed");
    for _ in 0..world.pick(10, 1) {
        run.kill_bus().await?;
    }
    run.stood_still("NATS killed");
    for _ in 0..world.pick(10, 1) {
        run.kill_database().await?;
    }
    run.stood_still("PostgreSQL killed");
    run.end().await
}

/// SIGSTOP of a node, of NATS and of PostgreSQL.
pub async fn pauses(world: &World) -> Result<Outcome> {
    let mut run = Run::begin(world, "cluster-pause").await?;
    let time = |run: &mut Run| Duration::from_secs(run.rng.u64(world.pick(30..=60, 2..=3)));
    let node = run.rng.usize(0..NODES);
    for (what, said) in [
        (Paused::Node(node), "longest without an acknowledgement: node paused"),
        (Paused::Bus, "NATS paused"),
        (Paused::Database, "PostgreSQL paused"),
    ] {
        for _ in 0..world.pick(2, 1) {
            let time = time(&mut run);
            run.pause(what, time).await?;
        }
        run.stood_still(said);
    }
    run.end().await
}

/// A node that reaches everything but its bus, its database, or its clients.
pub async fn cuts(world: &World) -> Result<Outcome> {
    let mut run = Run::begin(world, "cluster-cut").await?;
    let time = Duration::from_secs(world.pick(30, 4));
    for (line, said) in [
        (Line::Bus, "longest without an acknowledgement: cut off from NATS"),
        (Line::Database, "from PostgreSQL"),
        (Line::Clients, "from clients"),
    ] {
        for _ in 0..world.pick(2, 1) {
            let node = run.rng.usize(0..NODES);
            run.cut(node, line, time).await?;
        }
        run.stood_still(said);
    }
    run.end().await
}

/// Every node is replaced, one after the other, and again; where `CHATTER_OLD_PROGRAM` names another version, the
/// cluster begins with it, and both work side by side.
pub async fn rolling(world: &World) -> Result<Outcome> {
    const NAME: &str = "cluster-rolling";
    let old = std::env::var_os("CHATTER_OLD_PROGRAM").map(std::path::PathBuf::from);
    let mut cluster = Cluster::new(world, NAME, 24)?;
    for node in &mut cluster.nodes {
        node.host.set("CHATTER_DRAIN_SECONDS", &world.pick(5, 2).to_string());
        if let Some(old) = &old {
            node.host.run(old);
        }
        node.start().await?;
    }
    // Another version need not know of blocking.
    let plan = Plan { blocks: old.is_none(), ..plan() };
    let mut run = Run::on(world, NAME, cluster, plan).await?;
    let mut drains = Vec::new();
    for round in 0..world.pick(3, 1) {
        for node in 0..NODES {
            if old.is_some() {
                // There, back, and there again: a new version must be able to go back, too.
                run.cluster.nodes[node].host.run(if round % 2 == 0 {
                    &world.program
                } else {
                    old.as_deref().unwrap_or(&world.program)
                });
                run.outcome.fault("versions side by side");
            }
            drains.push(run.replace(node).await?);
            run.recovered().await?;
            run.pass(Duration::from_secs(world.pick(3, 0))).await;
        }
    }
    run.stood_still("longest without an acknowledgement");
    run.outcome.figure("took leave in (p50)", said(percentile(&drains, 50)));
    run.end().await
}

/// The nodes' clocks are four seconds apart: tokens of one node are good for five on another.
pub async fn skew(world: &World) -> Result<Outcome> {
    const NAME: &str = "cluster-skew";
    let mut cluster = Cluster::new(world, NAME, 24)?;
    for (node, offset_s) in cluster.nodes.iter_mut().zip([0, 2, -2]) {
        super::clock::set_ahead(&mut node.host, offset_s)?;
        node.start().await?;
    }
    let mut run = Run::on(world, NAME, cluster, plan()).await?;
    for _ in 0..world.pick(6, 1) {
        run.kill_node().await?;
        run.outcome.fault("clocks apart by 4 s");
        run.pass(Duration::from_secs(world.pick(5, 1))).await;
    }
    run.end().await
}

/// All of it at random, until the messages are together.
pub async fn soak(world: &World) -> Result<Outcome> {
    const NAME: &str = "cluster-soak";
    let cluster = Cluster::start(world, NAME, 48).await?;
    // Mostly pairs, so that the count is of messages and not of deliveries.
    let plan = Plan { readers: 12, in_flight: 4, abandon_every: 5, ..Plan::default() };
    let mut run = Run::on(world, NAME, cluster, plan).await?;
    let began = Instant::now();
    let wanted = world.wanted.max(world.pick(20_000, 1_000));
    let mut rounds = 0;
    while run.load.acknowledged() < wanted || rounds < 4 {
        let time = Duration::from_millis(run.rng.u64(500..world.pick(8_000, 1_000)));
        run.pass(time).await;
        let (node, time) = (run.rng.usize(0..NODES), Duration::from_millis(run.rng.u64(500..world.pick(8_000, 1_500))));
        match run.rng.u8(0..9) {
            0 | 1 => run.kill_node().await?,
            2 => run.kill_bus().await?,
            3 => run.kill_database().await?,
            4 => run.pause(Paused::Node(node), time).await?,
            5 => run.cut(node, Line::Bus, time).await?,
            6 => run.cut(node, Line::Database, time).await?,
            7 => run.cut(node, Line::Clients, time).await?,
            _ => {
                run.replace(node).await?;
                run.recovered().await?;
            }
        }
        rounds += 1;
    }
    let rate = run.load.acknowledged() / began.elapsed().as_secs().max(1);
    run.outcome.figure("acknowledged a second, faults included", rate);
    sleep(Duration::from_millis(100)).await;
    run.end().await
}
