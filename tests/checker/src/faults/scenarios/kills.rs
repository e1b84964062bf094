//! The program is killed, told to go and started again, at random moments of a load.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::faults::Result;
use crate::faults::program::{PATIENCE, Program};
use crate::faults::report::{Outcome, percentile, said};
use crate::faults::stage::{Stage, World, acknowledged};
use crate::{Load, Plan};

fn plan() -> Plan {
    Plan { rooms: vec![crate::faults::stage::ROOM], readers: 8, ..Plan::default() }
}

/// SIGKILL at a random moment, every third time within a millisecond after an acknowledgement.
async fn kill(
    outcome: &mut Outcome,
    stage: &Stage,
    load: &Load,
    mut program: Program,
    rng: &mut fastrand::Rng,
) -> Result<Program> {
    if rng.u8(0..3) == 0 {
        acknowledged(load, rng.u64(1..50)).await?;
        outcome.fault("kills right after an acknowledgement");
    } else {
        sleep(Duration::from_micros(rng.u64(0..400_000))).await;
        outcome.fault("kills at a random moment");
    }
    program.kill()?;
    let began = Instant::now();
    let program = stage.host.start().await?;
    acknowledged(load, 1).await?;
    outcome.recoveries.push(began.elapsed());
    Ok(program)
}

/// SIGTERM: what is under way is finished, the exit code is 0.
async fn terminate(
    outcome: &mut Outcome,
    stage: &Stage,
    load: &Load,
    mut program: Program,
    drains: &mut Vec<Duration>,
) -> Result<Program> {
    program.terminate()?;
    let began = Instant::now();
    let ended = program.ended().await?;
    drains.push(ended.took);
    outcome.fault("SIGTERMs");
    outcome.expect(ended.code == Some(0), || format!("SIGTERM ended with {:?}: {}", ended.code, program.words()));
    let program = stage.host.start().await?;
    acknowledged(load, 1).await?;
    outcome.recoveries.push(began.elapsed());
    Ok(program)
}

/// Waits until a reader has come back: the last restart may be a moment ago, and readers wait before they try.
async fn back(load: &Load) {
    let began = Instant::now();
    while load.counters().reconnects == 0 && began.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20)).await;
    }
}

async fn tell(outcome: &mut Outcome, load: &Load, drains: &[Duration]) {
    back(load).await;
    if !drains.is_empty() {
        let max = drains.iter().max().copied().unwrap_or_default();
        outcome.figure("drained in (p50 / max)", format!("{} / {}", said(percentile(drains, 50)), said(max)));
    }
    let counters = load.counters();
    outcome.figure("sockets resumed", counters.reconnects);
    outcome.figure("tries without an answer", counters.unknown);
    outcome.expect(counters.reconnects > 0, || "no reader had to come back".to_owned());
}

pub async fn kill_9(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("kill-9");
    let mut rng = world.rng(outcome.name);
    let stage = Stage::new(world, outcome.name, 32)?;
    let mut program = stage.host.start().await?;
    let load = stage.load(plan()).await?;
    for _ in 0..world.pick(100, 5) {
        program = kill(&mut outcome, &stage, &load, program, &mut rng).await?;
    }
    tell(&mut outcome, &load, &[]).await;
    outcome.expect(load.counters().unknown > 0, || "no kill hit anything under way".to_owned());
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}

pub async fn sigterm(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("sigterm");
    let mut rng = world.rng(outcome.name);
    let stage = Stage::new(world, outcome.name, 32)?;
    let mut program = stage.host.start().await?;
    let load = stage.load(plan()).await?;
    let mut drains = Vec::new();
    for _ in 0..world.pick(20, 2) {
        sleep(Duration::from_micros(rng.u64(100_000..800_000))).await;
        program = terminate(&mut outcome, &stage, &load, program, &mut drains).await?;
    }
    tell(&mut outcome, &load, &drains).await;
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}

/// Everything of the above at random, until the run has the acknowledged messages that it should have.
pub async fn soak(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("soak");
    let mut rng = world.rng(outcome.name);
    let stage = Stage::new(world, outcome.name, 64)?;
    let mut program = stage.host.start().await?;
    // Mostly pairs, so that the count is of messages and not of deliveries.
    let load = stage.load(Plan { readers: 16, in_flight: 4, abandon_every: 5, ..Plan::default() }).await?;
    let (began, mut drains) = (Instant::now(), Vec::new());
    // At least some faults, even when the other scenarios brought enough.
    let wanted = world.wanted.max(world.pick(20_000, 2_000));
    let mut rounds = 0;
    while load.acknowledged() < wanted || rounds < 4 {
        sleep(Duration::from_millis(rng.u64(500..world.pick(6_000, 1_000)))).await;
        program = match rng.bool() || rounds == 0 {
            true => kill(&mut outcome, &stage, &load, program, &mut rng).await?,
            false => terminate(&mut outcome, &stage, &load, program, &mut drains).await?,
        };
        rounds += 1;
    }
    let rate = load.acknowledged() / began.elapsed().as_secs().max(1);
    outcome.figure("acknowledged a second, faults included", rate);
    tell(&mut outcome, &load, &drains).await;
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}
