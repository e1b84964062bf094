//! The release program under callgrind, on a fresh data folder, with sessions of its users.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use chatter_budgets::Result;
use tempfile::TempDir;

pub struct Server {
    child: Child,
    folder: TempDir,
    /// Counts that were written so far.
    dumps: Cell<u32>,
    pub address: SocketAddr,
    /// `session=…` of each user, in order of their ids.
    pub cookies: Vec<String>,
}

impl Server {
    /// Makes the users with a session each, and a room of them all, then starts the server.
    pub fn start(users: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let people = folder.path().join("people.jsonl");
        let mut file = fs::File::create(&people)?;
        (1..=users).try_for_each(|user| writeln!(file, r#"{{"name":"u{user}"}}"#))?;
        output(&folder, &["user", "import", &people.to_string_lossy()])?;
        let sessions = output(&folder, &["user", "session", "--all"])?;
        let cookie = |line: &str| line.split_once('\t').map(|(_, value)| format!("session={value}"));
        let cookies: Vec<String> = sessions.lines().filter_map(cookie).collect();
        output(&folder, &["room", "add", "Everyone here", "--all"])?;

        let mut command = Command::new("valgrind");
        // Not before it is asked to: starting costs nothing then. Threads take turns fairly: else one may spin for long.
        command.args(["--tool=callgrind", "--instr-atstart=no", "--fair-sched=try", "--quiet"]);
        command.arg(format!("--callgrind-out-file={}", folder.path().join("counts").display()));
        command.arg(program()).arg("serve");
        settings(&mut command, folder.path());
        // One worker, whatever the machine has: work that moves between workers costs now more, now less.
        command.env("LEPTOS_SITE_ADDR", "127.0.0.1:0").env("TOKIO_WORKER_THREADS", "1");
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("valgrind: {error}"))?;
        let said = child.stdout.take().ok_or("no standard output")?;
        let address = BufReader::new(said).lines().find_map(|line| line.ok()?.split("http://").nth(1)?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            return Err("the server did not start under callgrind".into());
        };
        let server = Self { child, folder, dumps: Cell::new(0), address, cookies };
        server.tell(&["instrumentation", "on"])?;
        Ok(server)
    }

    /// Instructions that the server spends on `work`.
    pub fn counted(&self, work: impl FnOnce() -> Result<()>) -> Result<u64> {
        self.tell(&["zero"])?;
        work()?;
        self.tell(&["dump"])?;
        self.dumps.set(self.dumps.get() + 1);
        let counts = fs::read_to_string(self.folder.path().join(format!("counts.{}", self.dumps.get())))?;
        let total = counts.lines().find_map(|line| line.strip_prefix("totals: ")).ok_or("callgrind counted nothing")?;
        Ok(total.trim().parse()?)
    }

    /// Tells callgrind something, and waits until it is done.
    fn tell(&self, words: &[&str]) -> Result<()> {
        let output = Command::new("vgdb").arg(format!("--pid={}", self.child.id())).args(words).output()?;
        if !output.status.success() {
            return Err(format!("vgdb {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    env::var_os("CHATTER_PROGRAM").map_or_else(|| PathBuf::from("target/release/chatter"), PathBuf::from)
}

/// Limits out of the way, and nothing of the caller's own settings.
fn settings(command: &mut Command, folder: &Path) {
    command.env("CHATTER_DATA", folder.join("data")).env_remove("CHATTER_PUBLIC_URL");
    command.env("CHATTER_LIMITS_POSTS_PER_SECOND", "1000000").env("CHATTER_LIMITS_POSTS_BURST", "1000000");
    command.env("CHATTER_LOG_FILTER", "warn");
}

fn output(folder: &TempDir, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program());
    settings(&mut command, folder.path());
    let output = command.args(arguments).output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("chatter {} failed: {why}", arguments.join(" ")).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
