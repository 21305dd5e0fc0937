//! Память загрузки, которая переживает откат транзакции.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Словарь «внешнее → наше». Добавленное в незафиксированной транзакции лежит отдельно.
#[derive(Debug, Clone)]
pub struct Known<K, V> {
    committed: HashMap<K, V>,
    fresh: HashMap<K, V>,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self { committed: HashMap::new(), fresh: HashMap::new() }
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.fresh.get(key).or_else(|| self.committed.get(key))
    }

    pub fn insert(&mut self, key: K, value: V) {
        self.fresh.insert(key, value);
    }

    pub fn commit(&mut self) {
        self.committed.extend(self.fresh.drain());
    }

    pub fn rollback(&mut self) {
        self.fresh.clear();
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for Known<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self { committed: pairs.into_iter().collect(), fresh: HashMap::new() }
    }
}

/// Что уже встречалось в этой загрузке: по 8 байтов на запись, сами иды не хранятся.
#[derive(Debug, Default)]
pub struct Seen {
    committed: HashSet<u64>,
    fresh: HashSet<u64>,
}

/// Чем запись отметилась: у варианта сведения, цена и остаток приходят порознь.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aspect {
    Group,
    Property,
    Product,
    Variant,
    Price,
    Stock,
    /// Запись в файле есть, но не принята: скрывать её как пропавшую нельзя.
    Refused,
}

impl Seen {
    /// `true`, если такого ещё не было.
    pub fn insert(&mut self, aspect: Aspect, id: &str) -> bool {
        let key = fingerprint(aspect, id);
        !self.committed.contains(&key) && self.fresh.insert(key)
    }

    pub fn contains(&self, aspect: Aspect, id: &str) -> bool {
        let key = fingerprint(aspect, id);
        self.committed.contains(&key) || self.fresh.contains(&key)
    }

    pub fn commit(&mut self) {
        self.committed.extend(self.fresh.drain());
    }

    pub fn rollback(&mut self) {
        self.fresh.clear();
    }
}

fn fingerprint(aspect: Aspect, id: &str) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one((aspect, id))
}
