//! Whether somebody sits at this page. Pure: time is passed in, in milliseconds.

/// So long without a key, a touch or a move, and nobody does.
pub const IDLE_MS: i64 = 5 * 60_000;

#[derive(Debug, Default)]
pub struct Idle {
    acted_ms: i64,
    is_idle: bool,
}

impl Idle {
    /// Somebody did something. Answers whether that is news.
    pub fn acts(&mut self, now_ms: i64) -> bool {
        self.acted_ms = now_ms;
        std::mem::take(&mut self.is_idle)
    }

    /// Time has passed. Answers whether nobody sits here any more, once.
    pub fn looks(&mut self, now_ms: i64) -> bool {
        let idle = now_ms - self.acted_ms >= IDLE_MS;
        idle && !std::mem::replace(&mut self.is_idle, idle)
    }

    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// When [`Idle::looks`] should be asked, if nothing happens before.
    #[must_use]
    pub fn due_ms(&self) -> Option<i64> {
        (!self.is_idle).then_some(self.acted_ms + IDLE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_of_nothing() {
        let mut idle = Idle::default();
        assert!(!idle.acts(1_000));
        assert!(!idle.looks(IDLE_MS + 999) && !idle.is_idle());
        assert_eq!(idle.due_ms(), Some(IDLE_MS + 1_000));
        assert!(idle.looks(IDLE_MS + 1_000) && idle.is_idle());
        assert!(!idle.looks(IDLE_MS + 9_000), "told once");
        assert_eq!(idle.due_ms(), None);
        assert!(idle.acts(IDLE_MS + 10_000) && !idle.is_idle());
        assert!(!idle.acts(IDLE_MS + 10_001));
        assert_eq!(idle.due_ms(), Some(2 * IDLE_MS + 10_001));
    }
}
