//! Дерево разделов целиком в памяти: разделов на порядки меньше, чем товаров.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect};

use crate::models::category;

#[derive(Clone, Debug, FromQueryResult)]
struct Row {
    id: i64,
    parent_id: Option<i64>,
    slug: String,
    is_visible: bool,
}

pub struct Tree {
    rows: Vec<Row>,
    children: HashMap<Option<i64>, Vec<i64>>,
}

impl Tree {
    pub async fn load(db: &impl ConnectionTrait) -> Result<Tree> {
        let rows = category::Entity::find()
            .select_only()
            .columns([
                category::Column::Id,
                category::Column::ParentId,
                category::Column::Slug,
                category::Column::IsVisible,
            ])
            .order_by_asc(category::Column::Position)
            .order_by_asc(category::Column::Id)
            .into_model::<Row>()
            .all(db)
            .await?;
        let mut children: HashMap<Option<i64>, Vec<i64>> = HashMap::new();
        for row in &rows {
            children.entry(row.parent_id).or_default().push(row.id);
        }
        Ok(Tree { rows, children })
    }

    /// Раздел по slug или id.
    pub fn find(&self, address: &str) -> Option<i64> {
        let by_slug = self.rows.iter().find(|row| row.slug == address);
        let by_id = || address.parse().ok().and_then(|id: i64| self.rows.iter().find(|row| row.id == id));
        by_slug.or_else(by_id).map(|row| row.id)
    }

    /// Раздел и все вложенные. Повреждённое дерево (круг) обход не зациклит.
    pub fn branch(&self, root: i64) -> Vec<i64> {
        let mut seen = BTreeSet::from([root]);
        let mut queue = vec![root];
        while let Some(id) = queue.pop() {
            for child in self.children.get(&Some(id)).into_iter().flatten() {
                if seen.insert(*child) {
                    queue.push(*child);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// Все разделы в порядке дерева: родитель, за ним его ветви.
    pub fn in_order(&self) -> Vec<i64> {
        let mut out = Vec::with_capacity(self.rows.len());
        let mut stack: Vec<i64> = self.roots();
        while let Some(id) = stack.pop() {
            out.push(id);
            stack.extend(self.children.get(&Some(id)).into_iter().flatten().rev());
        }
        out
    }

    fn roots(&self) -> Vec<i64> {
        self.children.get(&None).into_iter().flatten().rev().copied().collect()
    }

    /// Разделы, которые видит покупатель: видимы сами и все над ними.
    pub fn visible(&self) -> HashSet<i64> {
        let hidden: HashSet<i64> = self.rows.iter().filter(|row| !row.is_visible).map(|row| row.id).collect();
        let mut out = HashSet::new();
        let mut stack = self.roots();
        while let Some(id) = stack.pop() {
            if !hidden.contains(&id) {
                out.insert(id);
                stack.extend(self.children.get(&Some(id)).into_iter().flatten());
            }
        }
        out
    }

    /// Раздел и все над ним, снизу вверх.
    pub fn ancestors(&self, id: i64) -> Vec<i64> {
        let parents: HashMap<i64, Option<i64>> = self.rows.iter().map(|row| (row.id, row.parent_id)).collect();
        let mut out = vec![id];
        let mut at = parents.get(&id).copied().flatten();
        while let Some(parent) = at.filter(|parent| !out.contains(parent)) {
            out.push(parent);
            at = parents.get(&parent).copied().flatten();
        }
        out
    }
}
