//! Looks who hides, where the bus may have lost the word of it. Pure.
//!
//! One look at a time. What the bus says of somebody while it is under way is newer than what it finds.

use std::collections::{BTreeSet, HashSet};

use crate::protocol::UserId;

#[derive(Debug, Default)]
pub(super) struct Looks {
    /// Of whom nobody has looked yet.
    doubted: BTreeSet<UserId>,
    /// Whether a look is under way, and of whom the bus has spoken since it began.
    looking: bool,
    told: HashSet<UserId>,
}

impl Looks {
    /// Whom to look for now, now that these are doubted; nobody while a look is under way.
    pub(super) fn doubt(&mut self, users: impl IntoIterator<Item = UserId>) -> Vec<UserId> {
        self.doubted.extend(users);
        if self.looking {
            return Vec::new();
        }
        let users: Vec<_> = std::mem::take(&mut self.doubted).into_iter().collect();
        self.looking = !users.is_empty();
        users
    }

    /// The bus spoke of this user.
    pub(super) fn told(&mut self, user: UserId) {
        if self.looking {
            self.told.insert(user);
        }
    }

    /// The look is over: whose finding counts.
    pub(super) fn done(&mut self, users: Vec<UserId>) -> Vec<UserId> {
        self.looking = false;
        let told = std::mem::take(&mut self.told);
        users.into_iter().filter(|user| !told.contains(user)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(1);
    const BOB: UserId = UserId(2);

    #[test]
    fn one_look_at_a_time_and_what_is_told_meanwhile_counts() {
        let mut looks = Looks::default();
        looks.told(ADA);
        assert_eq!(looks.doubt([]), []);
        assert_eq!(looks.doubt([BOB, ADA]), [ADA, BOB]);
        looks.told(ADA);
        assert_eq!(looks.doubt([ADA]), []);
        assert_eq!(looks.doubt([BOB]), []);
        assert_eq!(looks.done(vec![ADA, BOB]), [BOB]);
        assert_eq!(looks.doubt([]), [ADA, BOB], "those who were doubted meanwhile");
        assert_eq!(looks.done(vec![ADA, BOB]), [ADA, BOB]);
        assert_eq!(looks.doubt([]), []);
    }
}
