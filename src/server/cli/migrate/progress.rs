//! How far it is, on standard error: at a terminal one line that is written over, elsewhere a line every few seconds.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::server::store::moving::{Progress, Step};

/// Between two writings of the line, and between two lines.
const REWRITTEN: Duration = Duration::from_millis(500);
const REPEATED: Duration = Duration::from_secs(5);

pub(super) struct Printer {
    terminal: bool,
    /// When the step began that is shown.
    step: Option<(Step, Instant)>,
    shown: Instant,
    /// A line stands at the terminal that is not ended.
    open: bool,
}

impl Printer {
    pub(super) fn new() -> Self {
        Self { terminal: io::stderr().is_terminal(), step: None, shown: Instant::now(), open: false }
    }

    pub(super) fn show(&mut self, progress: &Progress) {
        let now = Instant::now();
        let began = match self.step {
            Some((step, began)) if step == progress.step => began,
            _ => {
                self.step = Some((progress.step, now));
                now
            }
        };
        if now - self.shown < if self.terminal { REWRITTEN } else { REPEATED } {
            return;
        }
        self.shown = now;
        let line = line(progress, now - began);
        self.open = self.terminal;
        // Where it cannot be shown, nothing is lost. ESC [ K: clears what a longer one left.
        let _ = if self.terminal {
            write!(io::stderr().lock(), "\r{line}\x1b[K")
        } else {
            writeln!(io::stderr().lock(), "{line}")
        };
    }

    /// Leaves the line.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            let _ = writeln!(io::stderr().lock());
        }
    }
}

fn line(progress: &Progress, took: Duration) -> String {
    let step = if progress.step == Step::Copying { "copying" } else { "comparing" };
    let mut line = format!("{step} {}: {} of {} rows", progress.table, grouped(progress.rows), grouped(progress.of));
    let (done, ms) = (progress.all_rows - progress.earlier, i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
    let a_second = done.saturating_mul(1_000) / ms.max(1);
    if a_second > 0 {
        let left = u64::try_from((progress.all_of - progress.all_rows) / a_second).unwrap_or(0);
        line += &format!(", {} a second, {} left", grouped(a_second), span(Duration::from_secs(left)));
    }
    line
}

/// With commas between thousands.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// In seconds, or in minutes or hours where it is long.
pub(super) fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_and_how_long() {
        let mut progress = Progress {
            step: Step::Copying,
            table: "messages",
            rows: 250_000,
            of: 1_000_000,
            all_rows: 300_000,
            all_of: 3_000_000,
            earlier: 200_000,
        };
        let shown = |progress: &Progress, seconds| line(progress, Duration::from_secs(seconds));
        let expected = "copying messages: 250,000 of 1,000,000 rows, 20,000 a second, 2 min 15 s left";
        assert_eq!(shown(&progress, 5), expected);
        progress.all_rows = progress.earlier;
        assert_eq!(shown(&progress, 0), "copying messages: 250,000 of 1,000,000 rows", "nothing is known yet");
        (progress.step, progress.rows, progress.all_rows) = (Step::Comparing, 1, 3_000_000);
        assert_eq!(shown(&progress, 1), "comparing messages: 1 of 1,000,000 rows, 2,800,000 a second, 0 s left");
    }

    #[test]
    fn numbers_and_spans() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
        let cases = [(0, "0 s"), (99, "99 s"), (100, "1 min 40 s"), (5_999, "99 min 59 s"), (6_000, "1 h 40 min")];
        for (seconds, text) in cases {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
