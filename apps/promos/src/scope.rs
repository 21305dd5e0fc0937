//! На что действует код.

use std::collections::HashSet;

use catalog::queries::Tree;
use kernel::Result;
use sea_orm::ConnectionTrait;

use crate::models::{Kind, TargetKind, promo_code};
use crate::queries;
use crate::services::Line;

/// Разобранный охват: товары или разделы (что-то из двух), и при этом вид покупки. Пустое не ограничивает.
pub struct Scope {
    is_bound: bool,
    products: HashSet<i64>,
    /// Вместе с вложенными.
    categories: HashSet<i64>,
    kinds: Vec<Kind>,
}

impl Scope {
    pub async fn of(db: &impl ConnectionTrait, promo: &promo_code::Model) -> Result<Scope> {
        let targets = queries::targets_of(db, vec![promo.id]).await?;
        let ids = |kind: TargetKind| targets.iter().filter(move |row| row.kind == kind).map(|row| row.target_id);
        let mut categories = HashSet::new();
        if ids(TargetKind::Category).next().is_some() {
            let tree = Tree::load(db).await?;
            categories.extend(ids(TargetKind::Category).flat_map(|root| tree.branch(root)));
        }
        Ok(Scope {
            is_bound: !targets.is_empty(),
            products: ids(TargetKind::Product).collect(),
            categories,
            kinds: Kind::split(&promo.kinds),
        })
    }

    /// Действует ли на всё подряд.
    pub fn is_everything(&self) -> bool {
        !self.is_bound && self.kinds.is_empty()
    }

    pub fn covers(&self, line: &Line) -> bool {
        let named = self.products.contains(&line.product_id)
            || line.category_id.is_some_and(|category| self.categories.contains(&category));
        (named || !self.is_bound) && (self.kinds.is_empty() || self.kinds.contains(&line.kind))
    }
}
