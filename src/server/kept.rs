//! A cache in memory that is bounded in bytes: what was asked for lately stays, and the rest goes by itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Cheap-clone values by key. What was put in or asked for since the last turn is young, and takes at most so many bytes;
/// what was left from before it is old, and at the next turn it goes.
#[derive(Debug)]
pub struct Kept<K, V> {
    young_bytes: usize,
    generations: Mutex<Generations<K, V>>,
}

/// Over whenever something is forgotten: a value that was read in one that is over may not stand any more.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Era(u64);

#[derive(Debug)]
struct Generations<K, V> {
    era: Era,
    young: HashMap<K, (V, usize)>,
    /// Of `young`.
    bytes: usize,
    old: HashMap<K, (V, usize)>,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// Holds at most twice `young_bytes`, and one value more.
    #[must_use]
    pub fn new(young_bytes: usize) -> Self {
        let generations = Generations { era: Era::default(), young: HashMap::new(), bytes: 0, old: HashMap::new() };
        Self { young_bytes, generations: Mutex::new(generations) }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        // Each change of the maps is whole, whoever panics while the lock is held.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn find(&self, key: &K) -> Option<V> {
        let mut generations = self.lock();
        if let Some((value, _)) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, bytes)) = generations.old.remove_entry(key)?;
        generations.keep(key, value.clone(), bytes, self.young_bytes);
        Some(value)
    }

    /// Takes the place of what is kept under `key`.
    pub fn keep(&self, key: K, value: V, bytes: usize) {
        self.lock().keep(key, value, bytes, self.young_bytes);
    }

    /// The era in which a read begins now.
    pub fn era(&self) -> Era {
        self.lock().era
    }

    /// The same as [`keep`](Self::keep), for a value whose read began in this era; nothing if that is over.
    pub fn keep_of(&self, era: Era, key: K, value: V, bytes: usize) {
        let mut generations = self.lock();
        if generations.era == era {
            generations.keep(key, value, bytes, self.young_bytes);
        }
    }

    /// Forgets these values, and ends the era: they may be read somewhere just now.
    pub fn forget(&self, which: impl Fn(&V) -> bool) {
        let mut generations = self.lock();
        let Generations { era, young, bytes, old } = &mut *generations;
        era.0 += 1;
        young.retain(|_, (value, _)| !which(value));
        old.retain(|_, (value, _)| !which(value));
        *bytes = young.values().map(|(_, bytes)| bytes).sum();
    }

    /// Forgets all, with the memory that it took.
    pub fn forget_all(&self) {
        let mut generations = self.lock();
        let era = Era(generations.era.0 + 1);
        *generations = Generations { era, young: HashMap::new(), bytes: 0, old: HashMap::new() };
    }
}
impl<K: Eq + Hash, V> Generations<K, V> {
    fn keep(&mut self, key: K, value: V, bytes: usize, most: usize) {
        if self.bytes + bytes > most {
            self.bytes = 0;
            self.old = mem::take(&mut self.young);
        }
        self.bytes += bytes;
        if let Some((_, before)) = self.young.insert(key, (value, bytes)) {
            self.bytes -= before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let kept = Kept::new(100);
        for number in 0..40 {
            kept.keep(number, number, 25);
            assert_eq!(kept.find(&0), Some(0), "{number}: it was asked for all the time");
            let generations = kept.generations.lock().unwrap();
            assert!(generations.young.len() + generations.old.len() <= 8);
            assert_eq!(generations.bytes, 25 * generations.young.len());
        }
        assert_eq!(kept.find(&1), None, "nobody asked for it");
        assert_eq!(kept.find(&39), Some(39));
    }

    #[test]
    fn a_later_value_takes_the_place_of_the_one_before() {
        let kept = Kept::new(100);
        for bytes in [10, 60, 30] {
            kept.keep("key", bytes, bytes);
            assert_eq!(kept.find(&"key"), Some(bytes));
        }
        assert_eq!(kept.generations.lock().unwrap().bytes, 30);
        kept.keep("large", 0, 1_000);
        assert_eq!(
            (kept.find(&"large"), kept.find(&"key")),
            (Some(0), Some(30)),
            "one that is too large turns all at once"
        );
    }

    #[test]
    fn what_was_read_before_something_was_forgotten_is_not_kept_after_it() {
        let kept = Kept::new(100);
        for number in 0..5 {
            kept.keep_of(kept.era(), number, number, 25);
        }
        assert_eq!((0..5).filter_map(|number| kept.find(&number)).count(), 5, "young and old");
        let before = kept.era();
        kept.forget(|number| *number == 1);
        assert_eq!((kept.find(&1), kept.find(&2)), (None, Some(2)));
        kept.keep_of(before, 1, 1, 25);
        assert_eq!(kept.find(&1), None);
        let before = kept.era();
        kept.forget_all();
        kept.keep_of(before, 1, 1, 25);
        assert_eq!((kept.find(&1), kept.find(&2)), (None, None));
        kept.keep_of(kept.era(), 1, 1, 25);
        assert_eq!(kept.find(&1), Some(1));
        assert_eq!(kept.generations.lock().unwrap().bytes, 25);
    }
}
