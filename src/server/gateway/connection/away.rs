//! When the clients of a node that goes down should come back, to it or to another.

use std::hash::{BuildHasher, Hasher, RandomState};

/// What RECONNECT asks for at least: long enough for a restart.
const RECONNECT_MS: u32 = 1_000;
/// Sockets that should come back in a second after that; clients add their own jitter.
const BACK_PER_SECOND: usize = 1_000;
/// Longest that anybody is asked to stay away.
const AWAY_MS: u32 = 30_000;

/// Where other nodes take over, sockets are told one after the other, and come back at once.
const AT_ONCE_MS: u32 = 500;

/// When one should come back whose place is taken by another node.
pub(super) fn at_once_ms() -> u32 {
    random_up_to(AT_ONCE_MS)
}

/// When one of so many sockets should come back: spread, so that they do not all come at once.
pub(super) fn after_ms(sockets: usize) -> u32 {
    let spread_ms = u32::try_from(sockets * 1_000 / BACK_PER_SECOND).unwrap_or(AWAY_MS).min(AWAY_MS - RECONNECT_MS);
    RECONNECT_MS + random_up_to(spread_ms)
}

fn random_up_to(ms: u32) -> u32 {
    // The hasher's keys are random, and all that is wanted here.
    let random = RandomState::new().build_hasher().finish();
    u32::try_from(random % u64::from(ms + 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_come_back_at_once_and_thousands_over_some_seconds() {
        assert_eq!((after_ms(0), after_ms(1) / 10), (1_000, 100));
        let drawn: Vec<u32> = (0..1_000).map(|_| after_ms(5_000)).collect();
        assert!(drawn.iter().all(|ms| (1_000..=6_000).contains(ms)));
        let early = drawn.iter().filter(|ms| **ms < 3_500).count();
        assert!((350..650).contains(&early), "{early} of 1,000 in the first half");
        assert!((0..1_000).all(|_| after_ms(usize::MAX / 2_000) <= AWAY_MS));
    }
}
