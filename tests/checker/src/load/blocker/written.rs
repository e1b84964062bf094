//! What the blocked one writes, and how it must stand in the history once they are heard from again.

use crate::frames::Message;
use crate::history::Blocking;
use crate::stamp::Stamp;

/// Whether the blocker may hear a message when it is written. Its nonce says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Heard,
    Unheard,
}

#[derive(Debug, Clone)]
pub(super) struct Written {
    /// Counted from 0 in a run.
    pub(super) n: u32,
    pub(super) nonce: String,
    pub(super) content: String,
    /// As the answer says; 0 before it.
    pub(super) seq: i64,
}

impl Kind {
    /// How nonces of this kind begin.
    pub(super) fn prefix(self, stamp: Stamp) -> String {
        let kind = if self == Self::Heard { "heard" } else { "unheard" };
        format!("{kind}-{:08x}-", stamp.0)
    }
}

impl Written {
    pub(super) fn new(stamp: Stamp, kind: Kind, n: u32) -> Self {
        let nonce = format!("{}{n}", kind.prefix(stamp));
        let content = format!("{:08x}: message {n} to one who blocks its author at times.", stamp.0);
        Self { n, nonce, content, seq: 0 }
    }
}

/// What is wrong with a list, given what was written: each is there once, as it was written, in that order.
pub(super) fn compare(written: &[Written], listed: &[Message]) -> Vec<Blocking> {
    let (mut faults, mut before) = (Vec::new(), 0);
    for message in written {
        let n = message.n;
        let places: Vec<usize> =
            (0..).zip(listed).filter(|(_, listed)| listed.nonce == message.nonce).map(|(place, _)| place).collect();
        let is_it = |place: &&usize| {
            let listed = &listed[**place];
            listed.content == message.content && listed.seq == message.seq
        };
        let Some(&place) = places.iter().find(is_it) else {
            faults.push(Blocking::Missing { n });
            continue;
        };
        if places.len() > 1 {
            faults.push(Blocking::Doubled { n });
        }
        if place < before {
            faults.push(Blocking::Reordered { n });
        }
        before = place;
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::UserRef;

    fn written() -> Vec<Written> {
        let written = |n: u32| Written { seq: i64::from(n) + 7, ..Written::new(Stamp(1), Kind::Unheard, n) };
        (0..3).map(written).collect()
    }

    fn listed(written: &Written) -> Message {
        let (nonce, content) = (written.nonce.clone(), written.content.clone());
        let author = UserRef { id: 3, name: "user3".into() };
        let (edited_ms, pinned, reactions, deleted) = (None, false, Vec::new(), false);
        let (seq, version) = (written.seq, written.seq);
        Message { seq, version, author, content, nonce, edited_ms, pinned, reactions, deleted }
    }

    #[test]
    fn all_that_was_written_is_listed_once_and_in_order() {
        let sound = || written().iter().map(listed).collect::<Vec<_>>();
        assert_eq!(compare(&written(), &sound()), []);
        let mut list = sound();
        list.remove(1);
        assert_eq!(compare(&written(), &list), [Blocking::Missing { n: 1 }]);
        let mut list = sound();
        list[1].content.push('!');
        assert_eq!(compare(&written(), &list), [Blocking::Missing { n: 1 }]);
        let mut list = sound();
        list[1].seq = 9;
        assert_eq!(compare(&written(), &list), [Blocking::Missing { n: 1 }]);
        let mut list = sound();
        list.push(listed(&written()[0]));
        assert_eq!(compare(&written(), &list), [Blocking::Doubled { n: 0 }]);
        let mut list = sound();
        list.swap(1, 2);
        assert_eq!(compare(&written(), &list), [Blocking::Reordered { n: 2 }]);
    }

    #[test]
    fn nonces_say_who_may_hear_and_name_no_post_of_the_load() {
        let stamp = Stamp(7);
        for kind in [Kind::Heard, Kind::Unheard] {
            let message = Written::new(stamp, kind, 5);
            assert_eq!(stamp.op(&message.nonce), None);
            assert!(message.content.contains("00000007"));
            for other in [Kind::Heard, Kind::Unheard] {
                assert_eq!(message.nonce.starts_with(&other.prefix(stamp)), kind == other);
            }
        }
    }
}
