//! A load of real sockets and real posts against the release program.
//!
//! `scripts/bench` builds the program and pins it to one core and this load to another. Every figure is counted at the
//! load's side: a message counts when its author has the acknowledgement *and* its receiver has the frame; lost and
//! doubled ones are counted and fail the run. Figures go to standard output as a Markdown table.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]
#![expect(unreachable_pub, reason = "one program")]

mod http;
mod scenarios;
mod server;
mod socket;
mod stats;

use std::env;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

/// Users that the scenarios draw from: each idle connection is a user of its own.
const USERS: usize = 5_000;

fn main() -> Result<()> {
    // Names of scenarios; all without any.
    let chosen: Vec<String> = env::args().skip(1).collect();
    let wants = |name: &str| chosen.is_empty() || chosen.iter().any(|c| c == name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        println!("| Figure | Value |\n|---|---|");
        let mut server = server::Server::start(USERS)?;
        server.ready().await?;
        println!("| cold start to `/readyz` | {} ms |", server.started_ms);
        if wants("sizes") {
            scenarios::sizes::run(&server).await?;
        }
        println!(
            "| idle process, {USERS} users known, none connected: PSS | {:.1} MiB |",
            server.pss_kib()? as f64 / 1024.0
        );
        if wants("idle") {
            scenarios::idle::run(&server).await?;
        }
        if wants("pairs") {
            scenarios::pairs::run(&server, 1).await?;
            scenarios::pairs::run(&server, 16).await?;
        }
        if wants("fan-out") {
            scenarios::fan_out::run(&server).await?;
        }
        if wants("reconnect") {
            scenarios::reconnect::run(&mut server).await?;
        }
        server.stop()
    })
}
