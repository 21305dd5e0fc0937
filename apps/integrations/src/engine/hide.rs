//! Конец полной выгрузки: чего в ней не было, того больше нет — скрываем, но не удаляем.

use catalog::models::variant;
use catalog::schemas::ProductPatch;
use catalog::services::update_product;
use kernel::data::in_lists;
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder, QuerySelect};

use super::known::Aspect;
use super::shelf;
use super::step::{About, Step};
use crate::models::import_link::{Column, Entity, LinkEntity, LinkState, Model};

const PAGE: u64 = 500;

/// Скрывает пропавшее на одной странице соответствий; отдаёт, с какого id продолжать.
pub async fn page(step: &mut Step<'_>, entity: LinkEntity, after: i64) -> Result<Option<i64>> {
    let links = shown(step.work, step.source, entity, &step.scope.catalog_id, after).await?;
    let Some(last) = links.last().map(|link| link.id) else { return Ok(None) };
    let aspect = if entity == LinkEntity::Product { Aspect::Product } else { Aspect::Variant };
    let seen = &step.state.seen;
    let is_gone = |id: &str| !seen.contains(aspect, id) && !seen.contains(Aspect::Refused, id);
    let gone: Vec<&Model> = links.iter().filter(|link| is_gone(&link.external_id)).collect();
    let ids: Vec<i64> = gone.iter().map(|link| link.entity_id).collect();
    match entity {
        LinkEntity::Product => hide_products(step.work, &ids).await?,
        _ => hide_variants(step.work, &ids).await?,
    }
    // Пустой отпечаток: когда запись вернётся, она сравнится заново и выйдет на витрину.
    mark(step.work, &gone.iter().map(|link| link.id).collect::<Vec<_>>()).await?;
    let name = if entity == LinkEntity::Product { "product" } else { "variant" };
    for link in gone {
        let about = About { entity: name, external_id: &link.external_id, entity_id: Some(link.entity_id), line: 0 };
        step.hidden(about);
    }
    Ok((links.len() as u64 == PAGE).then_some(last))
}

async fn shown(work: &Work, source: &str, entity: LinkEntity, scope: &str, after: i64) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(Column::Id.gt(after))
        .filter(Column::Source.eq(source))
        .filter(Column::Entity.eq(entity))
        .filter(Column::Scope.eq(scope))
        .filter(Column::State.eq(LinkState::Shown))
        .order_by_asc(Column::Id)
        .limit(PAGE)
        .all(work.db())
        .await?;
    Ok(rows)
}

async fn mark(work: &Work, ids: &[i64]) -> Result<()> {
    for list in in_lists(ids) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(LinkState::Hidden))
            .col_expr(Column::Digest, Expr::value(""))
            .filter(Column::Id.is_in(list))
            .exec(work.db())
            .await?;
    }
    Ok(())
}

async fn hide_products(work: &mut Work, ids: &[i64]) -> Result<()> {
    let patch = ProductPatch { is_active: Some(false), ..ProductPatch::default() };
    for row in shelf::products(work, ids).await?.into_values().filter(|row| row.is_active) {
        update_product(work, row.id, &patch).await?;
    }
    Ok(())
}

async fn hide_variants(work: &mut Work, ids: &[i64]) -> Result<()> {
    for before in shelf::variants_by_id(work, ids).await?.into_iter().filter(|row| row.is_active) {
        let after = variant::Model { is_active: false, ..before.clone() };
        shelf::update_variant(work, &before, &after).await?;
    }
    Ok(())
}
