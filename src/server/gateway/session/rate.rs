//! How fast one connection may send: the generic cell rate algorithm (ITU-T I.371), one number a connection.

use crate::protocol::limits::{FRAMES_BURST, FRAMES_PER_MINUTE};

/// Time that one frame costs.
const INTERVAL_MS: u64 = 60_000 / FRAMES_PER_MINUTE as u64;
/// How far the frames' cost may run ahead of the clock.
const TOLERANCE_MS: u64 = INTERVAL_MS * (FRAMES_BURST as u64 - 1);

/// The theoretical arrival time of the next frame, in milliseconds of the connection's clock.
#[derive(Debug, Default)]
pub(super) struct FrameRate {
    arrival_ms: u64,
}

impl FrameRate {
    /// Takes one frame, or says in how many milliseconds one would be taken.
    pub(super) fn admit(&mut self, now_ms: u64) -> Result<(), u32> {
        let ahead = self.arrival_ms.saturating_sub(now_ms);
        if ahead > TOLERANCE_MS {
            return Err(u32::try_from(ahead - TOLERANCE_MS).unwrap_or(u32::MAX));
        }
        self.arrival_ms = self.arrival_ms.max(now_ms) + INTERVAL_MS;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_steady_rate() {
        let mut rate = FrameRate::default();
        for frame in 0..FRAMES_BURST {
            assert_eq!(rate.admit(0), Ok(()), "frame {frame}");
        }
        assert_eq!(rate.admit(0), Err(500));
        assert_eq!(rate.admit(499), Err(1));
        for frame in 1..1_000 {
            assert_eq!(rate.admit(frame * 500), Ok(()));
            assert_eq!(rate.admit(frame * 500), Err(500), "a refused frame costs nothing");
        }
    }

    #[test]
    fn silence_restores_the_burst_and_no_more() {
        let mut rate = FrameRate::default();
        let taken = |rate: &mut FrameRate, now_ms| (0..100).filter(|_| rate.admit(now_ms).is_ok()).count();
        assert_eq!(taken(&mut rate, 0), 20);
        assert_eq!(taken(&mut rate, 10_000_000), 20);
    }
}
