//! The network between clients and server: it vanishes without a word, or is slow and loses packets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::faults::mark::Posting;
use crate::faults::place::Far;
use crate::faults::report::{Outcome, percentile, said};
use crate::faults::scenarios::readers::established;
use crate::faults::stage::{ROOM, Stage, World, take_verdict};
use crate::faults::wire::{NEAR_IP, Weather, Wire};
use crate::faults::{Error, Result};
use crate::{Counters, History, Load, Plan};

/// A load on a thread of the far namespace.
struct FarLoad {
    acknowledged: Arc<AtomicU64>,
    reconnects: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<Result<(History, Counters)>>,
}

impl FarLoad {
    fn start(far: &Far, stage: &Stage, people: std::ops::Range<usize>, plan: Plan) -> Result<Self> {
        let (site, people) = (stage.site.clone(), stage.people[people].to_vec());
        let (acknowledged, (stop, mut stopped)) = (Arc::new(AtomicU64::new(0)), oneshot::channel());
        let reconnects = Arc::new(AtomicU64::new(0));
        let (count, came_back) = (acknowledged.clone(), reconnects.clone());
        let work = move || async move {
            let load = Load::start(site, people, plan).await?;
            while stopped.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
                count.store(load.acknowledged(), Ordering::Relaxed);
                came_back.store(load.counters().reconnects, Ordering::Relaxed);
                sleep(Duration::from_millis(10)).await;
            }
            let counters = load.counters();
            Ok((load.stop().await, counters))
        };
        Ok(Self { acknowledged, reconnects, stop, thread: far.run(work)? })
    }

    async fn acknowledged(&self, more: u64, patience: Duration) -> Result<()> {
        let (began, from) = (Instant::now(), self.acknowledged.load(Ordering::Relaxed));
        while self.acknowledged.load(Ordering::Relaxed) < from + more {
            if began.elapsed() > patience || self.thread.is_finished() {
                return Err(Error::from(format!("no {more} new acknowledgements from afar in {patience:?}")));
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Waits until so many sockets were opened anew.
    async fn reconnected(&self, sockets: u64, patience: Duration) -> Result<()> {
        let began = Instant::now();
        while self.reconnects.load(Ordering::Relaxed) < sockets {
            if began.elapsed() > patience || self.thread.is_finished() {
                return Err(Error::from(format!("not every one of {sockets} readers came back in {patience:?}")));
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    async fn stop(self) -> Result<(History, Counters)> {
        let _ = self.stop.send(());
        let thread = self.thread;
        tokio::task::spawn_blocking(move || thread.join()).await?.map_err(|_| "the far load broke")?
    }
}

/// A connection is given up after two heartbeats of 45 s without a sign of life; a little for the timers.
const GIVEN_UP: Duration = Duration::from_secs(100);

/// Packets vanish, without FIN and without RST, for longer than the server waits for a sign of life.
pub async fn half_open(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("half-open");
    let far = Far::new()?;
    let wire = Wire::join(&far, Weather { delay: Duration::ZERO, lost_percent: 0 }, world.seed)?;
    let stage = Stage::at(world, outcome.name, 64, NEAR_IP)?;
    let program = stage.host.start().await?;
    let plan = Plan { rooms: vec![ROOM], sources: Vec::new(), posts_per_second: Some(200.0), ..Plan::default() };
    let load = FarLoad::start(&far, &stage, 0..64, Plan { patience: GIVEN_UP, ..plan })?;
    load.acknowledged(500, Duration::from_secs(30)).await?;
    let open = established(&stage.host.address)?;
    outcome.expect(open >= 64, || format!("only {open} connections were open before the cut"));
    outcome.faults.insert("connections cut off", open);
    let before = wire.counts.lost.load(Ordering::Relaxed);
    wire.lose(100);
    let began = Instant::now();
    while established(&stage.host.address)? > 0 && began.elapsed() < GIVEN_UP {
        sleep(Duration::from_millis(100)).await;
    }
    let left = established(&stage.host.address)?;
    outcome.expect(left == 0, || format!("{left} dead connections were still there after {GIVEN_UP:?}"));
    outcome.figure("dead connections gone after", said(began.elapsed()));
    outcome.faults.insert("packets that vanished", wire.counts.lost.load(Ordering::Relaxed) - before);
    wire.lose(0);
    let began = Instant::now();
    load.acknowledged(200, GIVEN_UP).await?;
    load.reconnected(64, GIVEN_UP).await?;
    outcome.recoveries.push(began.elapsed());
    let (history, counters) = load.stop().await?;
    outcome.figure("sockets resumed", counters.reconnects);
    take_verdict(&mut outcome, &history);
    stage.end_program(&mut outcome, program).await?;
    Ok(outcome)
}

/// 200 ms each way, and every tenth packet is lost (a quarter of the delay and half of the loss in the short run: TCP
/// needs most of a minute to say good-bye in such weather).
pub async fn bad_network(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("bad-network");
    let far = Far::new()?;
    let weather = Weather { delay: Duration::from_millis(world.pick(200, 50)), lost_percent: world.pick(10, 5) };
    let wire = Wire::join(&far, weather, world.seed)?;
    let clients = world.pick(40, 8);
    let stage = Stage::at(world, outcome.name, clients + 2, NEAR_IP)?;
    let program = stage.host.start().await?;
    // Patience fit for a network where a handshake alone may take seconds.
    let patience = Duration::from_secs(120);
    let plan = Plan {
        sources: Vec::new(),
        rooms: vec![ROOM],
        readers: clients / 2,
        in_flight: 3,
        posts_per_second: Some(60.0),
        answer_timeout: Duration::from_secs(60),
        socket_silence: Duration::from_secs(30),
        patience,
        ..Plan::default()
    };
    let load = FarLoad::start(&far, &stage, 0..clients, plan)?;
    let posting = Posting::default();
    let (address, person, stop) = (stage.host.address.clone(), stage.people[clients].clone(), posting.clone());
    let target = format!("target_id={}", stage.people[clients + 1].name);
    let run = move || async move { Ok(posting.run(address, person, target, 0, Duration::ZERO).await) };
    let probe = far.run(run)?;
    load.acknowledged(1, patience).await?;
    sleep(Duration::from_secs(world.pick(60, 8))).await;
    stop.stop();
    let (history, counters) = load.stop().await?;
    let told = tokio::task::spawn_blocking(move || probe.join()).await?.map_err(|_| "the probe broke")??;
    outcome.findings.extend(told.trouble.map(|trouble| format!("the probe ended early: {trouble}")));
    outcome.faults.insert("packets lost", wire.counts.lost.load(Ordering::Relaxed));
    outcome.figure("packets relayed", wire.counts.relayed.load(Ordering::Relaxed));
    let times = [50, 99, 100].map(|percent| said(percentile(&told.times, percent)));
    outcome.figure("post to acknowledgement p50, p99, max", times.join(", "));
    outcome.figure("sockets resumed", counters.reconnects);
    let fastest = told.times.iter().min().copied().unwrap_or_default();
    outcome.expect(fastest >= weather.delay * 2, || format!("an answer came in {fastest:?}: there was no delay"));
    take_verdict(&mut outcome, &history);
    stage.end_program(&mut outcome, program).await?;
    Ok(outcome)
}
