//! Percentiles of latencies, and what was used while it was measured.

use std::time::{Duration, Instant};

use crate::Result;
use crate::process::{Process, cpu_s};

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
    server_cpu_s: f64,
    own_cpu_s: f64,
}

pub struct Use {
    pub took_s: f64,
    pub server_cpu_s: f64,
    own_cpu_s: f64,
}

impl Window {
    pub fn open(server: &Process) -> Result<Self> {
        Ok(Self { began: Instant::now(), server_cpu_s: server.cpu_s()?, own_cpu_s: cpu_s(std::process::id())? })
    }

    pub fn close(self, server: &Process) -> Result<Use> {
        Ok(Use {
            took_s: self.began.elapsed().as_secs_f64(),
            server_cpu_s: server.cpu_s()? - self.server_cpu_s,
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
