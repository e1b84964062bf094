//! `chatter-faults [--short] [--messages N] [--seed N] [NAME…]`: runs the fault scenarios and tells what came of them.
//!
//! To be started by `scripts/faults`, which builds the program and goes into namespaces of its own first. The exit
//! code is 0 when every scenario passed; the last line is `N passed, M failed`.

#![expect(clippy::print_stdout, reason = "it tells what it does and found")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chatter_checker::faults::report::{About, Outcome, said, table, write_json, write_paper};
use chatter_checker::faults::stage::World;
use chatter_checker::faults::{LONG_ONLY, NAMES, Result, run_within};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "chatter-faults", about = "Hurts the release program in every way there is, and judges it.")]
struct Options {
    /// Everything in small, in about three minutes.
    #[arg(long)]
    short: bool,
    /// Messages that are to be acknowledged in all; the soak brings what the other scenarios leave wanting.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    /// The same seed makes the same random choices.
    #[arg(long)]
    seed: Option<u64>,
    /// Scenarios; all without any.
    names: Vec<String>,
}

/// A scenario that takes longer hangs, and has failed: the longest takes five minutes, on two cores.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// The soak brings a million messages, alone if it is run alone.
const SOAK_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let names = chosen(&options)?;
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(1..1_000_000_000));
    let root = std::path::absolute("target/faults")?;
    std::fs::create_dir_all(&root)?;
    let program =
        std::env::var_os("CHATTER_PROGRAM").map_or_else(|| PathBuf::from("target/release/chatter"), PathBuf::from);
    let program = std::path::absolute(program)?;
    let about = about(&program, seed, options.short)?;
    println!("seed {seed}; {}; {}", about.program, about.machine);

    // Of the long run the messages are wanted; the short one is short.
    let messages = if options.short { 0 } else { options.messages };
    let mut world = World { root, program, seed, is_short: options.short, wanted: messages };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (n, name) in names.iter().enumerate() {
        println!("▸ {name} ({} of {})", n + 1, names.len());
        // A cluster has to bring as many as a program alone.
        let alike = outcomes.iter().filter(|outcome| is_of_cluster(outcome.name) == is_of_cluster(name));
        let acknowledged = alike.map(|outcome| outcome.acknowledged).sum();
        world.wanted = messages.saturating_sub(acknowledged);
        let limit = if name.ends_with("soak") { SOAK_LIMIT } else { LIMIT };
        let outcome = runtime.block_on(run_within(limit, name, &world));
        println!(
            "  {}: {} acknowledged, in {}",
            if outcome.has_passed() { "passed" } else { "FAILED" },
            outcome.acknowledged,
            said(outcome.took)
        );
        outcome.findings.iter().for_each(|finding| println!("    {finding}"));
        // The data of a scenario that failed stays for a look.
        if outcome.has_passed() {
            let _ = std::fs::remove_dir_all(world.root.join(name));
        }
        outcomes.push(outcome);
    }
    println!("\n{}\n", table(&outcomes));
    write_json(&world.root.join("report.json"), &about, &outcomes)?;
    // What is published is a run in which all was tried and nothing was found.
    if !options.short && names.len() == NAMES.len() && outcomes.iter().all(Outcome::has_passed) {
        write_paper(Path::new("docs/reliability.md"), &about, &outcomes)?;
    }
    let passed = outcomes.iter().filter(|outcome| outcome.has_passed()).count();
    println!("{passed} passed, {} failed", outcomes.len() - passed);
    Ok(if passed == outcomes.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_of_cluster(name: &str) -> bool {
    name.starts_with("cluster-")
}

/// The scenarios that were named, in their order.
fn chosen(options: &Options) -> Result<Vec<&'static str>> {
    if let Some(unknown) = options.names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(format!("there is no scenario {unknown}; there are {}", NAMES.join(", ")).into());
    }
    let is_chosen = |name: &&str| match options.names.is_empty() {
        true => !(options.short && LONG_ONLY.contains(name)),
        false => options.names.iter().any(|chosen| chosen == name),
    };
    Ok(NAMES.into_iter().filter(is_chosen).collect())
}

/// Where and when this is.
fn about(program: &Path, seed: u64, is_short: bool) -> Result<About> {
    let output = |command: &mut Command| -> Result<String> {
        Ok(String::from_utf8_lossy(&command.output()?.stdout).trim().to_owned())
    };
    let version = output(Command::new(program).arg("--version"))?;
    let commit = output(Command::new("git").args(["rev-parse", "--short", "HEAD"])).unwrap_or_default();
    let date = output(Command::new("date").args(["-u", "-I"])).or_else(|_| {
        Ok::<_, std::time::SystemTimeError>(format!("{:?}", SystemTime::now().duration_since(UNIX_EPOCH)?))
    })?;
    let cores = std::fs::read_to_string("/proc/cpuinfo")?.lines().filter(|line| line.starts_with("processor")).count();
    let memory = std::fs::read_to_string("/proc/meminfo")?;
    let kib: u64 = memory.split_whitespace().nth(1).unwrap_or_default().parse()?;
    let kernel = output(Command::new("uname").arg("-r"))?;
    let machine = format!("{cores} cores, {} GiB, Linux {kernel}", kib / 1024 / 1024);
    Ok(About { date, machine, program: format!("{version} at {commit}"), seed, is_short })
}
