//! Цены: у товара — наименьшая из цен его вариантов, у варианта — своя, только если отличается.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::models::variant;
use catalog::schemas::ProductPatch;
use catalog::services::update_product;
use kernel::{Money, Result};

use super::offers::{Placed, Shelves};
use super::shelf::{self, Card};
use super::step::Step;
use crate::models::import_link::LinkState;

/// Новые цены вариантов одного товара.
#[derive(Default)]
struct Sent {
    retail: HashMap<i64, Money>,
    old: Option<Money>,
}

/// Применяет присланные цены; отдаёт варианты, чья цена на деле изменилась.
pub async fn apply(step: &mut Step<'_>, shelves: &mut Shelves, placed: &[Placed<'_>]) -> Result<HashSet<i64>> {
    let mut by_product: BTreeMap<i64, (Card, Sent)> = BTreeMap::new();
    for item in placed {
        let Some((chosen, _)) = item.task.price else { continue };
        let Some(card) = shelves.product_of(item.task.record) else { continue };
        let (_, sent) = by_product.entry(item.product).or_insert_with(|| (card, Sent::default()));
        sent.old = sent.old.max(chosen.old);
        if let Some(retail) = chosen.retail {
            sent.retail.insert(item.variant, retail);
        }
    }
    let mut changed = HashSet::new();
    for (id, (card, sent)) in by_product {
        let variants = shelves.variants.get(&id).map(Vec::as_slice).unwrap_or_default();
        let plan = plan(&card, variants, &shelves.linked, &sent);
        changed.extend(plan.changed);
        if let Some(patch) = plan.product {
            update_product(step.work, id, &patch).await?;
        }
        for (before, after) in &plan.variants {
            shelf::update_variant(step.work, before, after).await?;
        }
    }
    Ok(changed)
}

struct Plan {
    product: Option<ProductPatch>,
    /// Пары «было — стало».
    variants: Vec<(variant::Model, variant::Model)>,
    changed: Vec<i64>,
}

fn plan(row: &Card, variants: &[variant::Model], linked: &HashMap<i64, bool>, sent: &Sent) -> Plan {
    // Цена, которую источник назвал именно этому варианту: сейчас или раньше.
    let own = |v: &variant::Model| {
        let earlier = || linked.get(&v.id).is_some_and(|has_price| *has_price).then(|| v.price_at(row.price));
        sent.retail.get(&v.id).copied().or_else(earlier).filter(|price| *price > Money::ZERO)
    };
    let is_default = |v: &variant::Model| v.variant_key == variant::DEFAULT;
    let lowest = variants.iter().filter(|v| !is_default(v) && v.is_active).filter_map(own).min();
    let base = lowest.or_else(|| variants.iter().find(|v| is_default(v)).and_then(own)).unwrap_or(row.price);

    let mut plan = Plan { product: price_change(row, base, sent), variants: Vec::new(), changed: Vec::new() };
    for before in variants.iter().filter(|v| linked.contains_key(&v.id)) {
        let Some(price) = own(before) else { continue };
        if sent.retail.contains_key(&before.id) && before.price_at(row.price) != price {
            plan.changed.push(before.id);
        }
        let mut after = before.clone();
        after.price = (price != base && !is_default(before)).then_some(price);
        after.price_delta = None;
        if after != *before {
            plan.variants.push((before.clone(), after));
        }
    }
    plan
}

/// Что меняется у самого товара. Скрытый из-за отсутствия цены выходит на витрину.
fn price_change(row: &Card, base: Money, sent: &Sent) -> Option<ProductPatch> {
    let old_price = sent.old.or(row.old_price).filter(|old| *old > base);
    let had_no_price = row.price == Money::ZERO && base > Money::ZERO;
    let comes_out = had_no_price && !row.is_active && !row.is_archived && row.state == LinkState::Shown;
    let patch = ProductPatch {
        price: (base != row.price).then_some(base),
        old_price: (old_price != row.old_price).then_some(old_price),
        is_active: comes_out.then_some(true),
        ..ProductPatch::default()
    };
    (patch.price.is_some() || patch.old_price.is_some() || comes_out).then_some(patch)
}
