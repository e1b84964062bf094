//! The ids of the wire, each its own type so that one cannot stand in for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An id: a positive `i64` from the store, a plain JSON number on the wire.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A user.
    UserId
}
id! {
    /// A direct conversation, a group or a room.
    ConversationId
}
id! {
    /// A signed-in browser or program.
    SessionId
}
id! {
    /// An event's number in its log: 1, 2, 3 … with no holes. 0 stands before the first.
    Seq
}

impl Default for Seq {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Seq {
    /// Before the first event of any log.
    pub const ZERO: Seq = Seq(0);

    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Seq {
        Seq(self.0 + 1)
    }
}
