//! Percentiles of latencies.

use std::time::Duration;

/// The value below which `part` (0.0 to 1.0) of the sorted latencies lie, in milliseconds.
pub fn percentile_ms(sorted: &[Duration], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let index = (last as f64 * part).round() as usize;
    sorted[index].as_secs_f64() * 1_000.0
}
