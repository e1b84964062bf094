//! Who is there, as far as this page was told. Pure. Before READY nothing is known, and nothing is shown.

use crate::protocol::{Present, Sorted, Status, UserId};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence(Sorted<UserId, Status>);

impl Presence {
    /// READY says who is there: whoever it does not name is not.
    pub fn ready(&mut self, present: &[Present]) {
        self.0 = present.iter().map(|Present(user, status)| (*user, *status)).collect();
    }

    pub fn update(&mut self, user: UserId, status: Status) {
        match status {
            Status::Offline => self.0.remove(&user),
            Status::Away | Status::Online => self.0.insert(user, status),
        };
    }

    /// None for whoever is not there, or not known to be.
    #[must_use]
    pub fn of(&self, user: UserId) -> Option<Status> {
        self.0.get(&user).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Away, Offline, Online};

    #[test]
    fn the_last_word_counts_and_ready_is_all_of_it() {
        let mut presence = Presence::default();
        let of = |presence: &Presence| [1, 2, 3].map(|id| presence.of(UserId(id)));
        presence.ready(&[Present(UserId(1), Online), Present(UserId(2), Away)]);
        assert_eq!(of(&presence), [Some(Online), Some(Away), None]);
        for (user, status) in [(1, Offline), (2, Online), (3, Away), (3, Online)] {
            presence.update(UserId(user), status);
        }
        assert_eq!(of(&presence), [None, Some(Online), Some(Online)]);
        presence.ready(&[Present(UserId(1), Away)]);
        assert_eq!(of(&presence), [Some(Away), None, None]);
    }
}
