//! The proof that the judge notices: the broken server's modes, each with the one class that it must be found in.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::broken::{Broken, Mode};
use crate::{Counters, Error, Load, Plan, Site, Verdict, judge};

/// People in each run; all write and all read.
const PEOPLE: usize = 6;
/// Acknowledged posts of each run: every fault strikes some dozens of times.
const POSTS: u64 = 600;
/// Runs of a faulty mode, at most, until one is judged rightly: in a single one what strikes seldom may have had no
/// occasion, or have met with something that makes it two faults. Where nothing is wrong, one run must find nothing.
const TRIES: usize = 4;
/// How long the writing may take, on a machine that is busy with other things.
const WRITING: Duration = Duration::from_secs(120);

/// Runs all modes; whether each was judged rightly. Says how it went, a line a mode.
pub async fn run(mut say: impl FnMut(String)) -> bool {
    let run = async |(mode, class): (Mode, Option<&'static str>)| {
        let mut judgement = (false, String::new());
        for _ in 0..if class.is_some() { TRIES } else { 1 } {
            judgement = match judged(mode).await {
                Ok(verdict) => assess(mode, class, &verdict),
                Err(error) => (false, error.to_string()),
            };
            if judgement.0 {
                break;
            }
        }
        (mode, judgement)
    };
    let mut runs: FuturesUnordered<_> = Mode::ALL.into_iter().map(run).collect();
    let mut all_right = true;
    while let Some((mode, (right, line))) = runs.next().await {
        all_right &= right;
        say(format!("{}  {mode:?}: {line}", if right { "right" } else { "WRONG" }));
    }
    all_right
}

/// The class that may be found besides, as it follows from the fault where somebody happened to look at both sides of it.
fn follows(mode: Mode) -> Option<&'static str> {
    // What is deleted to one and is not to another is two things in one version.
    (mode == Mode::ReplaysDeleted).then_some("diverged")
}

/// Whether exactly the expected class was found, and in words what was.
fn assess(mode: Mode, class: Option<&str>, verdict: &Verdict) -> (bool, String) {
    let mut found = verdict.classes();
    found.retain(|found| Some(*found) != follows(mode));
    let is_enough = verdict.acknowledged >= POSTS
        && verdict.seen_live > POSTS
        && verdict.blocks.is_some_and(|blocks| blocks.live > 0) == mode.blocks();
    let right = found == class.into_iter().collect::<Vec<_>>() && is_enough;
    let counts: Vec<String> =
        verdict.findings().iter().filter(|(_, f)| f.count > 0).map(|(name, f)| format!("{name} {}", f.count)).collect();
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    let mut line = format!("found {counts} in {} posts", verdict.acknowledged);
    if !right {
        line = format!("{line}; expected {}\n{verdict}", class.unwrap_or("nothing"));
    }
    (right, line)
}

/// Lets the load run against the server in this mode, and judges.
///
/// # Errors
///
/// When the load cannot start.
pub async fn judged(mode: Mode) -> Result<Verdict, Error> {
    let server = Broken::start(mode, PEOPLE).await?;
    let plan = Plan {
        rooms: vec![server.room],
        in_flight: 2,
        posts_per_second: Some(400.0),
        // What a crash has undone is stored anew by a late duplicate: that would be a second fault.
        duplicate_every: if mode == Mode::AcknowledgesBeforeStoring { 0 } else { 9 },
        invalid_every: 31,
        // Where each change is answered, it is known how many there must be.
        abandon_every: if matches!(mode, Mode::DropsChanges | Mode::AcknowledgesAnotherVersion) { 0 } else { 5 },
        pairs: !mode.changes() || matches!(mode, Mode::Correct | Mode::CountsDeleted),
        back_off: (Duration::from_millis(100), Duration::from_millis(400)),
        // Who writes has read all; what is unread and deleted is others'.
        writers: if mode == Mode::CountsDeleted { 4 } else { usize::MAX },
        read_mark_every: (mode != Mode::CountsDeleted).then_some(Duration::from_millis(100)),
        patience: Duration::from_secs(5),
        change_share: if mode.changes() { 0.4 } else { 0.0 },
        groups: usize::from(mode.changes()),
        move_every: Duration::from_millis(60),
        blocks: mode.blocks(),
        ..Plan::default()
    };
    let load = Load::start(Site::new(server.address.clone()), server.people.clone(), plan).await?;
    let end = Instant::now() + WRITING;
    let is_enough =
        |counters: Counters| counters.acknowledged >= POSTS && (counters.blocked_live > 0 || !mode.blocks());
    while !is_enough(load.counters()) && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(judge(&load.stop().await))
}
