//! Завести, изменить, выключить промокод.

use std::collections::BTreeSet;

use catalog::models::{category, product};
use kernel::{Error, Money, OnUnique, OrNotFound, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, NotSet, QuerySelect, Set};

use crate::errors;
use crate::models::promo_code::key_of;
use crate::models::*;
use crate::schemas::{Moment, PromoCodeIn, PromoCodePatch};

pub async fn create_code(work: &mut Work, input: &PromoCodeIn) -> Result<promo_code::Model> {
    let PromoCodeIn {
        code,
        description,
        discount_percent,
        discount_amount,
        max_uses,
        max_uses_per_customer,
        min_sum,
        valid_from,
        valid_until,
        is_active,
        product_ids,
        category_ids,
        kinds,
    } = input;
    let percent = discount_percent.unwrap_or_default();
    let amount = discount_amount.unwrap_or_default();
    let (from, until) = (moment(valid_from), moment(valid_until));
    check_terms(percent, amount, from, until)?;
    let now = work.timestamp();
    let row = promo_code::ActiveModel {
        id: NotSet,
        code: Set(code.trim().to_owned()),
        code_key: Set(key_of(code)),
        description: Set(description.clone().unwrap_or_default()),
        discount_percent: Set(percent),
        discount_amount: Set(amount),
        max_uses: Set(*max_uses),
        max_uses_per_customer: Set(*max_uses_per_customer),
        current_uses: Set(0),
        min_sum: Set(*min_sum),
        kinds: Set(Kind::join(kinds)),
        valid_from: Set(from),
        valid_until: Set(until),
        is_active: Set(is_active.unwrap_or(true)),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let promo = row.insert(work.db()).await.on_unique(errors::code_taken)?;
    // Новому коду снимать нечего: пустые списки и не трогаем.
    if !product_ids.is_empty() {
        bind_products(work, promo.id, product_ids).await?;
    }
    if !category_ids.is_empty() {
        bind_categories(work, promo.id, category_ids).await?;
    }
    Ok(promo)
}

/// Меняет присланное. Заказы держат снимок: новые условия — только для новых заказов.
pub async fn update_code(work: &mut Work, id: i64, patch: &PromoCodePatch) -> Result<promo_code::Model> {
    let before = PromoCode::find_by_id(id).lock_exclusive().one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    let PromoCodePatch {
        code,
        description,
        discount_percent,
        discount_amount,
        max_uses,
        max_uses_per_customer,
        min_sum,
        valid_from,
        valid_until,
        is_active,
        product_ids,
        category_ids,
        kinds,
    } = patch;
    let row = promo_code::ActiveModel {
        id: ActiveValue::Unchanged(id),
        code: set(code.as_ref().map(|code| code.trim().to_owned())),
        code_key: set(code.as_deref().map(key_of)),
        description: set(description.clone()),
        discount_percent: set(*discount_percent),
        discount_amount: set(*discount_amount),
        max_uses: set(*max_uses),
        max_uses_per_customer: set(*max_uses_per_customer),
        current_uses: NotSet,
        min_sum: set(*min_sum),
        kinds: set(kinds.as_deref().map(Kind::join)),
        valid_from: set(valid_from.as_ref().map(moment)),
        valid_until: set(valid_until.as_ref().map(moment)),
        is_active: set(*is_active),
        created_at: NotSet,
        updated_at: Set(work.timestamp()),
    };
    check_terms(
        discount_percent.unwrap_or(before.discount_percent),
        discount_amount.unwrap_or(before.discount_amount),
        valid_from.as_ref().map_or(before.valid_from, moment),
        valid_until.as_ref().map_or(before.valid_until, moment),
    )?;
    if max_uses.flatten().is_some_and(|max| max < before.current_uses) {
        return Err(errors::max_uses_below(before.current_uses));
    }
    let promo = row.update(work.db()).await.on_unique(errors::code_taken)?;
    if let Some(ids) = product_ids {
        bind_products(work, id, ids).await?;
    }
    if let Some(ids) = category_ids {
        bind_categories(work, id, ids).await?;
    }
    Ok(promo)
}

/// Выключает: строка остаётся, на неё ссылаются заказы. Выключенный раньше — не ошибка.
pub async fn switch_off(work: &mut Work, id: i64) -> Result<()> {
    let switched = PromoCode::update_many()
        .col_expr(promo_code::Column::IsActive, Expr::value(false))
        .col_expr(promo_code::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(promo_code::Column::Id.eq(id))
        .exec(work.db())
        .await?;
    (switched.rows_affected == 1).then_some(()).or_not_found(errors::NOT_FOUND)
}

fn set<T: Into<sea_orm::Value>>(value: Option<T>) -> ActiveValue<T> {
    value.map_or(NotSet, Set)
}

fn moment(given: &Option<Moment>) -> Option<Timestamp> {
    given.map(|moment| moment.0)
}

fn check_terms(percent: Percent, amount: Money, from: Option<Timestamp>, until: Option<Timestamp>) -> Result<()> {
    if percent.is_zero() && amount.is_zero() {
        return Err(errors::no_discount());
    }
    match (from, until) {
        (Some(from), Some(until)) if until < from => Err(Error::invalid("valid_until", "out_of_range")),
        _ => Ok(()),
    }
}

async fn bind_products(work: &Work, promo_id: i64, ids: &[i64]) -> Result<()> {
    let ids: BTreeSet<i64> = ids.iter().copied().collect();
    let known = product::Entity::find().filter(product::Column::Id.is_in(ids.iter().copied())).count(work.db()).await?;
    if known != ids.len() as u64 {
        return Err(Error::invalid("product_ids", "catalog.unknown_reference"));
    }
    bind(work, promo_id, TargetKind::Product, ids).await
}

async fn bind_categories(work: &Work, promo_id: i64, ids: &[i64]) -> Result<()> {
    let ids: BTreeSet<i64> = ids.iter().copied().collect();
    let known =
        category::Entity::find().filter(category::Column::Id.is_in(ids.iter().copied())).count(work.db()).await?;
    if known != ids.len() as u64 {
        return Err(Error::invalid("category_ids", "catalog.unknown_reference"));
    }
    bind(work, promo_id, TargetKind::Category, ids).await
}

/// Заменяет список целиком.
async fn bind(work: &Work, promo_id: i64, kind: TargetKind, ids: BTreeSet<i64>) -> Result<()> {
    Target::delete_many()
        .filter(target::Column::PromoId.eq(promo_id))
        .filter(target::Column::Kind.eq(kind))
        .exec(work.db())
        .await?;
    if ids.is_empty() {
        return Ok(());
    }
    let row = |id: i64| target::ActiveModel { promo_id: Set(promo_id), kind: Set(kind), target_id: Set(id) };
    Target::insert_many(ids.into_iter().map(row)).exec_without_returning(work.db()).await?;
    Ok(())
}
