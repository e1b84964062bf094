//! The addresses that used up their allowance of sign-ins, and until when: asking a limiter would count as an attempt.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Limited, SWEEP};

#[derive(Default)]
pub(super) struct TurnedAway(Mutex<State>);

#[derive(Default)]
struct State {
    until: HashMap<IpAddr, Instant>,
    added: u32,
}

impl TurnedAway {
    /// Refuses an address whose wait is not over.
    pub(super) fn check(&self, address: IpAddr) -> Result<(), Limited> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = state.until.get(&address) else { return Ok(()) };
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            state.until.remove(&address);
            return Ok(());
        }
        Err(Limited { retry_after_ms: u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1) })
    }

    pub(super) fn add(&self, address: IpAddr, limited: Limited) {
        let now = Instant::now();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.added = state.added.wrapping_add(1);
        if state.added.is_multiple_of(SWEEP) {
            state.until.retain(|_, until| *until > now);
        }
        state.until.insert(address, now + Duration::from_millis(limited.retry_after_ms.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_and_is_forgotten() {
        let turned_away = TurnedAway::default();
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        turned_away.add(address(0), Limited { retry_after_ms: 60_000 });
        assert!((59_000..=60_000).contains(&turned_away.check(address(0)).unwrap_err().retry_after_ms));
        assert!(turned_away.check(address(1)).is_ok());
        for n in 1..SWEEP {
            turned_away.add(address(n), Limited { retry_after_ms: 0 });
        }
        assert!(turned_away.check(address(1)).is_ok());
        let kept = turned_away.0.lock().unwrap().until.len();
        assert!(kept <= 2, "swept: {kept}");
    }
}
