//! Something that may happen a thousand times a second, and is told of once a minute at most. Pure.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const APART: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    untold: u64,
    told: Option<Instant>,
}

impl Seldom {
    /// It happened again. Answers how often since it was told last, where it is time to tell it.
    pub(super) fn happened(&self, now: Instant) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.untold += 1;
        if counted.told.is_some_and(|told| now.duration_since(told) < APART) {
            return None;
        }
        counted.told = Some(now);
        Some(std::mem::take(&mut counted.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_at_once_and_then_once_a_minute() {
        let seldom = Seldom::default();
        let began = Instant::now();
        let told: Vec<_> = [0, 1, 59, 60, 61, 120, 300]
            .map(|second| seldom.happened(began + Duration::from_secs(second)))
            .into_iter()
            .collect();
        assert_eq!(told, [Some(1), None, None, Some(3), None, Some(2), Some(1)]);
    }
}
