//! Where a run takes place: network and mount namespaces of its own, so that nothing leaks onto the machine.
//!
//! `scripts/faults` starts the runner inside fresh namespaces. Here: a second network namespace (*far*) for clients
//! that are to be cut off, the `ip` commands that join the two, and small file systems that can be filled.

use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns};

use crate::faults::{Error, Result};

/// A network namespace that lives as long as this value.
pub struct Far {
    /// Sleeps, and so holds the namespace open.
    holder: Child,
}

impl Far {
    pub fn new() -> Result<Self> {
        let mut holder = Command::new("unshare");
        holder.args(["--net", "sleep", "infinity"]).stdin(Stdio::null()).stdout(Stdio::null());
        let far = Self { holder: holder.spawn()? };
        let ours = std::fs::read_link("/proc/self/ns/net")?;
        let began = Instant::now();
        // Until the holder has gone over there is only our own namespace to be seen.
        while std::fs::read_link(far.path()).map_or(true, |theirs| theirs == ours) {
            if began.elapsed() > Duration::from_secs(5) {
                return Err(Error::from("a second network namespace could not be made"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        far.ip("link set lo up")?;
        Ok(far)
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/ns/net", self.holder.id()))
    }

    /// Names the namespace to `ip link set … netns`.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.holder.id()
    }

    /// Runs `ip` inside.
    pub fn ip(&self, arguments: &str) -> Result<()> {
        let target = self.pid().to_string();
        done(Command::new("nsenter").args(["-t", &target, "-n", "ip"]).args(arguments.split(' ')))
    }

    /// Runs `work` on a thread of its own inside the namespace: every socket that it opens is there.
    pub fn run<T, F>(&self, work: impl FnOnce() -> F + Send + 'static) -> Result<JoinHandle<Result<T>>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>>,
    {
        let namespace = File::open(self.path())?;
        let body = move || -> Result<T> {
            // A namespace belongs to a thread: nothing of the work may move to another one.
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(work())
        };
        Ok(std::thread::Builder::new().name("far".into()).spawn(body)?)
    }

    /// Opens something inside, for instance a device.
    pub fn open<T: Send>(&self, open: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let namespace = File::open(self.path())?;
        let body = || -> Result<T> {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            open()
        };
        std::thread::scope(|scope| scope.spawn(body).join()).map_err(|_| "the opening thread broke")?
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Runs `ip` in our own namespace.
pub fn ip(arguments: &str) -> Result<()> {
    done(Command::new("ip").args(arguments.split(' ')))
}

/// A file system in memory of `size_mib`, unmounted on drop.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    pub fn mount(at: &Path, size_mib: u32) -> Result<Self> {
        std::fs::create_dir_all(at)?;
        let options = format!("size={size_mib}m,mode=0700");
        done(Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at))?;
        Ok(Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = done(Command::new("umount").arg("--lazy").arg(&self.0));
    }
}

/// Runs a command to its end; its own words are the error.
pub fn done(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{:?}: {e}", command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::from(format!("{:?} {:?}: {words}", command.get_program(), command.get_args().collect::<Vec<_>>())))
}
