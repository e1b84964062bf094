//! A cache in memory that is bounded in bytes: what was asked for lately stays, and the rest goes by itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, PoisonError};

/// Cheap-clone values by key. What was put in or asked for since the last turn is young, and takes at most so many bytes;
/// what was left from before it is old, and at the next turn it goes.
#[derive(Debug)]
pub struct Kept<K, V> {
    young_bytes: usize,
    generations: Mutex<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, (V, usize)>,
    /// Of `young`.
    bytes: usize,
    old: HashMap<K, (V, usize)>,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// Holds at most twice `young_bytes`, and one value more.
    #[must_use]
    pub fn new(young_bytes: usize) -> Self {
        let generations = Mutex::new(Generations { young: HashMap::new(), bytes: 0, old: HashMap::new() });
        Self { young_bytes, generations }
    }

    pub fn find(&self, key: &K) -> Option<V> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, bytes)) = generations.old.remove_entry(key)?;
        generations.keep(key, value.clone(), bytes, self.young_bytes);
        Some(value)
    }

    /// Takes the place of what is kept under `key`.
    pub fn keep(&self, key: K, value: V, bytes: usize) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.keep(key, value, bytes, self.young_bytes);
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
}
