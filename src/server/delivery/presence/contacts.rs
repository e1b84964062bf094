//! Who is told of whom: a user who is connected here, and those with whom they have a direct conversation or a group.
//! Pure. Lists, as most are short, and none is longer than [`CONTACTS`] on the side of who is told.

use std::collections::HashMap;

use crate::protocol::UserId;
use crate::protocol::limits::CONTACTS;

#[derive(Debug, Default)]
pub(super) struct Contacts {
    /// Whom each user who is connected here is told of.
    seen: HashMap<UserId, Vec<UserId>>,
    /// The same the other way round: who is told of a user, wherever that one is.
    by: HashMap<UserId, Vec<UserId>>,
}

impl Contacts {
    pub(super) fn is_here(&self, user: UserId) -> bool {
        self.seen.contains_key(&user)
    }

    pub(super) fn enter(&mut self, user: UserId) {
        self.seen.entry(user).or_default();
    }

    pub(super) fn leave(&mut self, user: UserId) {
        for contact in self.seen.remove(&user).unwrap_or_default() {
            self.forget(user, contact);
        }
    }

    /// From now on the user, if they are here, is told of the contact. Answers whether they were not.
    pub(super) fn link(&mut self, user: UserId, contact: UserId) -> bool {
        let Some(seen) = self.seen.get_mut(&user) else { return false };
        if seen.len() >= CONTACTS || seen.contains(&contact) {
            return false;
        }
        seen.push(contact);
        self.by.entry(contact).or_default().push(user);
        true
    }

    pub(super) fn unlink(&mut self, user: UserId, contact: UserId) {
        if let Some(seen) = self.seen.get_mut(&user) {
            seen.retain(|one| *one != contact);
        }
        self.forget(user, contact);
    }

    fn forget(&mut self, user: UserId, contact: UserId) {
        let Some(by) = self.by.get_mut(&contact) else { return };
        by.retain(|one| *one != user);
        if by.is_empty() {
            self.by.remove(&contact);
        }
    }

    /// Whom the user is told of.
    pub(super) fn seen(&self, user: UserId) -> &[UserId] {
        self.seen.get(&user).map_or(&[], Vec::as_slice)
    }

    /// Who here is told of the user.
    pub(super) fn by(&self, user: UserId) -> &[UserId] {
        self.by.get(&user).map_or(&[], Vec::as_slice)
    }
}
