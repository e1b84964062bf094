//! One who blocks another: how often, and what went wrong between them.

use std::fmt;

use serde::Serialize;

/// How often somebody was blocked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Blocks {
    pub times: u64,
    /// Of these, with a socket of the blocker's that lived from before it until a message came after it.
    pub live: u64,
}

impl Blocks {
    /// Those of two runs.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { times: self.times + other.times, live: self.live + other.live }
    }
}

impl fmt::Display for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { times: 0, .. } => write!(f, "0, though somebody was to be"),
            Self { times, live } => write!(f, "{times} ({live} watched live)"),
        }
    }
}

/// What went wrong between one who blocks and the one who is blocked; messages by their number in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocking {
    /// By `how` the blocker was shown what the other wrote meanwhile, or that there is something.
    Shown {
        how: &'static str,
    },
    /// Something that either of them may do was refused: the other is not to notice anything.
    Refused {
        function: &'static str,
        status: u16,
    },
    /// Tried until the run's patience ended.
    Unanswered {
        function: &'static str,
    },
    /// Written after the unblocking, and not told on a socket that lived.
    Untold {
        n: u32,
    },
    /// After the unblocking, the blocker is refused the list of messages.
    Unlisted {
        status: u16,
    },
    /// After the unblocking, not in the list as it was written and acknowledged.
    Missing {
        n: u32,
    },
    Doubled {
        n: u32,
    },
    Reordered {
        n: u32,
    },
}
