//! Разделы, бренды, характеристики.

use std::collections::{HashMap, HashSet};

use kernel::http::Paging;
use kernel::{OrNotFound, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, QueryTrait};

use super::scope::Viewer;
use super::tree::Tree;
use crate::errors;
use crate::models::{attribute, attribute_choice, brand, category, product};
use crate::schemas::{AttributeOut, BrandOut, CategoryNode, CategoryOut, ChoiceOut};

pub fn category_out(row: category::Model) -> CategoryOut {
    CategoryOut {
        id: row.id,
        parent_id: row.parent_id,
        name: row.name,
        slug: row.slug,
        description: row.description,
        image_url: row.image_url,
        icon: row.icon,
        position: row.position,
        is_visible: row.is_visible,
        is_popular: row.is_popular,
        seo_title: row.seo_title,
        seo_description: row.seo_description,
        created_at: row.created_at.and_utc(),
        updated_at: row.updated_at.and_utc(),
    }
}

/// Все видимые разделы в порядке дерева.
pub async fn categories(db: &impl ConnectionTrait, viewer: Viewer) -> Result<Vec<CategoryOut>> {
    let tree = Tree::load(db).await?;
    let visible = tree.visible();
    let rows = category::Entity::find().all(db).await?;
    let mut rows: HashMap<i64, category::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let shown = tree.in_order().into_iter().filter(|id| viewer == Viewer::Staff || visible.contains(id));
    Ok(shown.filter_map(|id| rows.remove(&id)).map(category_out).collect())
}

/// Разделы, по которым есть куда зайти: видимый товар лежит в самом разделе или ниже.
pub async fn filled_categories(db: &impl ConnectionTrait) -> Result<Vec<CategoryOut>> {
    let mut shown = categories(db, Viewer::Public).await?;
    let here = product::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col(product::Column::CategoryId.as_column_ref()).equals(category::Column::Id.as_column_ref()))
        .filter(product::Column::IsActive.eq(true));
    let filled = category::Entity::find()
        .select_only()
        .column(category::Column::Id)
        .filter(Expr::exists(here.into_query()))
        .into_tuple::<i64>()
        .all(db)
        .await?;
    let mut filled: HashSet<i64> = filled.into_iter().collect();
    // Порядок дерева задом наперёд: ветви раньше родителя.
    for category in shown.iter().rev().filter(|category| category.parent_id.is_some()) {
        if filled.contains(&category.id) {
            filled.extend(category.parent_id);
        }
    }
    shown.retain(|category| filled.contains(&category.id));
    Ok(shown)
}

/// Те же разделы, вложенные друг в друга.
pub async fn category_tree(db: &impl ConnectionTrait, viewer: Viewer) -> Result<Vec<CategoryNode>> {
    let rows = categories(db, viewer).await?;
    let mut children: HashMap<Option<i64>, Vec<CategoryNode>> = HashMap::new();
    // Порядок дерева задом наперёд: к родителю приходим, когда его ветви уже готовы.
    for category in rows.into_iter().rev() {
        let mut below = children.remove(&Some(category.id)).unwrap_or_default();
        below.reverse();
        let parent = category.parent_id;
        children.entry(parent).or_default().push(CategoryNode { category, children: below });
    }
    let mut roots = children.remove(&None).unwrap_or_default();
    roots.reverse();
    Ok(roots)
}

/// Раздел по id или slug; скрытый покупателю — 404.
pub async fn find_category(db: &impl ConnectionTrait, address: &str, viewer: Viewer) -> Result<CategoryOut> {
    let tree = Tree::load(db).await?;
    let id = tree.find(address).filter(|id| viewer == Viewer::Staff || tree.visible().contains(id));
    let id = id.or_not_found(errors::CATEGORY_NOT_FOUND)?;
    let row = category::Entity::find_by_id(id).one(db).await?;
    row.map(category_out).or_not_found(errors::CATEGORY_NOT_FOUND)
}

fn brand_out(row: brand::Model) -> BrandOut {
    BrandOut {
        id: row.id,
        name: row.name,
        slug: row.slug,
        description: row.description,
        image_url: row.image_url,
        position: row.position,
        created_at: row.created_at.and_utc(),
        updated_at: row.updated_at.and_utc(),
    }
}

pub async fn brands(db: &impl ConnectionTrait, paging: &Paging) -> Result<(Vec<BrandOut>, u64)> {
    let total = brand::Entity::find().count(db).await?;
    let rows = brand::Entity::find()
        .order_by_asc(brand::Column::Position)
        .order_by_asc(brand::Column::Name)
        .order_by_asc(brand::Column::Id)
        .offset(paging.offset)
        .limit(paging.limit)
        .all(db)
        .await?;
    Ok((rows.into_iter().map(brand_out).collect(), total))
}

/// Бренд по id или slug.
pub async fn find_brand(db: &impl ConnectionTrait, address: &str) -> Result<BrandOut> {
    let by_slug = brand::Entity::find().filter(brand::Column::Slug.eq(address)).one(db).await?;
    let found = match (by_slug, address.parse::<i64>()) {
        (Some(row), _) => Some(row),
        (None, Ok(id)) => brand::Entity::find_by_id(id).one(db).await?,
        (None, Err(_)) => None,
    };
    found.map(brand_out).or_not_found(errors::BRAND_NOT_FOUND)
}

pub async fn attributes(db: &impl ConnectionTrait, paging: &Paging) -> Result<(Vec<AttributeOut>, u64)> {
    let total = attribute::Entity::find().count(db).await?;
    let rows = attribute::Entity::find()
        .order_by_asc(attribute::Column::Position)
        .order_by_asc(attribute::Column::Id)
        .offset(paging.offset)
        .limit(paging.limit)
        .all(db)
        .await?;
    Ok((with_choices(db, rows).await?, total))
}

pub async fn find_attribute(db: &impl ConnectionTrait, id: i64) -> Result<AttributeOut> {
    let row = attribute::Entity::find_by_id(id).one(db).await?.or_not_found(errors::ATTRIBUTE_NOT_FOUND)?;
    with_choices(db, vec![row]).await?.pop().or_not_found(errors::ATTRIBUTE_NOT_FOUND)
}

async fn with_choices(db: &impl ConnectionTrait, rows: Vec<attribute::Model>) -> Result<Vec<AttributeOut>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = attribute_choice::Entity::find()
        .filter(attribute_choice::Column::AttributeId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(attribute_choice::Column::Position)
        .order_by_asc(attribute_choice::Column::Id)
        .all(db)
        .await?;
    let mut choices: HashMap<i64, Vec<ChoiceOut>> = HashMap::new();
    for choice in found {
        let out = ChoiceOut { id: choice.id, title: choice.title, slug: choice.slug };
        choices.entry(choice.attribute_id).or_default().push(out);
    }
    let out = |row: attribute::Model| AttributeOut {
        choices: choices.remove(&row.id).unwrap_or_default(),
        id: row.id,
        name: row.name,
        slug: row.slug,
        kind: row.kind,
        unit: row.unit,
        is_filterable: row.is_filterable,
        position: row.position,
    };
    Ok(rows.into_iter().map(out).collect())
}
