//! What a history is found guilty of.

use std::fmt;

use serde::Serialize;

use crate::history::Blocks;

/// Examples that a class of findings keeps, at most.
pub const EXAMPLES: usize = 10;

/// What was found of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    pub count: u64,
    /// The first [`EXAMPLES`] of them, each a sentence.
    pub examples: Vec<String>,
}

impl Findings {
    /// One more; the sentence is made only when it is kept.
    pub fn add(&mut self, sentence: impl FnOnce() -> String) {
        self.add_many(1, sentence);
    }

    /// `count` more of which one sentence tells.
    pub fn add_many(&mut self, count: u64, sentence: impl FnOnce() -> String) {
        if count == 0 {
            return;
        }
        self.count += count;
        if self.examples.len() < EXAMPLES {
            self.examples.push(sentence());
        }
    }
}

/// What is wrong, and how much was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Posts: invoked at all, acknowledged, refused for good, and unknown to the end (abandoned ones included).
    pub invoked: u64,
    pub acknowledged: u64,
    pub failed: u64,
    pub unknown: u64,
    /// Unknown ones that are in the log after all.
    pub unknown_in_log: u64,
    /// Changes of messages, and comings and goings, that were acknowledged.
    pub changed: u64,
    pub moved: u64,
    /// Nothing where nobody was to be blocked.
    pub blocks: Option<Blocks>,
    /// Events that live readers saw, and entries of lists that were read at the end.
    pub seen_live: u64,
    pub read_back: u64,
    pub lost: Findings,
    pub doubled: Findings,
    pub reordered: Findings,
    pub phantom: Findings,
    pub miscounted: Findings,
    pub diverged: Findings,
    pub revived: Findings,
    pub leaked: Findings,
    pub refused: Findings,
    pub unanswered: Findings,
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
    pub fn findings(&self) -> [(&'static str, &Findings); 11] {
        [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("reordered", &self.reordered),
            ("phantom", &self.phantom),
            ("miscounted", &self.miscounted),
            ("diverged", &self.diverged),
            ("revived", &self.revived),
            ("leaked", &self.leaked),
            ("refused", &self.refused),
            ("unanswered", &self.unanswered),
            ("unjudged", &self.unjudged),
        ]
    }

    /// Names of the classes in which something was found.
    #[must_use]
    pub fn classes(&self) -> Vec<&'static str> {
        self.findings().iter().filter(|(_, findings)| findings.count > 0).map(|(name, _)| *name).collect()
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
