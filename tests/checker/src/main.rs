//! The command: `run` against an installation, `self-test` against the broken server.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it prints is what it is for")]

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chatter_checker::report::Report;
use chatter_checker::{Error, Load, Person, Plan, Site, judge};
use clap::{Args, Parser, Subcommand};

/// Finds out whether an installation of Chatter keeps its word.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes to and reads from an installation, then judges. Ends with 1 when anything is found, 2 when it cannot run.
    Run(Box<Run>),
    /// Shows that each kind of fault is found, and none where there is none.
    SelfTest,
}

#[derive(Debug, Args)]
struct Run {
    /// host:port; several, with commas, are nodes of one cluster.
    #[arg(long, value_delimiter = ',', required = true)]
    address: Vec<String>,
    /// Lines `name<TAB>cookie value`, as `chatter user session --all` prints them. Two or more; use accounts that are
    /// there for tests alone.
    #[arg(long)]
    people: PathBuf,
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The name of the session cookie: `__Host-session` under HTTPS.
    #[arg(long, default_value = "session")]
    cookie: String,
    /// People who write; all of them unless given.
    #[arg(long)]
    writers: Option<usize>,
    /// People who have a socket open; all of them unless given.
    #[arg(long)]
    readers: Option<usize>,
    /// Of these, so many are slow.
    #[arg(long, default_value_t = 0)]
    slow_readers: usize,
    /// Posts that a writer has under way at once.
    #[arg(long, default_value_t = 2)]
    in_flight: usize,
    /// Posts a second, of all writers together; as fast as it goes unless given.
    #[arg(long)]
    rate: Option<f64>,
    /// Ids of rooms and groups that are written to, by those who are in them.
    #[arg(long, value_delimiter = ',')]
    rooms: Vec<i64>,
    /// Nobody writes to a partner.
    #[arg(long)]
    no_pairs: bool,
    /// Every so many-th post is sent three times; 0: none.
    #[arg(long, default_value_t = 17)]
    duplicate_every: u32,
    /// Of posts without an answer, every so many-th is never tried again; 0: none.
    #[arg(long, default_value_t = 0)]
    abandon_every: u32,
    /// The part of operations that edits, deletes or reacts, in place of posting.
    #[arg(long, default_value_t = 0.15)]
    change_share: f64,
    /// Groups that are made for people to come to and go from.
    #[arg(long, default_value_t = 2)]
    groups: usize,
    /// Nobody blocks anybody.
    #[arg(long)]
    no_blocks: bool,
    /// Also write what was found into this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system gives a process its event queue");
    let done = match Arguments::parse().command {
        Command::Run(arguments) => runtime.block_on(run(&arguments)),
        Command::SelfTest => {
            runtime.block_on(async { Ok(chatter_checker::self_test::run(|line| println!("{line}")).await) })
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &Run) -> Result<bool, Error> {
    let people = people(&std::fs::read_to_string(&arguments.people)?, &arguments.cookie);
    let plan = Plan {
        writers: arguments.writers.unwrap_or(usize::MAX),
        pairs: !arguments.no_pairs,
        rooms: arguments.rooms.clone(),
        readers: arguments.readers.unwrap_or(usize::MAX),
        slow_readers: arguments.slow_readers,
        in_flight: arguments.in_flight,
        posts_per_second: arguments.rate,
        duplicate_every: arguments.duplicate_every,
        abandon_every: arguments.abandon_every,
        change_share: arguments.change_share.clamp(0.0, 1.0),
        groups: arguments.groups,
        blocks: !arguments.no_blocks,
        ..Plan::default()
    };
    let load = Load::start(Site::of(arguments.address.clone()), people, plan).await?;
    let began = Instant::now();
    let step = Duration::from_secs(if std::io::stderr().is_terminal() { 1 } else { 10 });
    let end = began + Duration::from_secs(arguments.seconds);
    while Instant::now() < end {
        tokio::time::sleep(step.min(end.saturating_duration_since(Instant::now()))).await;
        let c = load.counters();
        let seconds = began.elapsed().as_secs_f64();
        eprintln!(
            "{seconds:.0} s: {} acknowledged ({:.0}/s), {} changed, {} seen live, {} without an answer, {} sockets opened again",
            c.acknowledged,
            c.acknowledged as f64 / seconds,
            c.changed,
            c.events,
            c.unknown,
            c.reconnects
        );
    }
    let wrote = began.elapsed();
    let (history, counters) = load.stop_counted().await;
    let ended = began.elapsed() - wrote;
    let judging = Instant::now();
    let verdict = judge(&history);
    let report = Report { verdict: &verdict, counters: &counters, wrote, ended, judged: judging.elapsed() };
    print!("{}", report.table());
    if let Some(file) = &arguments.json {
        std::fs::write(file, format!("{:#}\n", report.json()))?;
    }
    Ok(verdict.is_clean())
}

fn people(lines: &str, cookie: &str) -> Vec<Person> {
    let person = |line: &str| {
        let (name, value) = line.split_once('\t')?;
        Some(Person { name: name.to_owned(), cookie: format!("{cookie}={}", value.trim()) })
    };
    lines.lines().filter_map(person).collect()
}
