//! Чтение и запись соответствий `import_links`.

use std::collections::HashMap;

use kernel::data::{in_lists, insert_all};
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::NotSet, QuerySelect, Set};

use crate::models::import_link::{ActiveModel, Column, Entity, LinkEntity, LinkState, Model};

/// Соответствия по внешним идам.
pub async fn load(
    work: &Work,
    source: &str,
    entity: LinkEntity,
    ids: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, Model>> {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::with_capacity(ids.len());
    for list in in_lists(&ids) {
        let rows = Entity::find()
            .filter(Column::Source.eq(source))
            .filter(Column::Entity.eq(entity))
            .filter(Column::ExternalId.is_in(list))
            .all(work.db())
            .await?;
        found.extend(rows.into_iter().map(|row| (row.external_id.clone(), row)));
    }
    Ok(found)
}

/// Пары «внешний ид → наш» целиком: разделы, свойства и значения держим в памяти всю загрузку.
pub async fn all(db: &impl ConnectionTrait, source: &str, entity: LinkEntity) -> Result<Vec<(String, i64)>> {
    let rows = Entity::find()
        .select_only()
        .columns([Column::ExternalId, Column::EntityId])
        .filter(Column::Source.eq(source))
        .filter(Column::Entity.eq(entity))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

/// Какие из наших записей уже заняты соответствием этого источника; рядом — приходила ли им цена.
pub async fn taken(work: &Work, source: &str, entity: LinkEntity, ids: &[i64]) -> Result<HashMap<i64, bool>> {
    let mut taken = HashMap::new();
    for list in in_lists(ids) {
        let rows: Vec<(i64, String)> = Entity::find()
            .select_only()
            .columns([Column::EntityId, Column::PriceDigest])
            .filter(Column::Source.eq(source))
            .filter(Column::Entity.eq(entity))
            .filter(Column::EntityId.is_in(list))
            .into_tuple()
            .all(work.db())
            .await?;
        taken.extend(rows.into_iter().map(|(id, price)| (id, !price.is_empty())));
    }
    Ok(taken)
}

/// Новое соответствие.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub entity: LinkEntity,
    pub external_id: String,
    pub entity_id: i64,
    pub digest: String,
    pub price_digest: String,
    pub stock_digest: String,
    pub state: LinkState,
}

impl NewLink {
    pub fn new(entity: LinkEntity, external_id: &str, entity_id: i64, digest: String) -> Self {
        Self {
            entity,
            external_id: external_id.to_owned(),
            entity_id,
            digest,
            price_digest: String::new(),
            stock_digest: String::new(),
            state: LinkState::Shown,
        }
    }
}

pub async fn insert(work: &Work, source: &str, scope: &str, links: Vec<NewLink>) -> Result<()> {
    let rows: Vec<ActiveModel> = links
        .into_iter()
        .map(|link| ActiveModel {
            id: NotSet,
            source: Set(source.to_owned()),
            entity: Set(link.entity),
            external_id: Set(link.external_id),
            scope: Set(scope.to_owned()),
            entity_id: Set(link.entity_id),
            digest: Set(link.digest),
            price_digest: Set(link.price_digest),
            stock_digest: Set(link.stock_digest),
            state: Set(link.state),
        })
        .collect();
    Ok(insert_all(work.db(), rows).await?)
}

/// Переписывает отпечатки и состояние.
pub async fn update(work: &Work, link: &Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Digest, Expr::value(link.digest.as_str()))
        .col_expr(Column::PriceDigest, Expr::value(link.price_digest.as_str()))
        .col_expr(Column::StockDigest, Expr::value(link.stock_digest.as_str()))
        .col_expr(Column::State, Expr::value(link.state))
        .col_expr(Column::Scope, Expr::value(link.scope.as_str()))
        .col_expr(Column::EntityId, Expr::value(link.entity_id))
        .filter(Column::Id.eq(link.id))
        .exec(work.db())
        .await?;
    Ok(())
}
