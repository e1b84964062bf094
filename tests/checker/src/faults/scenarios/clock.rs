//! The server's clock jumps by a day, there and back, under load.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::Plan;
use crate::faults::http::Http;
use crate::faults::mark::Posting;
use crate::faults::program::Host;
use crate::faults::report::Outcome;
use crate::faults::stage::{ROOM, Stage, World, acknowledged};
use crate::faults::{Error, Result};

const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const LIBRARY_ELSEWHERE: &str = "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1";

const DAY_S: i64 = 86_400;

pub async fn clock(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("clock");
    let mut stage = Stage::new(world, outcome.name, 16)?;
    let offset_file = set_ahead(&mut stage.host, 0)?;
    let mut program = stage.host.start().await?;
    let load = stage.load(Plan { rooms: vec![ROOM], ..Plan::default() }).await?;
    let posting = Posting::default();
    let jumps: &[i64] = world.pick(&[1, 0, -1, 0, 1, -1, 1, 0], &[1, -1, 0]);
    for (n, days) in jumps.iter().enumerate() {
        acknowledged(&load, 100).await?;
        let began = Instant::now();
        set(&offset_file, days * DAY_S)?;
        let seen = days_ahead(&stage, &posting).await?;
        outcome.expect(seen == *days, || format!("the clock was set {days} days ahead, and messages say {seen}"));
        outcome.fault("jumps of the clock");
        // Every other time all sockets come back after the jump, with tokens that were made after it.
        if n % 2 == 0 {
            let before = load.counters().reconnects;
            program.terminate()?;
            program.ended().await?;
            program = stage.host.start().await?;
            while load.counters().reconnects < before + 8 {
                if began.elapsed() > Duration::from_secs(60) {
                    return Err(Error::from("readers did not come back after a jump of the clock"));
                }
                sleep(Duration::from_millis(10)).await;
            }
            outcome.fault("restarts in another day");
        }
        acknowledged(&load, 100).await?;
        outcome.recoveries.push(began.elapsed());
    }
    outcome.figure("sockets resumed", load.counters().reconnects);
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}

/// From the next start on the program's clock is so many seconds ahead; answers the file that says so.
pub fn set_ahead(host: &mut Host, offset_s: i64) -> Result<PathBuf> {
    let library = [LIBRARY, LIBRARY_ELSEWHERE].into_iter().find(|path| Path::new(path).exists());
    let offset_file = host.folder.join("clock");
    set(&offset_file, offset_s)?;
    host.set("LD_PRELOAD", library.ok_or("libfaketime is missing (scripts/setup --tests installs it)")?);
    host.set("FAKETIME_TIMESTAMP_FILE", &offset_file.to_string_lossy());
    host.set("FAKETIME_NO_CACHE", "1");
    // Timers of the program go by the monotonic clock, which does not jump on a real machine either.
    host.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Ok(offset_file)
}

/// Whole, in one write: the library may read at any moment.
fn set(file: &Path, offset_s: i64) -> Result<()> {
    let next = file.with_extension("next");
    fs::write(&next, format!("{offset_s:+}\n"))?;
    Ok(fs::rename(&next, file)?)
}

/// By how many days a message's time is ahead of our clock.
async fn days_ahead(stage: &Stage, posting: &Posting) -> Result<i64> {
    let mut http = Http::connect(&stage.host.address, &stage.people[0]).await?;
    let (_, answer) = posting.post(&mut http, "target_id=p1", 0).await?;
    let place = answer.ok()?;
    let (conversation, seq) = (&place["conversation_id"], place["seq"].as_i64().ok_or("no seq")?);
    let form = format!("conversation_id={conversation}&after={}", seq - 1);
    let page = http.call("message-list", &form).await?.ok()?;
    let created_ms = page["messages"][0]["created_ms"].as_i64().ok_or("no time")?;
    let now_s = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let ahead_s = created_ms / 1000 - i64::try_from(now_s)?;
    Ok((ahead_s + ahead_s.signum() * DAY_S / 2) / DAY_S)
}
