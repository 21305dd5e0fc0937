//! Что лежало в файле: сводка для человека и для сверки с эталоном.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::record::{GroupRecord, Milli, OfferRecord, ProductRecord, PropertyRecord, Visibility};

#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub groups: u64,
    pub group_depth: u64,
    pub groups_deleted: u64,
    pub properties: u64,
    pub property_choices: u64,
    pub properties_deleted: u64,
    pub price_types: u64,
    pub warehouses: u64,
    pub products: u64,
    pub products_deleted: u64,
    pub products_with_barcode: u64,
    pub pictures: u64,
    pub property_values: u64,
    pub offers: u64,
    /// Разных товаров среди предложений.
    pub offer_products: u64,
    pub characteristics: u64,
    pub prices: u64,
    /// Сумма всех цен, копейки.
    pub price_sum: i64,
    /// Сумма остатков, тысячные доли.
    pub stock_sum: Milli,
    pub stock_by_warehouse: BTreeMap<String, Milli>,
    /// Строк таблицы.
    pub rows: u64,
    pub problems: u64,
    pub warnings: u64,
    /// Разделы документа, которые каталогу не нужны: заказы, контрагенты.
    pub ignored: BTreeMap<String, u64>,
}

impl Counts {
    pub fn add(&mut self, other: &Counts) {
        self.groups += other.groups;
        self.group_depth = self.group_depth.max(other.group_depth);
        self.groups_deleted += other.groups_deleted;
        self.properties += other.properties;
        self.property_choices += other.property_choices;
        self.properties_deleted += other.properties_deleted;
        self.price_types += other.price_types;
        self.warehouses += other.warehouses;
        self.products += other.products;
        self.products_deleted += other.products_deleted;
        self.products_with_barcode += other.products_with_barcode;
        self.pictures += other.pictures;
        self.property_values += other.property_values;
        self.offers += other.offers;
        self.offer_products += other.offer_products;
        self.characteristics += other.characteristics;
        self.prices += other.prices;
        self.price_sum = self.price_sum.saturating_add(other.price_sum);
        self.stock_sum = self.stock_sum.saturating_add(other.stock_sum);
        self.rows += other.rows;
        self.problems += other.problems;
        self.warnings += other.warnings;
        for (key, value) in &other.stock_by_warehouse {
            let sum = self.stock_by_warehouse.entry(key.clone()).or_default();
            *sum = sum.saturating_add(*value);
        }
        for (key, value) in &other.ignored {
            *self.ignored.entry(key.clone()).or_default() += value;
        }
    }

    pub fn group(&mut self, group: &GroupRecord, depth: u64) {
        self.groups += 1;
        self.group_depth = self.group_depth.max(depth);
        self.groups_deleted += u64::from(group.deleted);
    }

    /// `choices` — сколько значений было в файле, считая пустые: их в записи нет.
    pub fn property(&mut self, property: &PropertyRecord, choices: u64) {
        self.properties += 1;
        self.property_choices += choices;
        self.properties_deleted += u64::from(property.deleted);
    }

    pub fn product(&mut self, product: &ProductRecord) {
        self.products += 1;
        self.pictures += product.images.len() as u64;
        self.products_with_barcode += u64::from(product.barcode.is_some());
        self.products_deleted += u64::from(product.visibility == Some(Visibility::Archived));
    }

    pub fn offer(&mut self, offer: &OfferRecord, warehouse_limit: usize) {
        self.offers += 1;
        for price in &offer.prices {
            self.price_sum = self.price_sum.saturating_add(price.amount);
        }
        let Some(stock) = &offer.stock else { return };
        self.stock_sum = self.stock_sum.saturating_add(stock.total);
        for (warehouse, quantity) in &stock.by_warehouse {
            if let Some(sum) = self.stock_by_warehouse.get_mut(warehouse) {
                *sum = sum.saturating_add(*quantity);
            } else if self.stock_by_warehouse.len() < warehouse_limit {
                self.stock_by_warehouse.insert(warehouse.clone(), *quantity);
            }
        }
    }

    pub fn ignore(&mut self, name: &str) {
        const NAMES: usize = 32;
        if self.ignored.len() < NAMES || self.ignored.contains_key(name) {
            *self.ignored.entry(name.to_owned()).or_default() += 1;
        }
    }
}

/// Сколько разных ключей прошло: помнит только отпечатки, по 8 байтов на ключ.
#[derive(Default)]
pub struct Distinct {
    state: RandomState,
    seen: HashSet<u64>,
}

impl Distinct {
    /// `true`, если такого ещё не было.
    pub fn insert(&mut self, key: &str) -> bool {
        self.seen.insert(self.state.hash_one(key))
    }

    pub fn count(&self) -> u64 {
        self.seen.len() as u64
    }
}
