//! A load of real sockets and real posts against Chatter's release program and its peers, side by side.
//!
//! `scripts/bench` builds the programs, pins the server to one core and this load to another, and runs every scenario
//! for every server, three rounds interleaved. Every figure is counted at the load's side: a message counts when its
//! author has the acknowledgement *and* its receiver has the frame; lost, doubled and misplaced ones are counted and
//! fail the run. Figures go to standard output, a line each: server, figure, value, with tabs between.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]
#![expect(clippy::print_stderr, reason = "its warnings do not belong among the figures")]
#![expect(unreachable_pub, reason = "one program")]

mod crowd;
mod engine;
mod http;
mod lanes;
mod mark;
mod order;
mod peer;
mod process;
mod report;
mod scenarios;
mod server;
mod socket;
mod stats;
mod wire;
mod xmpp;

use std::env;
use std::time::Duration;

use peer::chatter::Chatter;
use peer::start;
use scenarios::pairs::Loop;
use stats::figure;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

/// Users of the restart: each connection is a user of its own.
const USERS: u32 = 5_000;

const USAGE: &str = "usage: chatter-load SERVER SCENARIO | report FIGURES | report-scaling FIGURES
  SERVER    chatter, chatter-postgresql, cluster-2, cluster-3, plain, socketio, socketio-sqlite, ejabberd, prosody, relay, form
  SCENARIO  empty, pairs IN_FLIGHT, open RATE, syncs IN_FLIGHT, crowd SIZE, idle SIZE, and of chatter alone: pages, page, history MESSAGES, ephemeral SIZE, soak RATE MINUTES, sizes, reconnect
SECONDS_MEASURED is how long each measures (5)";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let seconds = env::var("SECONDS_MEASURED").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(5.0);
    let measured = Duration::from_secs_f64(seconds);
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["report", figures] => report::write(figures.as_ref()),
        ["report-scaling", figures] => report::write_scaling(figures.as_ref()),
        ["chatter", "sizes"] => with_runtime(false),
        ["chatter", "reconnect"] => with_runtime(true),
        ["chatter", "pages"] => scenarios::pages::run(&Chatter::start(2)?, measured),
        ["chatter", "page"] => scenarios::pages::page(&Chatter::start(2)?, measured),
        ["chatter", "ephemeral", size] => {
            let size = size.parse()?;
            scenarios::ephemeral::run(&Chatter::start(size)?, size)
        }
        ["chatter", "soak", rate, minutes] => scenarios::soak::run(rate.parse()?, minutes.parse()?),
        ["chatter", "history", messages] => scenarios::history::run(messages.parse()?, measured),
        [server, "empty"] => {
            let peer = start(server, 0)?;
            figure(peer.name(), "empty start ms", peer.process().started.as_secs_f64() * 1_000.0);
            std::thread::sleep(Duration::from_secs(1));
            figure(peer.name(), "empty MiB", peer.process().pss_kib()? as f64 / 1_024.0);
            Ok(())
        }
        [server, "pairs", in_flight] => {
            let peer = start(server, lanes::USERS)?;
            scenarios::pairs::run(&*peer, in_flight.parse()?, &Loop::Closed, measured)
        }
        [server, "open", rate] => {
            let peer = start(server, lanes::USERS)?;
            scenarios::pairs::run(&*peer, 16, &Loop::Open(rate.parse()?), measured)
        }
        [server, "syncs", in_flight] => {
            let peer = start(server, lanes::USERS)?;
            scenarios::pairs::run(&*peer, in_flight.parse()?, &Loop::Syncs, measured)
        }
        [server, "crowd", size] => {
            let size = size.parse()?;
            scenarios::crowd::run(&*start(server, size)?, size)
        }
        [server, "idle", size] => {
            let size = size.parse()?;
            scenarios::crowd::enter(&*start(server, size)?, size).map(drop)
        }
        _ => Err(USAGE.into()),
    }
}

fn with_runtime(reconnect: bool) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut server = server::Server::start(USERS as usize)?;
        server.ready().await?;
        if reconnect {
            scenarios::reconnect::run(&mut server).await?;
        } else {
            scenarios::sizes::run(&server).await?;
        }
        server.stop()
    })
}
