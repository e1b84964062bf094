//! Percentiles of latencies, and what was used while it was measured.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::process::{Part, cpu_s};

/// The value below which `part` (0.0 to 1.0) of the sorted latencies lie, in milliseconds.
pub fn percentile_ms(sorted: &[Duration], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let index = (last as f64 * part).round() as usize;
    sorted[index].as_secs_f64() * 1_000.0
}

/// One figure of one server: a line for `report`.
pub fn figure(server: &str, name: &str, value: f64) {
    println!("{server}\t{name}\t{value:.3}");
}

pub struct Window {
    began: Instant,
    parts: Vec<Part>,
    parts_cpu_s: Vec<f64>,
    own_cpu_s: f64,
}

pub struct Use {
    pub took_s: f64,
    /// Of all parts.
    pub server_cpu_s: f64,
    /// Of each, by its name, in seconds.
    pub parts: Vec<(&'static str, f64)>,
    own_cpu_s: f64,
}

impl Window {
    pub fn open(parts: Vec<Part>) -> Result<Self> {
        let parts_cpu_s = parts.iter().map(Part::cpu_s).collect::<Result<_>>()?;
        Ok(Self { began: Instant::now(), parts, parts_cpu_s, own_cpu_s: cpu_s(std::process::id())? })
    }

    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    pub fn close(self) -> Result<Use> {
        let took_s = self.began.elapsed().as_secs_f64();
        let used = |(part, before): (&Part, f64)| Ok((part.name, part.cpu_s()? - before));
        let parts = self.parts.iter().zip(self.parts_cpu_s).map(used).collect::<Result<Vec<_>>>()?;
        Ok(Use {
            took_s,
            server_cpu_s: parts.iter().map(|(_, cpu_s)| cpu_s).sum(),
            parts,
            own_cpu_s: cpu_s(std::process::id())? - self.own_cpu_s,
        })
    }
}

impl Use {
    /// How busy the load's core was. Above 90 % the load may be what was measured.
    pub fn tell(&self, server: &str, scenario: &str) {
        let busy = self.own_cpu_s / self.took_s * 100.0;
        figure(server, &format!("{scenario} load busy %"), busy);
        if busy > 90.0 {
            eprintln!("! {server}, {scenario}: the load's core was {busy:.0} % busy: the figure may be the load's own");
        }
    }
}

/// Calls of fsync and fdatasync, as strace counts them.
pub struct Syncs(Child);

impl Syncs {
    pub fn count(parts: &[Part]) -> Result<Self> {
        let processes = parts.iter().flat_map(Part::processes).flat_map(|id| ["-p".to_owned(), id.to_string()]);
        let strace = Command::new("strace")
            .args(["-f", "-c", "-U", "calls", "-e", "trace=fsync,fdatasync"])
            .args(processes)
            .stderr(Stdio::piped())
            .spawn()?;
        // It has to have attached itself.
        std::thread::sleep(Duration::from_millis(500));
        Ok(Self(strace))
    }

    pub fn end(mut self) -> Result<u64> {
        Command::new("kill").args(["-INT", &self.0.id().to_string()]).status()?;
        let mut table = String::new();
        self.0.stderr.take().ok_or("strace tells nothing")?.read_to_string(&mut table)?;
        self.0.wait()?;
        // Lines of figures alone; the last one is their sum.
        let mut counts = table.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok());
        counts.next_back().ok_or_else(|| format!("strace counted nothing: {table}").into())
    }
}
