//! What a run found: one [`Outcome`] a scenario, told as a table, as JSON and in the reliability paper.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::faults::{Error, Result};
use crate::history::Blocks;

/// The table of the paper stands between these lines.
const BEGIN: &str = "<!-- faults: begin (scripts/faults writes this) -->";
const END: &str = "<!-- faults: end -->";

/// What one scenario found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    pub name: &'static str,
    /// Messages whose author was told a number.
    pub acknowledged: u64,
    /// Changes of messages, and comings and goings, that were acknowledged.
    pub changed: u64,
    pub moved: u64,
    /// Nothing where nobody was to be blocked.
    pub blocks: Option<Blocks>,
    /// Messages whose author never got an answer, not even at the end.
    pub unknown: u64,
    pub lost: u64,
    pub doubled: u64,
    pub reordered: u64,
    pub phantom: u64,
    /// What was done to the program, and how often.
    pub faults: BTreeMap<&'static str, u64>,
    /// From the fault (or the start) until all was well again.
    pub recoveries: Vec<Duration>,
    pub figures: BTreeMap<&'static str, String>,
    /// Sentences about what is wrong; a run with any has failed.
    pub findings: Vec<String>,
    pub took: Duration,
}

/// What a report is about.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    pub date: String,
    pub machine: String,
    pub program: String,
    pub seed: u64,
    pub is_short: bool,
}

impl Outcome {
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    pub fn fault(&mut self, what: &'static str) {
        *self.faults.entry(what).or_default() += 1;
    }

    pub fn figure(&mut self, what: &'static str, value: impl ToString) {
        self.figures.insert(what, value.to_string());
    }

    pub fn finding(&mut self, sentence: impl Into<String>) {
        self.findings.push(sentence.into());
    }

    /// A finding unless `holds`.
    pub fn expect(&mut self, holds: bool, sentence: impl FnOnce() -> String) {
        if !holds {
            self.findings.push(sentence());
        }
    }

    /// Failed too when a fault was not really there: a run without its fault proves nothing.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        let wrong = self.lost + self.doubled + self.reordered + self.phantom;
        let nothing_happened = self.faults.is_empty() || self.faults.values().any(|count| *count == 0);
        wrong == 0 && self.findings.is_empty() && !nothing_happened
    }

    fn row(&self) -> String {
        let faults: Vec<String> =
            self.faults.iter().map(|(what, count)| format!("{} {what}", grouped(*count))).collect();
        let mut figures: Vec<String> = self.figures.iter().map(|(what, value)| format!("{what} {value}")).collect();
        if self.changed + self.moved > 0 {
            let (changed, moved) = (grouped(self.changed), grouped(self.moved));
            let blocked =
                self.blocks.map(|blocks| format!(", times somebody was blocked {blocks}")).unwrap_or_default();
            figures.insert(0, format!("messages changed {changed}, people who came or went {moved}{blocked}"));
        }
        let back = match spread(&self.recoveries) {
            Some((p50, max)) => format!("{p50} / {max}"),
            None => "–".to_owned(),
        };
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {back} | {} |",
            self.name,
            faults.join(", "),
            grouped(self.acknowledged),
            self.unknown,
            self.lost,
            self.doubled,
            self.reordered,
            self.phantom,
            figures.join("; ")
        )
    }

    fn json(&self) -> serde_json::Value {
        let mut json = serde_json::json!({
            "name": self.name, "passed": self.has_passed(), "acknowledged": self.acknowledged, "unknown": self.unknown,
            "changed": self.changed, "moved": self.moved, "blocks": self.blocks,
            "lost": self.lost, "doubled": self.doubled, "reordered": self.reordered, "phantom": self.phantom,
            "faults": self.faults, "figures": self.figures, "findings": self.findings,
            "took_ms": ms(self.took),
        });
        if let Some((p50, max)) = spread(&self.recoveries) {
            json["recovery"] = serde_json::json!({ "count": self.recoveries.len(), "p50": p50, "max": max });
        }
        json
    }
}

/// The table, as Markdown.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> String {
    let head = "| Scenario | Faults | Acknowledged | Unknown | Lost | Doubled | Reordered | Phantom \
                | Back after (p50 / max) | Figures |\n|---|---|---|---|---|---|---|---|---|---|";
    let rows = outcomes.iter().map(Outcome::row);
    std::iter::once(head.to_owned()).chain(rows).collect::<Vec<_>>().join("\n")
}

/// Writes the JSON report.
pub fn write_json(path: &Path, about: &About, outcomes: &[Outcome]) -> Result<()> {
    let scenarios: Vec<_> = outcomes.iter().map(Outcome::json).collect();
    let acknowledged: u64 = outcomes.iter().map(|outcome| outcome.acknowledged).sum();
    let report = serde_json::json!({ "about": about, "acknowledged": acknowledged, "scenarios": scenarios });
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, serde_json::to_string_pretty(&report)?)?)
}

/// Rewrites the table of the paper.
pub fn write_paper(path: &Path, about: &About, outcomes: &[Outcome]) -> Result<()> {
    let paper = fs::read_to_string(path)?;
    let (before, rest) = paper.split_once(BEGIN).ok_or("the paper has no place for the table")?;
    let (_, after) = rest.split_once(END).ok_or("the paper's place for the table has no end")?;
    let acknowledged: u64 = outcomes.iter().map(|outcome| outcome.acknowledged).sum();
    let wrong: u64 = outcomes.iter().map(|o| o.lost + o.doubled + o.reordered + o.phantom).sum();
    let summary = format!(
        "{}; {}; {}; seed {}. {} messages acknowledged in all; lost, doubled, reordered or phantom: {wrong}.",
        about.date,
        about.machine,
        about.program,
        about.seed,
        grouped(acknowledged)
    );
    let text = format!("{before}{BEGIN}\n{summary}\n\n{}\n{END}{after}", table(outcomes));
    fs::write(path, text).map_err(Error::from)
}

/// The median and the greatest.
fn spread(durations: &[Duration]) -> Option<(String, String)> {
    let max = durations.iter().max()?;
    Some((said(percentile(durations, 50)), said(*max)))
}

/// The value below which `percent` of `durations` lie; zero for none.
#[must_use]
pub fn percentile(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

/// A duration as people say it.
#[must_use]
pub fn said(duration: Duration) -> String {
    let ms = ms(duration);
    if ms < 10_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `1,234,567`.
fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_its_fault_has_failed() {
        let mut outcome = Outcome::new("kill-9");
        assert!(!outcome.has_passed(), "no fault at all");
        outcome.fault("kills");
        assert!(outcome.has_passed());
        outcome.faults.insert("cuts", 0);
        assert!(!outcome.has_passed(), "a fault that never happened");
        outcome.faults.remove("cuts");
        outcome.lost = 1;
        assert!(!outcome.has_passed());
    }

    #[test]
    fn the_table_is_written_between_its_marks() {
        let folder = tempfile::tempdir().unwrap();
        let paper = folder.path().join("paper.md");
        fs::write(&paper, format!("before\n{BEGIN}\nold\n{END}\nafter\n")).unwrap();
        let about = About {
            date: "2026-01-01".into(),
            machine: "a machine".into(),
            program: "chatter 1".into(),
            seed: 7,
            is_short: false,
        };
        let outcome =
            Outcome { acknowledged: 1_234_567, recoveries: vec![Duration::from_millis(5)], ..Outcome::new("x") };
        write_paper(&paper, &about, &[outcome]).unwrap();
        let text = fs::read_to_string(&paper).unwrap();
        assert!(text.starts_with("before\n") && text.ends_with("\nafter\n") && !text.contains("old"), "{text}");
        assert!(text.contains("1,234,567") && text.contains("| 5 ms / 5 ms |"), "{text}");
    }
}
