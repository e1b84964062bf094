//! What kill -9 cannot show, as the kernel keeps what a killed program wrote: whether an acknowledged message would
//! also outlive the power. The order of system calls is checked, and disks are rebuilt as a power cut leaves them.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::faults::disk::Disk;
use crate::faults::mark::Posting;
use crate::faults::promise::Promise;
use crate::faults::readback::{self, Members};
use crate::faults::report::Outcome;
use crate::faults::stage::{ROOM, Stage, World};
use crate::faults::trace::{Event, strace};
use crate::faults::tracing::{self, Writers};
use crate::faults::{Error, Result};
use crate::{Load, Plan};

/// A traced run from start to SIGTERM.
struct Traced {
    stage: Stage,
    posting: Posting,
    trace: PathBuf,
    /// The disk before it.
    disk: Disk,
    places: HashMap<u64, (i64, i64)>,
    members: Members,
}

const WRITERS: usize = 16;

/// People beside the writers, whose sockets are told of the room's messages.
const LISTENERS: usize = 4;

async fn traced(world: &World, name: &'static str, messages: u64) -> Result<Traced> {
    let mut stage = Stage::new(world, name, WRITERS + LISTENERS)?;
    let disk = Disk::at_rest(&stage.host.data)?;
    let trace = stage.host.folder.join("trace");
    stage.host.wrap = strace(&trace);
    let mut program = stage.host.start().await?;
    let (writers, listeners) = stage.people.split_at(WRITERS);
    // Listens only: its history knows nothing of marked messages and is not judged.
    let listening = Plan {
        writers: 0,
        pairs: false,
        rooms: vec![ROOM],
        groups: 0,
        blocks: false,
        read_mark_every: None,
        ..Plan::default()
    };
    let load = Load::start(stage.site.clone(), listeners.to_vec(), listening).await?;
    let posting = Posting::default();
    let running = Writers::start(&posting, &stage.host.address, writers, Duration::from_millis(2));
    let began = Instant::now();
    while posting.begun() < messages {
        if began.elapsed() > Duration::from_secs(300) {
            return Err(Error::from(format!("only {} of {messages} messages under strace", posting.begun())));
        }
        sleep(Duration::from_millis(5)).await;
    }
    let told = running.stop().await;
    drop(load);
    program.terminate()?;
    let ended = program.ended().await?;
    tracing::finished(&trace, program.pid()).await?;
    stage.host.wrap.clear();
    if ended.code != Some(0) {
        return Err(Error::from(format!("the traced program ended with {:?}: {}", ended.code, program.words())));
    }
    let (mut places, mut members) = (HashMap::new(), Members::new());
    told.remember(writers, &mut places, &mut members);
    Ok(Traced { posting, trace, disk, places, members, stage })
}

/// Every acknowledgement and every frame leaves after a sync that began after the message was written.
pub async fn trace(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("trace");
    let run = traced(world, outcome.name, world.pick(10_000, 600)).await?;
    let promise = tracing::promise(&run.trace)?;
    outcome.acknowledged += u64::try_from(run.places.len())?;
    outcome.lost += u64::try_from(promise.broken.len())?;
    outcome.findings.extend(promise.broken.iter().take(5).cloned());
    let unseen = run.places.keys().filter(|number| !promise.sent().contains(number)).count();
    outcome.expect(unseen == 0, || format!("the trace does not show the answers to {unseen} acknowledged messages"));
    outcome.faults.insert("sent mentions checked", promise.counts.kept);
    outcome.figure("WAL writes", promise.counts.wal_writes);
    outcome.figure("WAL syncs", promise.counts.wal_syncs);
    outcome.figure("sends", promise.counts.sends);
    fs::remove_file(&run.trace)?;
    Ok(outcome)
}

/// The power goes at random moments: what the disk is sure to hold must be enough, and what else it may hold must
/// not hurt.
pub async fn power_cut(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("power-cut");
    let mut rng = world.rng(outcome.name);
    let mut run = traced(world, outcome.name, world.pick(6_000, 400)).await?;
    outcome.acknowledged += u64::try_from(run.places.len())?;
    let mut events = tracing::open(&run.trace)?;
    let mut length = 0_usize;
    while events.event()?.is_some() {
        length += 1;
    }
    let unsynced = unsynced(&run)?;
    let mut cuts: Vec<usize> = (0..world.pick(200, 12)).map(|_| rng.usize(0..length)).collect();
    // Every fourth where something is on its way: chance alone may find none of these moments.
    if let Some(last) = unsynced.len().checked_sub(1) {
        cuts.iter_mut().step_by(4).for_each(|at| *at = unsynced[rng.usize(0..=last)]);
    }
    cuts.sort_unstable();
    let mut cuts = cuts.into_iter().peekable();
    let (mut events, mut promise, mut disk) = (tracing::open(&run.trace)?, Promise::default(), run.disk.clone());
    let (mut torn_bytes, mut least, mut most) = (0, usize::MAX, 0);
    let data = run.stage.host.data.clone();
    for at in 0..length {
        let event: Event = events.event()?.ok_or("the trace became shorter")?;
        promise.apply(&event);
        disk.apply(event)?;
        while cuts.next_if_eq(&at).is_some() {
            run.stage.host.data = run.stage.host.folder.join("cut");
            if run.stage.host.data.exists() {
                fs::remove_dir_all(&run.stage.host.data)?;
            }
            // Nothing to tear, or tossed up.
            if disk.waiting_bytes() == 0 || torn_bytes > 0 && rng.bool() {
                disk.sure(&run.stage.host.data)?;
                outcome.fault("cuts, what was synced");
            } else {
                torn_bytes += disk.waiting_bytes();
                disk.torn(&run.stage.host.data, &mut rng)?;
                outcome.fault("cuts, torn writes");
            }
            let began = Instant::now();
            let found = match after_the_cut(&run, &promise, &mut outcome).await {
                Ok(found) => found,
                Err(e) => {
                    outcome.finding(format!("cut at {at} of {length}: {e}"));
                    continue;
                }
            };
            outcome.recoveries.push(began.elapsed());
            (least, most) = (least.min(found), most.max(found));
        }
    }
    outcome.expect(disk.syncs > 0 && most > least, || "the cuts did not differ".to_owned());
    outcome.expect(torn_bytes > 0, || "no cut had anything to tear".to_owned());
    outcome.figure("events in the trace", length);
    outcome.figure("messages there after a cut", format!("{least} to {most}"));
    outcome.figure("unsynced KiB at torn cuts", torn_bytes / 1024);
    run.stage.host.data = data;
    fs::remove_file(&run.trace)?;
    Ok(outcome)
}

/// The moments of a trace at which something is written and not synced.
fn unsynced(run: &Traced) -> Result<Vec<usize>> {
    let (mut events, mut disk, mut moments) = (tracing::open(&run.trace)?, run.disk.clone(), Vec::new());
    for at in 0.. {
        let Some(event) = events.event()? else { break };
        disk.apply(event)?;
        if disk.waiting_bytes() > 0 {
            moments.push(at);
        }
    }
    Ok(moments)
}

/// Starts the program on what is left, and compares.
async fn after_the_cut(run: &Traced, promise: &Promise, outcome: &mut Outcome) -> Result<usize> {
    let host = &run.stage.host;
    let mut program = host.start().await?;
    let found = readback::read(&host.address, &run.members).await?;
    // What was sent is acknowledged; what never reached the WAL cannot be there.
    let (before, begun) = (outcome.findings.len(), run.posting.begun());
    found.compare(outcome, promise.sent(), promise.known(), &run.places);
    let is_strange = promise.known().iter().any(|number| *number >= begun);
    outcome.expect(!is_strange, || "the WAL held a message that nobody wrote".to_owned());
    program.terminate()?;
    program.ended().await?;
    host.command(&["doctor"])?;
    if outcome.findings.len() > before {
        return Err(Error::from("what was left is not what was acknowledged"));
    }
    Ok(found.count())
}
