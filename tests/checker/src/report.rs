//! What a run comes to, for people and for programs.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Counters, Verdict};

/// A finished run.
#[derive(Debug)]
pub struct Report<'a> {
    pub verdict: &'a Verdict,
    pub counters: &'a Counters,
    /// How long was written.
    pub wrote: Duration,
    /// How long the end took: catching up and reading; and judging.
    pub ended: Duration,
    pub judged: Duration,
}

impl Report<'_> {
    /// A Markdown table, then the examples.
    #[must_use]
    pub fn table(&self) -> String {
        let Self { verdict, counters, .. } = self;
        let mut rows: Vec<(&str, String)> = vec![
            ("posts invoked", verdict.invoked.to_string()),
            ("posts acknowledged", format!("{} ({:.0}/s)", verdict.acknowledged, self.per_second())),
            ("messages changed", verdict.changed.to_string()),
            ("people who came or went", verdict.moved.to_string()),
            ("times somebody was blocked", verdict.blocks.map_or_else(|| "–".to_owned(), |b| b.to_string())),
            ("posts refused for good", format!("{} ({} of them rightly)", verdict.failed, counters.refused_rightly)),
            (
                "posts unknown to the end",
                format!("{} ({} of them in the log)", verdict.unknown, verdict.unknown_in_log),
            ),
            ("tries without an answer", counters.unknown.to_string()),
            ("tries slowed down (429)", counters.limited.to_string()),
            ("events seen live", verdict.seen_live.to_string()),
            ("entries read back", verdict.read_back.to_string()),
            ("sockets opened again", format!("{}, by code {:?}", counters.reconnects, counters.closes)),
            ("conversations reset", counters.resets.to_string()),
            ("from loss to READY", percentiles(&counters.ready_ms)),
            ("from loss to caught up", percentiles(&counters.caught_up_ms)),
            ("writing, ending, judging", format!("{:.1?}, {:.1?}, {:.1?}", self.wrote, self.ended, self.judged)),
        ];
        if let Some(kib) = peak_kib() {
            rows.push(("memory of the checker, at most", format!("{} MiB", kib / 1024)));
        }
        rows.extend(verdict.findings().map(|(name, findings)| (name, format!("**{}**", findings.count))));
        let mut table = String::from("| | |\n|---|---|\n");
        for (name, value) in rows {
            // Writing to a String does not fail.
            let _ = writeln!(table, "| {name} | {value} |");
        }
        for (name, findings) in verdict.findings() {
            for example in &findings.examples {
                let _ = writeln!(table, "{name}: {example}");
            }
        }
        table
    }

    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "clean": self.verdict.is_clean(),
            "verdict": self.verdict,
            "counters": self.counters,
            "wrote_ms": self.wrote.as_millis() as u64,
            "ended_ms": self.ended.as_millis() as u64,
            "judged_ms": self.judged.as_millis() as u64,
            "acknowledged_per_second": self.per_second(),
            "peak_memory_kib": peak_kib(),
        })
    }

    fn per_second(&self) -> f64 {
        self.verdict.acknowledged as f64 / self.wrote.as_secs_f64().max(0.001)
    }
}

/// The middle, the 99th hundredth and the greatest.
fn percentiles(ms: &[u32]) -> String {
    let mut sorted = ms.to_vec();
    sorted.sort_unstable();
    let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize];
    if sorted.is_empty() {
        return "–".to_owned();
    }
    format!("p50 {} ms, p99 {} ms, at most {} ms ({} times)", at(0.5), at(0.99), at(1.0), sorted.len())
}

/// The most memory that this process had at once (Linux).
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
