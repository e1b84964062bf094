//! The program as a process of its own, for what only a process can show: signals, kill -9, exit codes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub struct Program {
    child: Child,
    pub address: String,
}

/// A command of the program on the data folder `data`.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatter"));
    command.env("CHATTER_DATA", data).env_remove("CHATTER_PUBLIC_URL");
    command
}

/// Runs a command to its end.
pub fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data).args(arguments).stdin(Stdio::null()).output().unwrap()
}

impl Program {
    /// Starts `serve` on a free port and waits until it says that it is ready.
    pub fn serve(data: &Path) -> Self {
        Self::serve_with(data, |_| {})
    }

    /// The same, with settings of its own.
    pub fn serve_with(data: &Path, adjust: impl FnOnce(&mut Command)) -> Self {
        Self::start(command(data), adjust)
    }

    /// The same, started by another program, which becomes it: the process is the server's.
    pub fn serve_by(data: &Path, starter: &[&str], adjust: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(starter[0]);
        command.args(&starter[1..]).arg(env!("CARGO_BIN_EXE_chatter"));
        command.env("CHATTER_DATA", data).env_remove("CHATTER_PUBLIC_URL");
        Self::start(command, adjust)
    }

    fn start(mut command: Command, adjust: impl FnOnce(&mut Command)) -> Self {
        command.arg("serve").env("LEPTOS_SITE_ADDR", "127.0.0.1:0").env("CHATTER_LIMITS_POSTS_PER_SECOND", "100000");
        command.env("CHATTER_LIMITS_POSTS_BURST", "100000").env("CHATTER_LOG_FILTER", "warn");
        adjust(&mut command);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| line.ok()?.split("http://").nth(1).map(str::to_owned));
        Self { child, address: ready.expect("the program says where it listens") }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing is said, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM; does not wait.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits for the end: the exit code, and how long it took.
    pub fn ended(&mut self, patience: Duration) -> (Option<i32>, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), began.elapsed());
            }
            assert!(began.elapsed() < patience, "the program did not end in {patience:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
