//! Что даст код и почему нет: ничего не занимает и не меняет.

use std::sync::Arc;

use catalog::models::product;
use catalog::queries::Sellable;
use kernel::{Ctx, Money, Result, Timestamp};
use sea_orm::ConnectionTrait;

use super::customers::{Buyer, Marks};
use crate::calculations::discount_of;
use crate::known::{self, Terms};
use crate::models::{Kind, promo_code};
use crate::{errors, queries};

/// Строка покупки глазами промокода.
#[derive(Clone, Debug)]
pub struct Line {
    pub product_id: i64,
    pub category_id: Option<i64>,
    pub kind: Kind,
    /// Цена на количество.
    pub amount: Money,
}

impl Line {
    pub fn of(good: &Sellable, amount: Money) -> Line {
        let kind = Kind::of(good.kind, good.order_type);
        Line { product_id: good.product_id, category_id: good.category_id, kind, amount }
    }

    pub(crate) fn of_product(product: &product::Model) -> Line {
        let kind = Kind::of(product.kind, product.order_type);
        Line { product_id: product.id, category_id: product.category_id, kind, amount: product.price }
    }
}

/// Скидка, которую даст код.
#[derive(Clone, Debug)]
pub struct Quote {
    pub promo: promo_code::Model,
    pub discount: Money,
    /// Сумма всех товаров покупки, до скидки и без доставки.
    pub goods: Money,
    /// Доли скидки по строкам, в порядке строк; у непокрытых — ноль.
    pub shares: Vec<Money>,
}

/// Считает скидку заказа по условиям кода или говорит, почему её не будет. Пределы решает притязание ([`super::claim`]); кто ничего не
/// занимает, спрашивает их сам ([`check_limits`]).
pub async fn quote(ctx: &Ctx, db: &impl ConnectionTrait, code: &str, lines: &[Line]) -> Result<Quote> {
    let terms = usable(ctx, db, code).await?;
    let Terms { promo, scope } = terms.as_ref();
    let covered: Vec<Money> =
        lines.iter().map(|line| if scope.covers(line) { line.amount } else { Money::ZERO }).collect();
    let discount = discount_of(promo.discount_percent, promo.discount_amount, covered.iter().copied().sum());
    if discount.is_zero() {
        return Err(errors::not_for_goods());
    }
    let goods = lines.iter().map(|line| line.amount).sum();
    check_sum(promo, goods)?;
    Ok(Quote { shares: discount.spread(&covered), promo: promo.clone(), discount, goods })
}

/// Остались ли использования у кода и у этого покупателя: по базе, какой она сейчас.
pub async fn check_limits(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    promo: &promo_code::Model,
    buyer: &Buyer,
) -> Result<()> {
    if promo.max_uses.is_some() {
        let now = queries::by_id(db, promo.id).await?.ok_or_else(errors::unknown)?;
        check_total(&now)?;
    }
    check_customer(ctx, db, promo, buyer).await
}

/// Годится ли код хотя бы для одного из товаров. Сумма и количество здесь неизвестны, поэтому наименьшая сумма не проверяется.
pub async fn validate(ctx: &Ctx, code: &str, buyer: &Buyer, product_ids: &[i64]) -> Result<promo_code::Model> {
    let db = ctx.db_fresh();
    let terms = usable(ctx, db, code).await?;
    let Terms { promo, scope } = terms.as_ref();
    let fits = scope.is_everything() || queries::lines_of(db, product_ids).await?.iter().any(|line| scope.covers(line));
    if !fits {
        return Err(errors::not_for_goods());
    }
    check_limits(ctx, db, promo, buyer).await?;
    Ok(promo.clone())
}

/// Код, который действует и не роздан, насколько помнит память. Показалось, что роздан, — спрашивается база: использование могли отпустить.
async fn usable(ctx: &Ctx, db: &impl ConnectionTrait, code: &str) -> Result<Arc<Terms>> {
    let terms = known::terms(ctx, db, code).await?.ok_or_else(errors::unknown)?;
    check_period(&terms.promo, ctx.now().naive_utc())?;
    if check_total(&terms.promo).is_err() {
        let now = queries::by_id(db, terms.promo.id).await?.ok_or_else(errors::unknown)?;
        check_total(&now)?;
    }
    Ok(terms)
}

/// Включён и в сроке; оба края входят.
fn check_period(promo: &promo_code::Model, now: Timestamp) -> Result<()> {
    let is_early = promo.valid_from.is_some_and(|from| now < from);
    if !promo.is_active || is_early {
        return Err(errors::inactive());
    }
    if promo.valid_until.is_some_and(|until| now > until) {
        return Err(errors::expired());
    }
    Ok(())
}

pub(super) fn check_total(promo: &promo_code::Model) -> Result<()> {
    let is_used_up = promo.max_uses.is_some_and(|max| promo.current_uses >= max);
    if is_used_up { Err(errors::used_up()) } else { Ok(()) }
}

fn check_sum(promo: &promo_code::Model, sum: Money) -> Result<()> {
    match promo.min_sum {
        Some(min) if sum < min => Err(errors::sum_too_small(min)),
        _ => Ok(()),
    }
}

/// Неназвавшийся пока проходит: его узнает притязание.
async fn check_customer(ctx: &Ctx, db: &impl ConnectionTrait, promo: &promo_code::Model, buyer: &Buyer) -> Result<()> {
    let Some(limit) = promo.max_uses_per_customer else { return Ok(()) };
    let keys = Marks::of(ctx, buyer).keys();
    let is_spent = !keys.is_empty() && queries::uses_by(db, promo.id, &keys).await? >= limit;
    if is_spent { Err(errors::already_used()) } else { Ok(()) }
}
