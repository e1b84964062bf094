//! A thousand readers stop reading while their room is busy; some only read slowly. Nobody else may feel it.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Person;
use crate::faults::http::Http;
use crate::faults::listener::{Heard, Listener};
use crate::faults::mark::{self, Posting};
use crate::faults::report::{Outcome, percentile, said};
use crate::faults::stage::{ROOM, Stage, World};
use crate::faults::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Reading,
    /// Most read nothing, every fiftieth reads a frame now and then.
    Stalled,
    /// All is read, connections that were closed are resumed, up to this seq of the room.
    CatchUp(i64),
}

/// What became of one reader.
struct Fate {
    closed: Option<u16>,
    caught_up: Duration,
}

/// The first people post; the rest read.
const ACTIVE: usize = 6;

/// Bytes of a message that fills queues: a queue of 1 MiB takes 260 of them.
const HEAVY: usize = 3_900;

/// Longer than a full queue and full buffers take to be noticed, with a thousand readers at once.
const STALL: Duration = Duration::from_secs(120);

/// Longer than a reader may take to come back and read what it missed.
const BACK: Duration = Duration::from_secs(120);

pub async fn slow_readers(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("slow-readers");
    let readers = world.pick(1_000, 100);
    let stage = Stage::new(world, outcome.name, ACTIVE + readers)?;
    let program = stage.host.start().await?;
    let address = stage.host.address.clone();
    let (phase, _) = watch::channel(Phase::Reading);
    let mut fates = JoinSet::new();
    for (n, person) in stage.people[ACTIVE..].iter().enumerate() {
        let source = source(n);
        let listener = Listener::open(&address, person, source, ROOM, None).await?;
        let (address, person, phase) = (address.clone(), person.clone(), phase.subscribe());
        fates.spawn(async move { reader(n, listener, address, person, source, phase).await });
    }
    let idle_kib = program.pss_kib()?;

    let posting = Posting::default();
    let mut writers = JoinSet::new();
    // A thousand readers times two writers are some 30,000 frames a second, half of what one core brings out.
    // And few enough that who stopped has missed less than the 2,000 that a resume brings, until it is noticed.
    let pause = Duration::from_millis(world.pick(60, 25));
    for person in &stage.people[..2] {
        let target = format!("conversation_id={ROOM}");
        writers.spawn(posting.clone().run(address.clone(), person.clone(), target, HEAVY, pause));
    }
    let (asker, answerer) = (&stage.people[2], &stage.people[3]);
    let mut probe = Probe::open(&address, asker, answerer).await?;
    let (before, _) = probe.measure(&posting, Duration::from_secs(world.pick(6, 2)), || Ok(false)).await?;

    phase.send_replace(Phase::Stalled);
    let mut peak_kib = 0;
    let began = Instant::now();
    // Until only the posters', the probe's and the slow ones' sockets are left, as the program's own files tell.
    let left = u64::try_from(20 + readers / 50)?;
    let sockets = || Ok(established(&address)? <= left);
    let mut watch = || -> Result<bool> {
        peak_kib = peak_kib.max(program.pss_kib()?);
        sockets()
    };
    let (during, all_closed) = probe.measure(&posting, STALL, &mut watch).await?;
    outcome.recoveries.push(began.elapsed());
    outcome.expect(all_closed, || format!("readers that read nothing for {STALL:?} still had their connections"));

    posting.stop();
    let mut last = 0;
    for told in writers.join_all().await {
        outcome.acknowledged += u64::try_from(told.acknowledged.len())?;
        outcome.findings.extend(told.trouble);
        last = told.acknowledged.iter().map(|(_, _, seq)| *seq).max().unwrap_or_default().max(last);
    }
    phase.send_replace(Phase::CatchUp(last));
    let mut caught_up = Vec::new();
    let mut codes = std::collections::BTreeMap::<u16, u64>::new();
    while let Some(fate) = fates.join_next().await {
        match fate? {
            Ok(fate) => {
                caught_up.push(fate.caught_up);
                if let Some(code) = fate.closed {
                    *codes.entry(code).or_default() += 1;
                }
            }
            Err(e) => {
                outcome.lost += 1;
                outcome.finding(format!("a reader did not get everything once and in order: {e}"));
            }
        }
    }
    outcome.faults.insert("readers that stopped", codes.values().sum());
    // Who reads nothing cannot be told: the close waits behind what is unread, and after a while the program goes
    // without it (1006). Any other code would be wrong.
    let wrong = codes.keys().any(|code| ![4010, 1006].contains(code));
    outcome.expect(!wrong, || format!("readers were closed with {codes:?}"));
    for (what, code) in [("told 4010", 4010), ("cut off untold", 1006)] {
        outcome.figure(what, codes.get(&code).copied().unwrap_or_default());
    }
    outcome.figure(
        "others' p50, p99 before",
        format!("{}, {}", said(percentile(&before, 50)), said(percentile(&before, 99))),
    );
    outcome.figure("meanwhile", format!("{}, {}", said(percentile(&during, 50)), said(percentile(&during, 99))));
    outcome.figure("PSS idle / peak", format!("{} / {} MiB", idle_kib / 1024, peak_kib / 1024));
    outcome.figure("all caught up in", said(percentile(&caught_up, 100)));
    // Two queues' worth for each reader and a wide margin: a bound, not a measurement.
    let bound_kib = idle_kib + u64::try_from(readers)? * 2_560 + 200 * 1024;
    outcome
        .expect(peak_kib < bound_kib, || format!("the program grew to {peak_kib} KiB; the bound is {bound_kib} KiB"));
    let worst = percentile(&before, 99).max(Duration::from_millis(100)) * 5;
    outcome.expect(percentile(&during, 99) < worst, || "readers that stopped delayed the others".to_owned());
    stage.end_program(&mut outcome, program).await?;
    Ok(outcome)
}

/// Sources of their own, so that no limit by address bites.
fn source(n: usize) -> Ipv4Addr {
    let [_, _, high, low] = u32::try_from(n).unwrap_or_default().to_be_bytes();
    Ipv4Addr::new(127, 1, high, low.max(1))
}

async fn reader(
    n: usize,
    mut listener: Listener,
    address: String,
    person: Person,
    source: Ipv4Addr,
    mut phase: watch::Receiver<Phase>,
) -> Result<Fate> {
    let mut closed = None;
    let is_slow = n.is_multiple_of(50);
    let last = loop {
        let now = *phase.borrow_and_update();
        match now {
            Phase::CatchUp(last) => break last,
            Phase::Stalled if !is_slow || closed.is_some() => phase.changed().await?,
            Phase::Stalled => {
                sleep(Duration::from_millis(200)).await;
                if let Heard::Closed(code) = listener.next().await? {
                    closed = Some(code);
                }
            }
            Phase::Reading => tokio::select! {
                heard = listener.next() => if let Heard::Closed(code) = heard? {
                    return Err(Error::from(format!("a reader that kept up was closed with {code}")));
                },
                changed = phase.changed() => changed?,
            },
        }
    };
    // What was sent before the close is read first; only then the rest is asked for.
    let began = Instant::now();
    while closed.is_none() && listener.cursor < last {
        if let Heard::Closed(code) = listener.expected().await? {
            closed = Some(code);
        }
    }
    while listener.cursor < last {
        // Jitter, as the protocol asks for; a thousand at once need more than one try.
        sleep(Duration::from_millis(fastrand::u64(0..2_000))).await;
        match Listener::open(&address, &person, source, ROOM, Some(listener.cursor)).await {
            Ok(resumed) => listener = resumed,
            Err(e) if began.elapsed() > BACK => return Err(e),
            Err(_) => continue,
        }
        while listener.cursor < last && matches!(listener.expected().await?, Heard::Frame(_)) {}
    }
    Ok(Fate { closed, caught_up: began.elapsed() })
}

/// One conversation of two beside the noise: from a post to its frame at the other's socket.
struct Probe {
    http: Http,
    listener: Listener,
    target: String,
}

impl Probe {
    async fn open(address: &str, asker: &Person, answerer: &Person) -> Result<Self> {
        Ok(Self {
            http: Http::connect(address, asker).await?,
            listener: Listener::open(address, answerer, source(usize::from(u16::MAX)), ROOM, None).await?,
            target: format!("target_id={}", answerer.name),
        })
    }

    /// Measures for `long`, or until `is_done`; also says whether it was.
    async fn measure(
        &mut self,
        posting: &Posting,
        long: Duration,
        mut is_done: impl FnMut() -> Result<bool>,
    ) -> Result<(Vec<Duration>, bool)> {
        let (began, mut times) = (Instant::now(), Vec::new());
        while began.elapsed() < long {
            let sent = Instant::now();
            let (number, answer) = posting.post(&mut self.http, &self.target, 0).await?;
            answer.ok()?;
            loop {
                match self.listener.expected().await? {
                    Heard::Frame(text) if mark::contents(text.as_bytes()).contains(&number) => break,
                    Heard::Frame(_) => {}
                    Heard::Closed(code) => return Err(Error::from(format!("the probe was closed with {code}"))),
                }
            }
            times.push(sent.elapsed());
            if is_done()? {
                return Ok((times, true));
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok((times, false))
    }
}

/// Connections that the kernel holds open at the server's side of `address`.
pub fn established(address: &str) -> Result<u64> {
    const ESTABLISHED: &str = "01";
    let port: u16 = address.rsplit(':').next().ok_or("no port")?.parse()?;
    let local = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/self/net/tcp")?;
    let open = table.lines().skip(1).filter(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let is_local = fields.next().is_some_and(|address| address.ends_with(&local));
        is_local && fields.nth(1) == Some(ESTABLISHED)
    });
    Ok(u64::try_from(open.count())?)
}
