//! How long to wait before trying again: doubling, with full jitter, so that clients do not return in step.

const FIRST_MS: i64 = 500;
const LONGEST_MS: i64 = 30_000;

/// A part (`random` in 0..1) of 0.5 s doubled `failures` times, of at most 30 s.
#[must_use]
pub fn backoff_ms(failures: u32, random: f64) -> i64 {
    let ceiling_ms = FIRST_MS.saturating_mul(1 << failures.min(16)).min(LONGEST_MS);
    part_ms(ceiling_ms, random)
}

/// A part (`random` in 0..1) of a time.
#[must_use]
pub fn part_ms(of_ms: i64, random: f64) -> i64 {
    (of_ms as f64 * random.clamp(0.0, 1.0)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays() {
        let cases = [
            (0, 0.0, 0),
            (0, 1.0, 500),
            (1, 1.0, 1_000),
            (3, 0.5, 2_000),
            (6, 1.0, 30_000),
            (200, 1.0, 30_000),
            (u32::MAX, 0.5, 15_000),
        ];
        for (failures, random, expected) in cases {
            assert_eq!(backoff_ms(failures, random), expected, "{failures} failures, {random}");
        }
    }
}
