//! Что о товаре скажут предложения. Файл читается дважды — сначала для проверки, — и по пути видно будущую
//! цену: товар сразу заводится с ней, а не переписывается, когда очередь дойдёт до предложений.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

use kernel::Money;

use super::pricing::{Chosen, PriceTypes, choose};
use crate::formats::{OfferRecord, Record};
use crate::settings::ImportSettings;

#[derive(Debug, Clone, Copy, Default)]
struct Hint {
    base: Option<Money>,
    lowest: Option<Money>,
    old: Option<Money>,
    has_variants: bool,
}

/// По 8 байтов ключа на товар: сами иды не хранятся.
#[derive(Debug, Default)]
pub struct Hints {
    by_product: HashMap<u64, Hint>,
    types: PriceTypes,
}

impl Hints {
    pub fn new(types: PriceTypes) -> Self {
        Self { by_product: HashMap::new(), types }
    }

    pub fn take(&mut self, record: &Record, settings: &ImportSettings) {
        match record {
            Record::PriceType(kind) => self.types.insert(kind.id.clone(), kind.name.clone()),
            Record::Offer(offer) => {
                if !offer.is_base() && offer.describes_variant() {
                    self.by_product.entry(key(&offer.product_id)).or_default().has_variants = true;
                }
                self.offer(offer, settings);
            }
            _ => {}
        }
    }

    fn offer(&mut self, offer: &OfferRecord, settings: &ImportSettings) {
        let Ok(Chosen { retail: Some(retail), old }) = choose(&offer.prices, &self.types, settings) else { return };
        let hint = self.by_product.entry(key(&offer.product_id)).or_default();
        hint.old = hint.old.or(old);
        if offer.is_base() {
            hint.base = Some(retail);
        } else {
            hint.lowest = Some(hint.lowest.map_or(retail, |lowest| lowest.min(retail)));
        }
    }

    /// Будут ли у товара размеры или другие характеристики.
    pub fn has_variants(&self, product_id: &str) -> bool {
        self.by_product.get(&key(product_id)).is_some_and(|hint| hint.has_variants)
    }

    /// Цена и старая цена товара: наименьшая из цен вариантов, а без вариантов — своя.
    pub fn price(&self, product_id: &str) -> Option<(Money, Option<Money>)> {
        let hint = self.by_product.get(&key(product_id))?;
        Some((hint.lowest.or(hint.base)?, hint.old))
    }
}

fn key(id: &str) -> u64 {
    use std::hash::BuildHasher;
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}
