//! Fault runs: the program is hurt in every way that a machine, a network or a client can hurt it, under the checker's
//! load, and the checker's verdict must stay clean.
//!
//! # Layout
//!
//! | Part | Owns |
//! |---|---|
//! | [`place`], [`wire`] | namespaces, small disks, and a network that delays and loses |
//! | [`program`] | the program under test, seen from outside |
//! | [`mod@cluster`], [`probe`] | three nodes with their database and bus, and whether they are whole |
//! | [`stage`] | people, load and verdict of one scenario |
//! | [`http`], [`listener`], [`mark`], [`readback`] | what a scenario says and reads beside the load |
//! | [`trace`], [`tracing`], [`promise`], [`disk`] | system calls: their order, and what a disk is sure to hold |
//! | [`scenarios`] | what is done to the program |
//! | [`report`] | what came of it |
//!
//! A fault that did not happen fails its scenario just as a lost message does.

pub mod cluster;
pub mod disk;
pub mod http;
pub mod listener;
pub mod mark;
pub mod place;
pub mod probe;
pub mod program;
pub mod promise;
pub mod readback;
pub mod report;
pub mod scenarios;
pub mod stage;
pub mod trace;
pub mod tracing;
pub mod wire;

use std::time::{Duration, Instant};

use self::report::Outcome;
use self::scenarios::{browser, clients, clock, durability, kills, network, nodes, readers, storage};
use self::stage::World;

/// Any error of a run: its sentence is a finding.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

/// The names, in the order in which they run.
pub const NAMES: [&str; 20] = [
    "kill-9",
    "sigterm",
    "sync-error",
    "disk-full",
    "clock",
    "slow-readers",
    "half-open",
    "bad-network",
    "duplicates",
    "reconnect-storm",
    "trace",
    "power-cut",
    "browser",
    // Last of one program: it brings what the others left wanting.
    "soak",
    "cluster-kill",
    "cluster-pause",
    "cluster-cut",
    "cluster-rolling",
    "cluster-skew",
    // The same for the cluster's.
    "cluster-soak",
];

/// Not in the short run: two heartbeats alone take longer than all of it, and `scripts/test` runs the stories anyway.
pub const LONG_ONLY: [&str; 4] = ["half-open", "browser", "cluster-pause", "cluster-skew"];

/// Runs one scenario, for `limit` at most. Whatever goes wrong is in the outcome.
pub async fn run_within(limit: Duration, name: &'static str, world: &World) -> Outcome {
    let began = Instant::now();
    let hangs = || Err(Error::from(format!("it took longer than {limit:?}")));
    let result = tokio::time::timeout(limit, run(name, world)).await.unwrap_or_else(|_| hangs());
    let mut outcome = result.unwrap_or_else(|e| {
        let mut outcome = Outcome::new(name);
        outcome.finding(format!("the scenario broke off: {e}"));
        outcome
    });
    outcome.took = began.elapsed();
    outcome
}

async fn run(name: &'static str, world: &World) -> Result<Outcome> {
    match name {
        "kill-9" => kills::kill_9(world).await,
        "sigterm" => kills::sigterm(world).await,
        "sync-error" => storage::sync_error(world).await,
        "disk-full" => storage::disk_full(world).await,
        "clock" => clock::clock(world).await,
        "slow-readers" => readers::slow_readers(world).await,
        "half-open" => network::half_open(world).await,
        "bad-network" => network::bad_network(world).await,
        "duplicates" => clients::duplicates(world).await,
        "reconnect-storm" => clients::reconnect_storm(world).await,
        "trace" => durability::trace(world).await,
        "power-cut" => durability::power_cut(world).await,
        "browser" => browser::browser(world).await,
        "soak" => kills::soak(world).await,
        "cluster-kill" => nodes::kills(world).await,
        "cluster-pause" => nodes::pauses(world).await,
        "cluster-cut" => nodes::cuts(world).await,
        "cluster-rolling" => nodes::rolling(world).await,
        "cluster-skew" => nodes::skew(world).await,
        "cluster-soak" => nodes::soak(world).await,
        other => Err(Error::from(format!("there is no scenario {other}"))),
    }
}
