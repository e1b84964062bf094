//! A process that dies with the one that started it, whatever ends that.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::Result;

/// How long a service may take to start, or to end.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running service. It is killed on drop.
pub struct Service {
    pid: Pid,
    ended: Mutex<mpsc::Receiver<()>>,
}

/// The words in front of a program's that let it die with the thread that starts it.
pub(crate) const DIES_WITH_US: [&str; 3] = ["setpriv", "--pdeathsig", "KILL"];

impl Service {
    /// Starts a command. It begins with [`DIES_WITH_US`]: that counts from a thread, so it is given one of its own.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut command = std::mem::replace(command, Command::new(""));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let (started, pid) = mpsc::channel::<std::io::Result<i32>>();
        let (over, ended) = mpsc::channel();
        thread::spawn(move || {
            let pid = |child: &Child| i32::try_from(child.id()).map_err(std::io::Error::other);
            match command.spawn() {
                Ok(mut child) => {
                    let _ = started.send(pid(&child));
                    let _ = child.wait();
                }
                Err(error) => drop(started.send(Err(error))),
            }
            let _ = over.send(());
        });
        Ok(Self { pid: Pid::from_raw(pid.recv()??), ended: Mutex::new(ended) })
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(self.pid, signal)?)
    }

    /// Sends it a signal that ends it, and waits for its end.
    pub fn end(self, signal: Signal) -> Result<()> {
        kill(self.pid, signal)?;
        if self.ends_within(PATIENCE) { Ok(()) } else { Err(format!("{signal} did not end it in {PATIENCE:?}").into()) }
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ends_within(Duration::ZERO)
    }
}

impl Service {
    /// Also true once it was told: its thread is gone then.
    fn ends_within(&self, patience: Duration) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(ended.recv_timeout(patience), Err(mpsc::RecvTimeoutError::Timeout))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may be stopped: SIGKILL ends it all the same. Or it is gone already.
        let _ = kill(self.pid, Signal::SIGKILL);
        self.ends_within(PATIENCE);
    }
}

/// Waits until a condition holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !holds()? {
        if began.elapsed() >= PATIENCE {
            return Err(format!("{what} in {PATIENCE:?}").into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let how = output.status.signal().map_or_else(|| output.status.to_string(), |signal| format!("signal {signal}"));
    Err(format!("{} failed ({how}): {}", command.get_program().to_string_lossy(), said.trim()).into())
}
