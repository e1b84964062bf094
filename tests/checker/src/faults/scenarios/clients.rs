//! Clients that repeat themselves, and clients that all come at once.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::faults::http::Http;
use crate::faults::mark::Posting;
use crate::faults::report::{Outcome, percentile, said};
use crate::faults::scenarios::readers::established;
use crate::faults::stage::{ROOM, Stage, World, acknowledged};
use crate::faults::{Error, Result};
use crate::{Load, Plan};

/// Every post is sent twice at once and a third time later, with the same nonce; read marks too.
pub async fn duplicates(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("duplicates");
    let stage = Stage::new(world, outcome.name, 34)?;
    let mut program = stage.host.start().await?;
    let people = stage.people[..32].to_vec();
    let plan = Plan { duplicate_every: 1, rooms: vec![ROOM], readers: 8, in_flight: 4, ..Plan::default() };
    let load = Load::start(stage.site.clone(), people, plan).await?;
    let wanted = world.pick(20_000, 1_000);
    acknowledged(&load, wanted / 2).await?;
    // A duplicate that comes after a crash must be known as well.
    program.kill()?;
    let began = Instant::now();
    program = stage.host.start().await?;
    acknowledged(&load, wanted / 2).await?;
    outcome.recoveries.push(began.elapsed());
    read_marks(&stage, &mut outcome).await?;
    outcome.fault("kills between duplicates");
    let counters = stage.end_counted(&mut outcome, load, program).await?;
    outcome.faults.insert("acknowledged once more", counters.repeated);
    // Of three tries of each, one is the first. Some of the others fell into the crash.
    outcome.expect(counters.repeated >= counters.acknowledged, || {
        format!("only {} tries repeated {} posts", counters.repeated, counters.acknowledged)
    });
    Ok(outcome)
}

/// A mark that is set twice at once, again, and back, stands where it was set last and highest.
async fn read_marks(stage: &Stage, outcome: &mut Outcome) -> Result<()> {
    let posting = Posting::default();
    let [author, reader] = &stage.people[32..34] else { return Err(Error::from("too few people")) };
    let mut http = Http::connect(&stage.host.address, author).await?;
    let mut place = serde_json::Value::Null;
    for _ in 0..10 {
        place = posting.post(&mut http, &format!("target_id={}", reader.name), 0).await?.1.ok()?;
    }
    let conversation = &place["conversation_id"];
    let last = place["seq"].as_i64().ok_or("no seq")?;
    let mut ways =
        [Http::connect(&stage.host.address, reader).await?, Http::connect(&stage.host.address, reader).await?];
    for seq in [last - 5, last - 2, last - 2, last - 4, 0] {
        let form = format!("conversation_id={conversation}&seq={seq}");
        let [one, two] = &mut ways;
        let (first, second) = tokio::join!(one.call("read-mark", &form), two.call("read-mark", &form));
        first?.ok()?;
        second?.ok()?;
        outcome.fault("read marks repeated");
    }
    let form = format!("conversation_id={conversation}");
    let entry = ways[0].call("conversation", &form).await?.ok()?;
    let (read, unread) = (find(&entry, "read_seq"), find(&entry, "unread"));
    outcome.expect(read == Some(last - 2) && unread == Some(2), || {
        format!("after marks that were repeated: read {read:?} of {last}, unread {unread:?}")
    });
    Ok(())
}

/// The number under `key`, wherever it stands in the value.
fn find(value: &serde_json::Value, key: &str) -> Option<i64> {
    match value {
        serde_json::Value::Object(map) => {
            map.get(key).and_then(serde_json::Value::as_i64).or_else(|| map.values().find_map(|inner| find(inner, key)))
        }
        _ => None,
    }
}

/// Longer than everybody may take to come back.
const BACK: Duration = Duration::from_secs(240);

/// Everybody is connected; the program goes, properly and not, and everybody comes back at once.
pub async fn reconnect_storm(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("reconnect-storm");
    let clients = world.pick(5_000, 300);
    let stage = Stage::new(world, outcome.name, clients)?;
    let mut program = stage.host.start().await?;
    let sources = (0..=255).map(|n| std::net::Ipv4Addr::new(127, 2, n, 1)).collect();
    let plan = Plan {
        writers: 100,
        posts_per_second: Some(200.0),
        invalid_every: 0,
        read_mark_every: None,
        log_members: 1,
        patience: BACK,
        // The load itself takes its time when thousands come back at once.
        answer_timeout: Duration::from_secs(30),
        socket_silence: Duration::from_secs(30),
        sources,
        ..Plan::default()
    };
    let load = stage.load(plan).await?;
    acknowledged(&load, 100).await?;
    settled(&stage.host.address, u64::try_from(clients)?).await?;
    for properly in [true, false] {
        let (before, sockets) = (load.counters(), load.counters().reconnects);
        let mut peak_kib = program.pss_kib()?;
        if properly {
            program.terminate()?;
            program.ended().await?;
        } else {
            program.kill()?;
        }
        let began = Instant::now();
        program = stage.host.start().await?;
        outcome.faults.entry("clients that came back").or_default();
        // Everybody has lost a socket, and whoever lost one has all again. One in a hundred may have been between two
        // sockets already.
        loop {
            let now = load.counters();
            let lost = now.closes.values().sum::<u64>() - before.closes.values().sum::<u64>();
            let back = now.caught_up_ms.len() - before.caught_up_ms.len();
            if lost >= u64::try_from(clients - clients / 100)? && u64::try_from(back)? >= lost {
                break;
            }
            if began.elapsed() > BACK {
                let now = load.counters();
                let (back, closes, unanswered) = (now.reconnects - sockets, now.closes, now.unknown);
                let why = format!("closes {closes:?}, tries without an answer {unanswered}");
                return Err(Error::from(format!("only {back} of {clients} clients were back after {BACK:?}: {why}")));
            }
            peak_kib = peak_kib.max(program.pss_kib()?);
            sleep(Duration::from_millis(50)).await;
        }
        outcome.recoveries.push(began.elapsed());
        let counters = load.counters();
        *outcome.faults.entry("clients that came back").or_default() += counters.reconnects - sockets;
        let (how, cost) =
            if properly { ("SIGTERM", "SIGTERM: peak PSS, CPU") } else { ("kill", "kill: peak PSS, CPU") };
        let ready = times(&counters.ready_ms[before.ready_ms.len()..]);
        let caught_up = times(&counters.caught_up_ms[before.caught_up_ms.len()..]);
        let what = if properly { "SIGTERM: READY, caught up (p50, p99, max)" } else { "kill: READY, caught up" };
        outcome.figure(what, format!("{ready}, {caught_up}"));
        outcome.figure(cost, format!("{} MiB, {} ms", peak_kib / 1024, program.cpu_ms()?));
        outcome.fault(if how == "kill" { "kills" } else { "SIGTERMs" });
    }
    stage.end(&mut outcome, load, program).await?;
    Ok(outcome)
}

/// Waits until all of the clients are connected: at least so many connections, and no new one for three seconds.
async fn settled(address: &str, clients: u64) -> Result<()> {
    let (began, mut since, mut last) = (Instant::now(), Instant::now(), 0);
    while since.elapsed() < Duration::from_secs(3) || last < clients {
        if began.elapsed() > BACK {
            return Err(Error::from(format!("only {last} connections of {clients} clients were open after {BACK:?}")));
        }
        sleep(Duration::from_millis(100)).await;
        let now = established(address)?;
        if now > last {
            (since, last) = (Instant::now(), now);
        }
    }
    Ok(())
}

fn times(ms: &[u32]) -> String {
    let durations: Vec<Duration> = ms.iter().map(|ms| Duration::from_millis(u64::from(*ms))).collect();
    [50, 99, 100].map(|percent| said(percentile(&durations, percent))).join(" / ")
}
