//! A server as a process: pinned to one core, on a folder and a port of its own, with what it uses.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Error, Result};

pub struct Process {
    child: Child,
    folder: tempfile::TempDir,
    pub address: String,
    /// From the start of the process to its first good answer.
    pub started: Duration,
}

impl Process {
    pub fn spawn(command: &[&str], settings: &[(&str, &str)], health: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let inside = folder.path().join("messages.sqlite").to_string_lossy().into_owned();
        // A file is named relative to the folder.
        let settings: Vec<(&str, &str)> = settings.iter().map(|(key, _)| (*key, inside.as_str())).collect();
        Self::spawn_in(folder, command, &settings, health)
    }

    pub fn spawn_in(
        folder: tempfile::TempDir,
        command: &[&str],
        settings: &[(&str, &str)],
        health: &str,
    ) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let core = core();
        let began = Instant::now();
        // A load that is killed takes its server along.
        let child = Command::new("taskset")
            .args(["-c", &core, "setpriv", "--pdeathsig", "KILL"])
            .args(command)
            .envs(settings.iter().copied())
            .env("PORT", address.port().to_string())
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .stdout(Stdio::null())
            .spawn()?;
        let mut process = Self { child, folder, address: address.to_string(), started: Duration::ZERO };
        while began.elapsed() < Duration::from_secs(30) {
            if process.answers(health) {
                process.started = began.elapsed();
                return Ok(process);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(Error::from(format!("{} did not answer in 30 s", command.join(" "))))
    }

    fn answers(&self, path: &str) -> bool {
        let Ok(mut stream) = TcpStream::connect(&self.address) else { return false };
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        let mut status = [0; 12];
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_exact(&mut status).is_ok()
            && status.ends_with(b" 200")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Proportional set size of the process and its descendants, in KiB.
    pub fn pss_kib(&self) -> Result<u64> {
        pss_kib(self.id())
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn descriptors(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.id()))?.count())
    }

    pub fn threads(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/task", self.id()))?.count())
    }
}

/// Processes of one kind that a server is made of, each with its descendants.
pub struct Part {
    pub name: &'static str,
    pub ids: Vec<u32>,
}

impl Part {
    pub fn processes(&self) -> impl Iterator<Item = u32> {
        self.ids.iter().copied().flat_map(tree)
    }

    /// CPU time, in seconds: that of the processes that have ended, too, as PostgreSQL starts some for a while.
    pub fn cpu_s(&self) -> Result<f64> {
        let times = |id| match times_s(id) {
            // It ended since it was listed.
            Err(_) if !self.ids.contains(&id) => Ok(0.0),
            times => times.map(|times| times.iter().sum()),
        };
        self.processes().map(times).sum()
    }

    /// Proportional set size, in KiB.
    pub fn pss_kib(&self) -> Result<u64> {
        self.ids.iter().copied().map(pss_kib).sum()
    }
}

impl Drop for Process {
    /// With all that it started: not every helper of a server notices its end.
    fn drop(&mut self) {
        let all = tree(self.id()).into_iter().map(|id| id.to_string());
        let _ = Command::new("kill").arg("-KILL").args(all).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Proportional set size of a process and its descendants, in KiB.
fn pss_kib(id: u32) -> Result<u64> {
    let mut sum = 0;
    for id in tree(id) {
        let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
        let line = rollup.lines().find(|line| line.starts_with("Pss:")).ok_or("no Pss")?;
        sum += line.split_whitespace().nth(1).ok_or("no figure")?.parse::<u64>()?;
    }
    Ok(sum)
}

/// The process and its descendants.
fn tree(id: u32) -> Vec<u32> {
    let mut all = vec![id];
    let mut next = 0;
    while let Some(id) = all.get(next) {
        for task in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        next += 1;
    }
    all
}

/// User and system time of one process, in seconds.
pub fn cpu_s(id: u32) -> Result<f64> {
    let [own, _] = times_s(id)?;
    Ok(own)
}

/// User and system time of one process, and of those of its children that have ended, in seconds (100 ticks a second).
fn times_s(id: u32) -> Result<[f64; 2]> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let sum = |user: usize, system: usize| -> Result<f64> {
        Ok((fields[user].parse::<f64>()? + fields[system].parse::<f64>()?) / 100.0)
    };
    Ok([sum(11, 12)?, sum(13, 14)?])
}

/// The core of the server and all its parts, as taskset names it.
pub fn core() -> String {
    std::env::var("SERVER_CORE").unwrap_or_else(|_| "0".to_owned())
}

/// Chatter's program.
pub fn program() -> String {
    std::env::var("CHATTER_PROGRAM").unwrap_or_else(|_| "target/release/chatter".to_owned())
}

pub fn output(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Result<String> {
    let output = Command::new(program).args(arguments).envs(settings.iter().copied()).output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Error::from(format!("{program} {} failed: {why}", arguments[..2].join(" "))));
    }
    Ok(String::from_utf8(output.stdout)?)
}
