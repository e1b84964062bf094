//! Who is at one node. Pure.

use std::collections::HashMap;

use crate::protocol::{Status, UserId};

/// Users who are there, and a digest of it that does not depend on the order in which it came to be.
#[derive(Debug, Default)]
pub(super) struct Roll {
    users: HashMap<UserId, Status>,
    digest: u64,
}

impl Roll {
    pub(super) fn get(&self, user: UserId) -> Status {
        self.users.get(&user).copied().unwrap_or(Status::Offline)
    }

    /// Whoever is offline is not in it.
    pub(super) fn set(&mut self, user: UserId, status: Status) {
        let before = match status {
            Status::Offline => self.users.remove(&user),
            _ => self.users.insert(user, status),
        };
        for (sign, status) in [(-1_i8, before), (1, Some(status))] {
            let Some(status) = status.filter(|status| *status != Status::Offline) else { continue };
            let one = mixed(user, status);
            self.digest = if sign < 0 { self.digest.wrapping_sub(one) } else { self.digest.wrapping_add(one) };
        }
    }

    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    pub(super) fn users(&self) -> impl Iterator<Item = (UserId, Status)> {
        self.users.iter().map(|(user, status)| (*user, *status))
    }
}

/// The finalizer of `SplitMix64`: neighbouring ids come to be far apart. The same in every program, as nodes compare it.
fn mixed(user: UserId, status: Status) -> u64 {
    let status = if status == Status::Away { 1 } else { 2 };
    let mut word = user.0.cast_unsigned().wrapping_mul(4).wrapping_add(status);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_what_stands_and_not_of_how_it_came() {
        let roll = |steps: &[(i64, Status)]| {
            let mut roll = Roll::default();
            steps.iter().for_each(|(user, status)| roll.set(UserId(*user), *status));
            roll.digest()
        };
        use Status::{Away, Offline, Online};
        let stands = roll(&[(1, Online), (2, Away)]);
        assert_eq!(stands, roll(&[(2, Online), (3, Away), (1, Online), (2, Away), (3, Offline), (9, Offline)]));
        for other in [&[(1, Online)][..], &[(1, Away), (2, Online)], &[(1, Online), (2, Online)], &[]] {
            assert_ne!(stands, roll(other), "{other:?}");
        }
    }
}
