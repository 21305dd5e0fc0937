//! Чтение промокодов и их использований.

use catalog::models::product;
use kernel::http::Paging;
use kernel::{Ctx, Result, Subject};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select};

use crate::models::promo_code::key_of;
use crate::models::*;
use crate::schemas::{PromoCodeFilter, PromoCodeList, PromoCodeOut};
use crate::services::Line;

pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<promo_code::Model>> {
    Ok(PromoCode::find_by_id(id).one(db).await?)
}

/// По коду, как бы его ни написали.
pub async fn by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<promo_code::Model>> {
    Ok(PromoCode::find().filter(promo_code::Column::CodeKey.eq(key_of(code))).one(db).await?)
}

/// Под фильтр сотрудника, новые первыми.
pub fn matching(filter: &PromoCodeFilter) -> Select<PromoCode> {
    let mut find = PromoCode::find().order_by_desc(promo_code::Column::Id);
    if let Some(is_active) = filter.is_active {
        find = find.filter(promo_code::Column::IsActive.eq(is_active));
    }
    if let Some(code) = &filter.code {
        find = find.filter(promo_code::Column::CodeKey.eq(key_of(code)));
    }
    find
}

/// Страница списка: два запроса и счётчик.
pub async fn promo_list(ctx: &Ctx, find: Select<PromoCode>, paging: &Paging) -> Result<PromoCodeList> {
    let total = find.clone().count(ctx.db_fresh()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db_fresh()).await?;
    let targets = targets_of(ctx.db_fresh(), rows.iter().map(|row| row.id).collect()).await?;
    let promo_codes = rows.into_iter().map(|row| PromoCodeOut::of(row, &targets)).collect();
    Ok(PromoCodeList { promo_codes, total, page: paging.page(), page_size: paging.limit })
}

pub async fn promo_out(db: &impl ConnectionTrait, promo: promo_code::Model) -> Result<PromoCodeOut> {
    let targets = targets_of(db, vec![promo.id]).await?;
    Ok(PromoCodeOut::of(promo, &targets))
}

/// Товары и разделы данных кодов, по порядку номеров.
pub async fn targets_of(db: &impl ConnectionTrait, promo_ids: Vec<i64>) -> Result<Vec<target::Model>> {
    let find = Target::find().filter(target::Column::PromoId.is_in(promo_ids));
    Ok(find.order_by_asc(target::Column::TargetId).all(db).await?)
}

/// Использование, записанное за владельцем: оно одно.
pub async fn use_of(db: &impl ConnectionTrait, owner: &Subject) -> Result<Option<promo_use::Model>> {
    let own = PromoUse::find()
        .filter(promo_use::Column::OwnerKind.eq(owner.kind.as_str()))
        .filter(promo_use::Column::OwnerId.eq(owner.id.as_str()));
    Ok(own.one(db).await?)
}

/// Сколько раз код занят покупателем; узнанным по нескольким приметам — по самой занятой.
pub async fn uses_by(db: &impl ConnectionTrait, promo_id: i64, customers: &[String]) -> Result<i64> {
    let most: Option<i64> = Customer::find()
        .select_only()
        .column(customer::Column::Uses)
        .filter(customer::Column::PromoId.eq(promo_id))
        .filter(customer::Column::Customer.is_in(customers))
        .order_by_desc(customer::Column::Uses)
        .into_tuple()
        .one(db)
        .await?;
    Ok(most.unwrap_or_default())
}

/// Товары глазами промокода; неизвестных в ответе нет.
pub async fn lines_of(db: &impl ConnectionTrait, product_ids: &[i64]) -> Result<Vec<Line>> {
    let found: Vec<product::Model> =
        product::Entity::find().filter(product::Column::Id.is_in(product_ids.iter().copied())).all(db).await?;
    Ok(found.iter().map(Line::of_product).collect())
}
