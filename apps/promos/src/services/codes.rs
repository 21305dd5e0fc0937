//! Завести, изменить, выключить промокод.

use std::collections::BTreeSet;

use catalog::models::{category, product};
use kernel::{Error, OnUnique, OrNotFound, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveValue, NotSet, QuerySelect, Set};

use crate::errors;
use crate::known::TOPIC;
use crate::models::promo_code::key_of;
use crate::models::*;
use crate::schemas::{Moment, PromoCodeIn, PromoCodePatch};

pub async fn create_code(work: &mut Work, input: &PromoCodeIn) -> Result<promo_code::Model> {
    let terms = PromoCodePatch::from(input.clone());
    check_terms(&terms, None)?;
    let now = work.timestamp();
    let blank =
        promo_code::ActiveModel { current_uses: Set(0), version: Set(0), created_at: Set(now), ..Default::default() };
    let promo = with_terms(blank, &terms, now).insert(work.db()).await.on_unique(errors::code_taken)?;
    bind_targets(work, promo.id, &terms).await?;
    Ok(promo)
}

/// Меняет присланное. Заказы держат снимок: новые условия — только для новых заказов.
pub async fn update_code(work: &mut Work, id: i64, patch: &PromoCodePatch) -> Result<promo_code::Model> {
    let before = PromoCode::find_by_id(id).lock_exclusive().one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    check_terms(patch, Some(&before))?;
    if patch.max_uses.flatten().is_some_and(|max| max < before.current_uses) {
        return Err(errors::max_uses_below(before.current_uses));
    }
    let version = Set(before.version + 1);
    let row = promo_code::ActiveModel { id: ActiveValue::Unchanged(id), version, ..Default::default() };
    let row = with_terms(row, patch, work.timestamp());
    let promo = row.update(work.db()).await.on_unique(errors::code_taken)?;
    bind_targets(work, id, patch).await?;
    work.invalidate(TOPIC);
    Ok(promo)
}

/// Столбцы присланных условий. Разобраны все поля: забытое не соберётся.
fn with_terms(row: promo_code::ActiveModel, terms: &PromoCodePatch, now: Timestamp) -> promo_code::ActiveModel {
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
        product_ids: _,
        category_ids: _,
        kinds,
    } = terms;
    promo_code::ActiveModel {
        code: set(code.as_ref().map(|code| code.trim().to_owned())),
        code_key: set(code.as_deref().map(key_of)),
        description: set(description.clone()),
        discount_percent: set(*discount_percent),
        discount_amount: set(*discount_amount),
        max_uses: set(*max_uses),
        max_uses_per_customer: set(*max_uses_per_customer),
        min_sum: set(*min_sum),
        kinds: set(kinds.as_deref().map(Kind::join)),
        valid_from: set(valid_from.as_ref().map(moment)),
        valid_until: set(valid_until.as_ref().map(moment)),
        is_active: set(*is_active),
        updated_at: Set(now),
        ..row
    }
}

/// Выключает: строка остаётся, на неё ссылаются заказы. Выключенный раньше — не ошибка.
pub async fn switch_off(work: &mut Work, id: i64) -> Result<()> {
    let switched = PromoCode::update_many()
        .col_expr(promo_code::Column::IsActive, Expr::value(false))
        .col_expr(promo_code::Column::Version, Expr::col(promo_code::Column::Version).add(1))
        .col_expr(promo_code::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(promo_code::Column::Id.eq(id))
        .exec(work.db())
        .await?;
    work.invalidate(TOPIC);
    (switched.rows_affected == 1).then_some(()).or_not_found(errors::NOT_FOUND)
}

fn set<T: Into<sea_orm::Value>>(value: Option<T>) -> ActiveValue<T> {
    value.map_or(NotSet, Set)
}

fn moment(given: &Option<Moment>) -> Option<Timestamp> {
    given.map(|moment| moment.0)
}

/// Условия, какими они станут: присланные, а где не прислано — прежние.
fn check_terms(terms: &PromoCodePatch, before: Option<&promo_code::Model>) -> Result<()> {
    let percent = terms.discount_percent.or(before.map(|code| code.discount_percent)).unwrap_or_default();
    let amount = terms.discount_amount.or(before.map(|code| code.discount_amount)).unwrap_or_default();
    if percent.is_zero() && amount.is_zero() {
        return Err(errors::no_discount());
    }
    let from = terms.valid_from.as_ref().map_or(before.and_then(|code| code.valid_from), moment);
    let until = terms.valid_until.as_ref().map_or(before.and_then(|code| code.valid_until), moment);
    match (from, until) {
        (Some(from), Some(until)) if until < from => Err(Error::invalid("valid_until", "out_of_range")),
        _ => Ok(()),
    }
}

async fn bind_targets(work: &Work, promo_id: i64, terms: &PromoCodePatch) -> Result<()> {
    if let Some(ids) = &terms.product_ids {
        bind_products(work, promo_id, ids).await?;
    }
    if let Some(ids) = &terms.category_ids {
        bind_categories(work, promo_id, ids).await?;
    }
    Ok(())
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
