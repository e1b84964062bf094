//! The disk says no: syncs fail, and space runs out.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::faults::disk::Disk;
use crate::faults::http::Http;
use crate::faults::mark::Posting;
use crate::faults::place::SmallDisk;
use crate::faults::program::{Host, PATIENCE};
use crate::faults::readback;
use crate::faults::report::Outcome;
use crate::faults::stage::{Stage, World, acknowledged};
use crate::faults::trace::strace;
use crate::faults::tracing::{self, Writers};
use crate::faults::{Error, Result};
use crate::{Load, Plan};

/// From a random call on, every sync of the program fails with EIO. Then it starts on a disk that works, which may have
/// lost what the failed syncs covered, and then the power goes.
pub async fn sync_error(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("sync-error");
    let mut rng = world.rng(outcome.name);
    let mut stage = Stage::new(world, outcome.name, 16)?;
    let mut program = stage.host.start().await?;
    // The last people write marked messages, whose way to the disk and out again is seen in the trace.
    let (people, marked) = stage.people.split_at(12);
    let plan = Plan { posts_per_second: Some(200.0), read_mark_every: None, ..Plan::default() };
    let load = Load::start(stage.site.clone(), people.to_vec(), plan).await?;
    let (posting, marked) = (Posting::default(), marked.to_vec());
    let (mut places, mut members) = (HashMap::new(), readback::Members::new());
    let mut reasons = HashSet::new();
    let (mut red, mut kept, mut lost_bytes) = (0_u64, 0, 0);
    for round in 0..world.pick(10, 2) {
        program.terminate()?;
        program.ended().await?;
        let before = Disk::at_rest(&stage.host.data)?;
        let traces = ["failing", "after"].map(|run| stage.host.folder.join(format!("trace-{round}-{run}")));
        let [trace, trace_after] = &traces;
        let inject = format!("inject=fsync,fdatasync:error=EIO:when={}+", rng.u32(60..300));
        stage.host.wrap = [strace(trace), vec!["-e".to_owned(), inject]].concat();
        program = stage.host.start().await?;
        let writers = Writers::start(&posting, &stage.host.address, &marked, Duration::from_millis(5));
        // The program must go by itself: after a failed sync nothing that it holds is sure.
        let began = Instant::now();
        while program.is_running()? && began.elapsed() < PATIENCE {
            red += u64::from(program.status("/readyz").await == Some(503));
            sleep(Duration::from_millis(5)).await;
        }
        if program.is_running()? {
            outcome.finding("the program ran on after its syncs failed");
            program.kill()?;
        }
        let ended = program.ended().await?;
        outcome.expect(ended.code.is_some_and(|code| code != 0), || format!("the program ended with {:?}", ended.code));
        let reason = program.words().lines().rfind(|line| line.starts_with(LAST_WORDS)).map(str::to_owned);
        outcome.expect(reason.is_some(), || format!("the program went without a reason: {}", program.words()));
        reasons.extend(reason.map(|line| line.chars().take(160).collect::<String>()));
        let told = writers.stop().await;
        tracing::finished(trace, program.pid()).await?;
        let promise = tracing::promise(trace)?;
        outcome.findings.extend(promise.broken.iter().take(5).cloned());
        outcome.expect(promise.counts.failed_syncs > 0, || "no sync failed: the fault was not there".to_owned());
        *outcome.faults.entry("failed syncs").or_default() += promise.counts.failed_syncs;
        kept += promise.counts.kept;
        outcome.fault("runs with a broken disk");

        stage.host.wrap = strace(trace_after);
        let began = Instant::now();
        program = stage.host.start().await?;
        acknowledged(&load, 10).await?;
        outcome.recoveries.push(began.elapsed());
        let writers = Writers::start(&posting, &stage.host.address, &marked, Duration::from_millis(5));
        posted(&posting, 60).await?;
        let told_after = writers.stop().await;
        program.kill()?;
        tracing::finished(trace_after, program.pid()).await?;
        stage.host.wrap.clear();
        program = stage.host.start().await?;
        for told in [told, told_after] {
            told.remember(&marked, &mut places, &mut members);
        }
        let cut = stage.host.beside("cut")?;
        let disk = tracing::disk_after(before, &[trace, trace_after])?;
        lost_bytes += disk.lost_bytes;
        disk.sure(&cut.data)?;
        let mut rebuilt = cut.start().await.map_err(|e| format!("after a failed sync and a power cut: {e}"))?;
        outcome.fault("power cuts after it");
        let known = places.keys().copied().collect();
        let possible = (0..posting.begun()).collect();
        for address in [&cut.address, &stage.host.address] {
            readback::read(address, &members).await?.compare(&mut outcome, &known, &possible, &places);
        }
        rebuilt.kill()?;
        fs::remove_dir_all(&cut.data)?;
        traces.iter().try_for_each(fs::remove_file)?;
    }
    outcome.acknowledged += u64::try_from(places.len())?;
    outcome.expect(kept > 0, || "the traces do not show that anything was acknowledged".to_owned());
    outcome.expect(lost_bytes > 0, || "no failed sync lost anything".to_owned());
    outcome.figure("KiB lost by failed syncs", lost_bytes / 1024);
    outcome.figure("acknowledgements checked", kept);
    outcome.figure("`/readyz` seen red", red);
    outcome.figure("last words", format!("“{}”", reasons.into_iter().next().unwrap_or_default().replace('|', "/")));
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}

/// Waits for `more` marked messages to be begun.
async fn posted(posting: &Posting, more: u64) -> Result<()> {
    let (began, from) = (Instant::now(), posting.begun());
    while posting.begun() < from + more {
        if began.elapsed() > PATIENCE {
            return Err(Error::from("no more messages could be posted after a failed sync and a restart"));
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// What the program begins the line with that says why it goes.
const LAST_WORDS: &str = "chatter: ";

/// The size of the small disk, in MiB: `chatter doctor` wants some room when the ballast is gone.
const DISK_MIB: u32 = 320;

/// Another program's file takes all the room that is left, and goes again.
pub async fn disk_full(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("disk-full");
    let host = Host::new(&world.root.join(outcome.name), &world.program, "127.0.0.1")?;
    let _disk = SmallDisk::mount(&host.data, DISK_MIB)?;
    let stage = Stage::on(host, 16)?;
    let program = stage.host.start().await?;
    let plan = Plan { posts_per_second: Some(300.0), ..Plan::default() };
    let load = stage.load(plan).await?;
    let posting = Posting::default();
    let mut answers = HashSet::new();
    let ballast = stage.host.data.join("ballast");
    for _ in 0..world.pick(5, 2) {
        acknowledged(&load, 200).await?;
        let began = Instant::now();
        let mut full = 0;
        // Full until posts have been refused for a while; what the program frees meanwhile is taken too.
        while full < 10 && began.elapsed() < PATIENCE {
            fill(&ballast)?;
            let mut http = Http::connect(&stage.host.address, &stage.people[0]).await?;
            // The load has the first block the third at times.
            let (_, answer) = posting.post(&mut http, "target_id=p4", 3_000).await?;
            if answer.status != 200 {
                full += 1;
                answers.insert(format!("{} {}", answer.status, answer.body["code"].as_str().unwrap_or("?")));
                outcome.expect(answer.status >= 500 && answer.body["code"].is_string(), || {
                    format!("a post to a full disk was answered {}: {}", answer.status, answer.body)
                });
                let read =
                    http.call("message-list", &format!("conversation_id={}", crate::faults::stage::ROOM)).await?;
                outcome.expect(read.status == 200, || format!("reading was answered {}", read.status));
                let live = program.status("/healthz").await;
                outcome.expect(live == Some(200), || format!("/healthz was {live:?} while the disk was full"));
            }
            sleep(Duration::from_millis(100)).await;
        }
        outcome.expect(full > 0, || "no post met the full disk".to_owned());
        *outcome.faults.entry("posts refused").or_default() += full;
        outcome.fault("full disks");
        fs::remove_file(&ballast)?;
        outcome.recoveries.push(recovered(&load).await?);
    }
    let mut answers: Vec<String> = answers.into_iter().collect();
    answers.sort();
    outcome.figure("answered", answers.join(", "));
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}

/// Twenty acknowledgements, so that more than one writer is served again.
async fn recovered(load: &Load) -> Result<Duration> {
    acknowledged(load, 20).await.map_err(|e| Error::from(format!("the program did not recover from a full disk: {e}")))
}

/// Writes until nothing more fits.
fn fill(ballast: &Path) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(ballast)?;
    for block in [1 << 20, 1 << 14, 1 << 12] {
        let zeros = vec![0; block];
        while file.write_all(&zeros).is_ok() {}
    }
    Ok(())
}
