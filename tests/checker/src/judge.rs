//! What is wrong with a history.

use std::fmt;

use serde::Serialize;

use crate::History;

/// Examples that a class of findings keeps, at most.
pub const EXAMPLES: usize = 10;

/// What was found of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    pub count: u64,
    /// The first [`EXAMPLES`] of them, each a sentence.
    pub examples: Vec<String>,
}

/// What is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Operations: invoked at all, acknowledged, refused for good, and unknown to the end.
    pub invoked: u64,
    pub acknowledged: u64,
    pub failed: u64,
    pub unknown: u64,
    /// Unknown ones that are in the log after all.
    pub unknown_in_log: u64,
    /// Events that live readers saw, and entries of logs that were read at the end.
    pub seen_live: u64,
    pub read_back: u64,
    pub lost: Findings,
    pub doubled: Findings,
    pub reordered: Findings,
    pub phantom: Findings,
    /// `last_seq` or `unread` of `conversation-list` or READY is not what the log says.
    pub miscounted: Findings,
    /// What could not be judged, as a log that could not be read: not clean either.
    pub unjudged: Findings,
}

impl Verdict {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings().iter().all(|(_, findings)| findings.count == 0)
    }

    /// The classes by name.
    #[must_use]
    pub fn findings(&self) -> [(&'static str, &Findings); 6] {
        [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("reordered", &self.reordered),
            ("phantom", &self.phantom),
            ("miscounted", &self.miscounted),
            ("unjudged", &self.unjudged),
        ]
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, findings) in self.findings() {
            writeln!(f, "{name}: {}", findings.count)?;
            for example in &findings.examples {
                writeln!(f, "  {example}")?;
            }
        }
        Ok(())
    }
}

/// Judges. Pure: the same history gives the same verdict.
#[must_use]
pub fn judge(_history: &History) -> Verdict {
    Verdict::default()
}
