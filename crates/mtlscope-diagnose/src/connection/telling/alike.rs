//! What many connections have alike, kept once for all of them.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Different values remembered; beyond, those that no connection holds are let go.
const REMEMBERED: usize = 4096;

/// Values of which equal ones are to be one.
#[derive(Debug)]
pub(super) struct Alike<T> {
    values: HashTable<Arc<T>>,
    hasher: RandomState,
}

impl<T> Default for Alike<T> {
    fn default() -> Self {
        Self { values: HashTable::new(), hasher: RandomState::default() }
    }
}

impl<T: Hash + Eq> Alike<T> {
    /// The one that stands for all that equal this.
    pub(super) fn one(&mut self, value: T) -> Arc<T> {
        let hash = self.hasher.hash_one(&value);
        if let Some(known) = self.values.find(hash, |known| **known == value) {
            return Arc::clone(known);
        }
        let value = Arc::new(value);
        if self.values.len() >= REMEMBERED {
            self.values.retain(|known| Arc::strong_count(known) > 1);
        }
        // Where all are held, others are not shared: it costs memory, and changes nothing.
        if self.values.len() < REMEMBERED {
            let hasher = &self.hasher;
            self.values.insert_unique(hash, Arc::clone(&value), |known| hasher.hash_one(&**known));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_and_unequal_ones_are_not() {
        let mut alike = Alike::default();
        let (first, second, other) = (alike.one("a"), alike.one("a"), alike.one("b"));
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &other));
    }

    #[test]
    fn no_more_are_remembered_than_the_bound_and_what_is_held_stays_right() {
        let mut alike = Alike::default();
        let held: Vec<Arc<usize>> = (0..2 * REMEMBERED).map(|value| alike.one(value)).collect();
        assert!(alike.values.len() <= REMEMBERED);
        assert!(held.iter().enumerate().all(|(index, value)| index == **value));
        drop(held);
        alike.one(usize::MAX);
        assert_eq!(alike.values.len(), 1);
    }
}
