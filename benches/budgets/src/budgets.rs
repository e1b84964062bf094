//! The file of budgets, `budgets.toml`: what each step cost when the figures were set, and how a count is judged by it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde::Deserialize;

use crate::Result;

/// A count that is lower than its budget by more than this share is worth a lower budget.
const WORTH_LOWERING: f64 = 0.1;
/// Set to anything, the counts become the budgets.
const SET: &str = "BUDGETS_SET";

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Of the release program, as callgrind counts them.
    Instructions,
    /// Calls that allocate or grow, of a server in the tests' own build.
    Allocations,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
        }
    }

    /// The most that a step may cost: what it cost, and room for what differs from run to run.
    fn limit(self, budget: f64) -> f64 {
        match self {
            Self::Instructions => budget * 1.05,
            // They differ by less than a tenth of this from run to run; one more each time is found out.
            Self::Allocations => budget * 1.004 + 0.2,
        }
    }

    fn text(self, count: f64) -> String {
        match self {
            Self::Instructions => thousands(count),
            Self::Allocations => format!("{count:.2}"),
        }
    }
}

/// What a step cost, as it was counted.
pub struct Count {
    pub step: &'static str,
    pub cost: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    /// The compiler and the machine that the instructions were counted with: another compiler writes other ones.
    toolchain: String,
    instructions: BTreeMap<String, f64>,
    allocations: BTreeMap<String, f64>,
}

/// Says a line a step, and whether all were within their budgets. Or sets the budgets, if it was asked to.
pub fn judge(unit: Unit, counts: &[Count], mut say: impl FnMut(&str)) -> Result<bool> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("budgets.toml");
    let mut budgets: Budgets = toml::from_str(&fs::read_to_string(&path)?)?;
    let toolchain = toolchain()?;
    if env::var_os(SET).is_some() {
        budgets.set(unit, counts, toolchain);
        fs::write(&path, budgets.text())?;
        say(&format!("set: {} of {} steps, in {}", unit.name(), counts.len(), path.display()));
        return Ok(true);
    }
    let mut are_within = true;
    for count in counts {
        let (is_within, line) = budgets.verdict(unit, count, &toolchain);
        say(&line);
        are_within &= is_within;
    }
    Ok(are_within)
}

impl Budgets {
    fn of(&self, unit: Unit) -> &BTreeMap<String, f64> {
        match unit {
            Unit::Instructions => &self.instructions,
            Unit::Allocations => &self.allocations,
        }
    }

    /// Whether a count is within its budget, and a line that says so.
    fn verdict(&self, unit: Unit, Count { step, cost }: &Count, toolchain: &str) -> (bool, String) {
        let name = unit.name();
        let shown = unit.text(*cost);
        let Some(budget) = self.of(unit).get(*step) else {
            return (false, format!("✗ {name} of {step}: {shown}, and there is no budget: scripts/budgets --set"));
        };
        let of = format!("{name} of {step}: {shown} of {}", unit.text(unit.limit(*budget)));
        // Of what a compiler makes, only its own counts can be told from others.
        if unit == Unit::Instructions && self.toolchain != toolchain {
            let theirs = &self.toolchain;
            return (true, format!("not judged: {of}, which were counted with {theirs}, and this is {toolchain}"));
        }
        if *cost > unit.limit(*budget) {
            let why = "find what costs more, or, if it is worth it, set the budget: scripts/budgets --set";
            return (false, format!("✗ {of}: {why}"));
        }
        let is_far_below = budget - cost > budget * WORTH_LOWERING && unit.text(*cost) != unit.text(*budget);
        let advice = if is_far_below { " (far below: lower the budget with scripts/budgets --set)" } else { "" };
        (true, format!("ok: {of}{advice}"))
    }

    fn set(&mut self, unit: Unit, counts: &[Count], toolchain: String) {
        let set = counts.iter().map(|count| (count.step.to_owned(), count.cost)).collect();
        match unit {
            Unit::Instructions => (self.instructions, self.toolchain) = (set, toolchain),
            Unit::Allocations => self.allocations = set,
        }
    }

    /// The file's text.
    fn text(&self) -> String {
        let mut text = "# What each step cost when it was last counted; docs/performance.md, \"Budgets\", says what may be more.\n\
             # Written by scripts/budgets --set.\n"
            .to_owned();
        let _ = write!(text, "toolchain = {:?}\n\n# A step of the release program, under callgrind.\n", self.toolchain);
        text.push_str("[instructions]\n");
        for (step, cost) in &self.instructions {
            let _ = writeln!(text, "{step:?} = {cost:.0}");
        }
        text.push_str("\n# A step of the tests' build.\n[allocations]\n");
        for (step, cost) in &self.allocations {
            let _ = writeln!(text, "{step:?} = {cost:.2}");
        }
        text
    }
}

/// The compiler's version and the machine that it writes for.
fn toolchain() -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| PathBuf::from("rustc").into());
    let output = Command::new(rustc).arg("-vV").output()?.stdout;
    let says = String::from_utf8(output)?;
    let value = |key| says.lines().find_map(|line| line.strip_prefix(key)).ok_or("rustc -vV says something else");
    Ok(format!("rustc {} for {}", value("release: ")?, value("host: ")?))
}

fn thousands(count: f64) -> String {
    let digits = format!("{count:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets() -> Budgets {
        Budgets {
            toolchain: "this one".into(),
            instructions: BTreeMap::from([("a post".into(), 100_000.0)]),
            allocations: BTreeMap::from([("a delivery".into(), 0.02)]),
        }
    }

    #[test]
    fn verdicts() {
        // (what is counted, the step, its cost, the compiler, whether it is within, how the line begins and ends)
        let cases = [
            (
                Unit::Instructions,
                "a post",
                104_999.0,
                "this one",
                true,
                "ok: instructions of a post: 104,999 of 105,000",
                "",
            ),
            (Unit::Instructions, "a post", 105_001.0, "this one", false, "✗ ", "--set"),
            (Unit::Instructions, "a post", 205_001.0, "another", true, "not judged: ", "another"),
            (Unit::Instructions, "a post", 80_000.0, "this one", true, "ok: ", "--set)"),
            (Unit::Instructions, "a page", 1.0, "this one", false, "✗ instructions of a page: 1, ", "--set"),
            (Unit::Allocations, "a delivery", 0.1, "another", true, "ok: allocations of a delivery: 0.10 of 0.22", ""),
            (Unit::Allocations, "a delivery", 1.02, "this one", false, "✗ ", "--set"),
        ];
        for (unit, step, cost, toolchain, within, begins, ends) in cases {
            let (is_within, line) = budgets().verdict(unit, &Count { step, cost }, toolchain);
            assert_eq!(is_within, within, "{line}");
            assert!(line.starts_with(begins) && line.ends_with(ends), "{line}");
        }
    }

    #[test]
    fn what_is_set_reads_back() {
        let mut budgets = budgets();
        budgets.set(Unit::Instructions, &[Count { step: "a page", cost: 1_234_567.0 }], "a newer one".into());
        assert_eq!(toml::from_str::<Budgets>(&budgets.text()).unwrap(), budgets);
        assert_eq!(budgets.instructions, BTreeMap::from([("a page".into(), 1_234_567.0)]));
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(
            [1.0, 123.0, 1_234.0, 123_456.0, 1_234_567.4].map(thousands).join(" "),
            "1 123 1,234 123,456 1,234,567"
        );
    }
}
