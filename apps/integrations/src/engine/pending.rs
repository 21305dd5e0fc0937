//! Цены и остатки, чей товар ещё не приходил: лежат в `import_pending` и применяются, когда он появится.

use std::collections::{HashMap, HashSet};

use kernel::data::{in_lists, insert_all};
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::NotSet, Set};

use super::digest;
use super::offers::Aspects;
use super::shelf::Card;
use super::step::Step;
use crate::formats::OfferRecord;
use crate::models::import_pending::{ActiveModel, Column, Entity, Model};

/// Забирает отложенное для товаров и вариантов, которые пришли сейчас.
pub async fn take(
    step: &mut Step<'_>,
    records: &[&OfferRecord],
    created: &HashMap<String, Card>,
) -> Result<Vec<OfferRecord>> {
    if !step.state.has_pending {
        return Ok(Vec::new());
    }
    let described: HashSet<&str> =
        records.iter().filter(|record| Aspects::of(record).info).map(|record| record.id.as_str()).collect();
    let mut products: Vec<&str> = records.iter().map(|record| record.product_id.as_str()).collect();
    products.extend(created.keys().map(String::as_str));
    products.sort_unstable();
    products.dedup();
    let mut taken = Vec::new();
    let mut ids = Vec::new();
    for row in by_products(step.work, step.source, &products).await? {
        if created.contains_key(&row.product_external_id) || described.contains(row.external_id.as_str()) {
            ids.push(row.id);
            taken.push(serde_json::from_str(&row.payload)?);
        }
    }
    for list in in_lists(&ids) {
        Entity::delete_many().filter(Column::Id.is_in(list)).exec(step.work.db()).await?;
    }
    Ok(taken)
}

async fn by_products(work: &Work, source: &str, products: &[&str]) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for list in in_lists(products) {
        let find = Entity::find().filter(Column::Source.eq(source)).filter(Column::ProductExternalId.is_in(list));
        rows.extend(find.all(work.db()).await?);
    }
    Ok(rows)
}

/// Откладывает. То же самое, отложенное раньше, не переписывается.
pub async fn keep(step: &mut Step<'_>, records: &[&OfferRecord]) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let mut products: Vec<&str> = records.iter().map(|record| record.product_id.as_str()).collect();
    products.sort_unstable();
    products.dedup();
    let rows = by_products(step.work, step.source, &products).await?;
    let mut known: HashMap<(String, String), Model> =
        rows.into_iter().map(|row| ((row.external_id.clone(), row.aspects.clone()), row)).collect();
    let mut fresh = Vec::new();
    for record in records {
        step.pending(&record.id, record.line);
        let aspects = Aspects::of(record).letters();
        let digest = digest::of(record)?;
        match known.remove(&(record.id.clone(), aspects.clone())) {
            Some(row) if row.digest == digest => {}
            Some(row) => rewrite(step.work, row.id, record, digest).await?,
            None => fresh.push(row(step.source, record, aspects, digest)?),
        }
    }
    step.state.has_pending = true;
    Ok(insert_all(step.work.db(), fresh).await?)
}

async fn rewrite(work: &Work, id: i64, record: &OfferRecord, digest: String) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Digest, Expr::value(digest))
        .col_expr(Column::Payload, Expr::value(serde_json::to_string(record)?))
        .filter(Column::Id.eq(id))
        .exec(work.db())
        .await?;
    Ok(())
}

fn row(source: &str, record: &OfferRecord, aspects: String, digest: String) -> Result<ActiveModel> {
    Ok(ActiveModel {
        id: NotSet,
        source: Set(source.to_owned()),
        product_external_id: Set(record.product_id.clone()),
        external_id: Set(record.id.clone()),
        aspects: Set(aspects),
        digest: Set(digest),
        payload: Set(serde_json::to_string(record)?),
    })
}
