//! Which numbers a view has seen: a set of ranges, of which there is one where all is well.

/// Disjoint, ascending and not touching.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Vec<(u32, u32)>);

impl Seen {
    /// Adds one number; whether it was there.
    pub(super) fn add(&mut self, seq: u32) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < seq);
        if self.0.get(at).is_some_and(|(first, _)| *first <= seq) {
            return true;
        }
        let joins_before = at > 0 && self.0[at - 1].1.checked_add(1) == Some(seq);
        let joins_after = self.0.get(at).is_some_and(|(first, _)| seq.checked_add(1) == Some(*first));
        match (joins_before, joins_after) {
            (true, true) => {
                self.0[at - 1].1 = self.0[at].1;
                self.0.remove(at);
            }
            (true, false) => self.0[at - 1].1 = seq,
            (false, true) => self.0[at].0 = seq,
            (false, false) => self.0.insert(at, (seq, seq)),
        }
        false
    }

    /// Adds a range that begins after everything that is there; whether it does.
    pub(super) fn append(&mut self, first: u32, last: u32) -> bool {
        match self.0.last_mut() {
            Some((_, end)) if *end >= first => return false,
            Some((_, end)) if end.checked_add(1) == Some(first) => *end = last,
            _ => self.0.push((first, last)),
        }
        true
    }

    pub(super) fn first(&self) -> Option<u32> {
        self.0.first().map(|(first, _)| *first)
    }

    pub(super) fn last(&self) -> u32 {
        self.0.last().map_or(0, |(_, last)| *last)
    }

    /// The ranges of `first..=last` that are not there.
    pub(super) fn missing(&self, first: u32, last: u32) -> Vec<(u32, u32)> {
        let (mut missing, mut next) = (Vec::new(), first);
        for (from, to) in &self.0 {
            if next > last {
                break;
            }
            if *from > next {
                missing.push((next, last.min(from - 1)));
            }
            next = next.max(to.saturating_add(1));
        }
        if next <= last {
            missing.push((next, last));
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn is_a_set(seqs in proptest::collection::vec(1_u32..40, 0..60)) {
            let (mut seen, mut set) = (Seen::default(), std::collections::BTreeSet::new());
            for seq in seqs {
                assert_eq!(seen.add(seq), !set.insert(seq));
            }
            let missing: Vec<u32> = seen.missing(5, 30).into_iter().flat_map(|(a, b)| a..=b).collect();
            assert_eq!(missing, (5..=30).filter(|seq| !set.contains(seq)).collect::<Vec<_>>());
            assert!(seen.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{seen:?}");
        }
    }

    #[test]
    fn ranges_are_appended_at_the_end_alone() {
        let mut seen = Seen::default();
        assert!(seen.append(3, 5) && seen.append(6, 9) && !seen.append(9, 12) && seen.append(12, 12));
        assert_eq!(seen.0, [(3, 9), (12, 12)]);
        assert_eq!((seen.last(), seen.missing(1, 14)), (12, vec![(1, 2), (10, 11), (13, 14)]));
    }
}
